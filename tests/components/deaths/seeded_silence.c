/* SPDX-License-Identifier: MIT */
/* The server does not die but falls silent. */
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/slots.h"
#include "seeded.h"

void seeded_at_close(void)
{
}

void seeded_at_death(void)
{
	purlin_u64 silence = slot_reserve(), bits;

	(void)purlin_signal_create(PURLIN_SLOT_ACCOUNT, silence);
	(void)purlin_signal_wait(silence, &bits);
}
