/* SPDX-License-Identifier: MIT */
/* Date and time at the start, which guests count on from. */
#include "wall_clock.h"

#include <stdio.h>

#include "arch.h"
#include "runtime/resources.h"

purlin_u64 wall_clock_ns, wall_clock_tsc;

void wall_clock_read(void)
{
	bool known = arch_wall_clock(&wall_clock_ns);

	wall_clock_tsc = tsc_now();
	if (!known)
		printf("no time from the clock chip: the date begins in 1970\n");
}
