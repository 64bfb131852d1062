/* SPDX-License-Identifier: MIT */
/* What the runtime has to know of the processor. Each folder lib/arch/NAME has the same names. */
#ifndef RUNTIME_ARCH_PROCESSOR_H
#define RUNTIME_ARCH_PROCESSOR_H

#include "purlin/types.h"

/* The counter that times are told in: it runs at one rate, alike on all processors. Ordered after
 * earlier loads, so that a time read after a message is not earlier than the message. */
static inline purlin_u64 tsc_now(void)
{
	purlin_u32 low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (purlin_u64)high << 32 | low;
}

/* The stack pointer a function is entered with when `top`, aligned to 16, is the end of its stack:
 * as after a call, 8 below a multiple of 16 (System V ABI, 3.2.2). */
static inline purlin_u64 arch_entry_stack(purlin_u64 top)
{
	return top - 8;
}

#endif
