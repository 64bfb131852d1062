// SPDX-License-Identifier: MIT
/* Which fault is to be made. */
#include "checks_on/damage.h"

#include "arch/machine.h"
#include "base/types.h"
#include "debug/options.h"

#define ASKED_BEFORE_DAMAGE 10

bool damage_lasts(enum damage kind)
{
	static uint64_t wanted = ~0ull;

	if (wanted == ~0ull && !option_number(boot_info.command_line, "damage", &wanted))
		wanted = DAMAGE_NONE;
	return wanted == kind;
}

bool damage_due(enum damage kind)
{
	static unsigned int asked;

	return damage_lasts(kind) && ++asked == ASKED_BEFORE_DAMAGE;
}
