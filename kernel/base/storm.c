// SPDX-License-Identifier: MIT
/* Budgets of interrupt sources. The time is asked for only when one is used up. */
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
