/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_TIMEX_H
#define _ASM_PURLIN_TIMEX_H

#include <linux/types.h>

typedef unsigned long cycles_t;

static __always_inline u64 purlin_tsc(void)
{
	u32 low, high;

	asm volatile("rdtsc" : "=a" (low), "=d" (high));
	return low | ((u64)high << 32);
}

static inline cycles_t get_cycles(void)
{
	return purlin_tsc();
}

#define get_cycles get_cycles
#define random_get_entropy() ((unsigned long)get_cycles())

/* Of the clock interrupt of the IBM PC; only used by generic arithmetic. */
#define CLOCK_TICK_RATE 1193182

#endif
