// SPDX-License-Identifier: MIT
/* Which fault is to be made, and those that are this architecture's. */
#include "checks_on/damage.h"

#include "arch/machine.h"
#include "arch/paging.h"
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

void __real_tlb_flush(uint64_t *processors, uint64_t id, uint64_t second_id,
		      const struct tlb_batch *batch);
void __wrap_tlb_flush(uint64_t *processors, uint64_t id, uint64_t second_id,
		      const struct tlb_batch *batch);

void __wrap_tlb_flush(uint64_t *processors, uint64_t id, uint64_t second_id,
		      const struct tlb_batch *batch)
{
	if (!(*processors & ~cpu_this()->bit) || !damage_lasts(DAMAGE_TRANSLATION))
		__real_tlb_flush(processors, id, second_id, batch);
}
