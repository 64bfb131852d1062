/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_STOPPED_H
#define _ASM_PURLIN_STOPPED_H

#include <linux/percpu.h>
#include <linux/types.h>

#define CLOCK_NEVER (~0ULL)

/* Values of the TSC that a vCPU keeps, to find out whether the machine stood still. */
struct clock_watch {
	u64 read;     /* when timekeeping read the clock last */
	u64 deadline; /* what the timer waits for, or CLOCK_NEVER */
	u64 handler;  /* since when the timer's handler runs, or CLOCK_NEVER */
	u64 stopped;  /* ticks for which this vCPU saw the machine stand still */
};

DECLARE_PER_CPU(struct clock_watch, clock_watch);

/*
 * kernel/stopped.c. Nothing but a machine that stands still can have passed half a second or more
 * between the two: counted then. With interrupts off.
 */
bool stopped_between(u64 before, u64 after);

/*
 * The same for the deadline, which has not come, and for the timer's handler. With interrupts off,
 * but not for longer than this.
 */
void stopped_look(void);

#endif
