// SPDX-License-Identifier: MIT
/*
 * Budgets of interrupt sources. Reading the time at each interrupt would slow down all of them, so
 * it is read only when a budget is used up: either the stretch is over then and a new one begins,
 * or the source was too fast.
 */
#include "base/storm.h"

#include "base/arch.h"

uint64_t storm_next(struct storm *storm)
{
	uint64_t now, end;

	if (++storm->count < STORM_INTERRUPTS)
		return 0;
	now = arch_time();
	end = storm->since + arch_time_hz() / 1000000 * STORM_STRETCH_US;
	storm->count = 0;
	storm->since = now < end ? end : now;
	return now < end ? end : 0;
}
