/* SPDX-License-Identifier: MIT */
/* Each session leaves a slot behind. */
#include "runtime/slots.h"
#include "seeded.h"

void seeded_at_close(void)
{
	(void)slot_reserve();
}

void seeded_at_death(void)
{
}
