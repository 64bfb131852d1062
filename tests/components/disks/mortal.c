/* SPDX-License-Identifier: MIT */
/* How long a server of disks lives: any number of stores, from a few to some hundreds. */
#include "mortal.h"
#include "runtime/arch/processor.h"

#define SHORTEST 20 /* more than a start takes, so that each life does something */
#define SPREAD 1500

void mortal_step(void)
{
	static unsigned int left;

	if (!left)
		left = SHORTEST + (unsigned int)(tsc_now() >> 4) % SPREAD;
	if (!--left)
		__builtin_trap();
}
