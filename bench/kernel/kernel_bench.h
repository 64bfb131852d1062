/* SPDX-License-Identifier: MIT */
/* Parts of the kernel benchmark to each other. */
#ifndef KERNEL_BENCH_H
#define KERNEL_BENCH_H

#include "purlin/types.h"

/* Of the measuring thread; who waits for a signal or an interrupt is more urgent. */
#define BENCH_PRIORITY 20
#define BENCH_WAITER_PRIORITY 24
#define BENCH_GUEST_PRIORITY 10

/* The TSC, ordered after what came before. */
static inline __attribute__((always_inline)) purlin_u64 bench_now(void)
{
	purlin_u32 low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (purlin_u64)high << 32 | low;
}

/*
 * Compute until *noted, the time somebody else notes, is no longer `before`; how long it took from
 * what was interrupted here to that note.
 */
static inline __attribute__((always_inline)) purlin_u64 bench_interrupted(const purlin_u64 *noted,
									  purlin_u64 before)
{
	purlin_u64 last, here = bench_now(), note;

	do {
		last = here;
		here = bench_now();
		note = __atomic_load_n(noted, __ATOMIC_RELAXED);
	} while (note == before);
	/* The interrupt came after the last look at the note, or after the one before. */
	return note - (note > here ? here : last);
}

/* What a call that must succeed gave; else the component panics. */
void bench_must(purlin_s64 status, const char *what);
/* A line: `ticks` for `count` operations. */
void bench_result(const char *name, purlin_u64 ticks, purlin_u64 count);
/*
 * The fewest ticks of some rounds of `count` operations. run() makes one round and says how long
 * it took; the first one only warms up.
 */
void bench_run(const char *name, purlin_u64 (*run)(void), purlin_u64 count);

void clock_claim(void);
extern purlin_u64 clock_irq, clock_ports; /* slots */

void bench_calls(void);
void bench_memory(void);
void bench_interrupts(void);
void bench_guest(void);

#endif
