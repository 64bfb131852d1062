/* SPDX-License-Identifier: MIT */
/* What the kernel's own operations cost: a line "NAME VALUE UNIT" each (bench/README.md). */
#include <stdio.h>

#include "../mark.h"
#include "kernel_bench.h"
#include "partner.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"

#define ROUNDS 5
#define SLICE_US 10000
#define LOOPS 100000ull /* of two instructions */

static const char *unit;

void bench_must(purlin_s64 status, const char *what)
{
	if (status)
		component_panic("kernel-bench: %s gave %ld", what, (long)status);
}

void bench_result(const char *name, purlin_u64 ticks, purlin_u64 count)
{
	purlin_u64 tenths = (ticks * 10 + count / 2) / count;

	printf("%s %lu.%lu %s\n", name, tenths / 10, tenths % 10, unit);
}

void bench_run(const char *name, purlin_u64 (*run)(void), purlin_u64 count)
{
	purlin_u64 best = ~0ull;

	run();
	MARK_RESET();
	for (unsigned int i = 0; i < ROUNDS; i++) {
		purlin_u64 ticks;

		MARK_BEGIN();
		ticks = run();
		MARK_END();
		best = ticks < best ? ticks : best;
	}
	MARK_REPORT();
	bench_result(name, best, count);
}

/* With QEMU's -icount shift=0 the TSC counts instructions, within what a timer interrupt takes. */
static const char *find_unit(void)
{
	purlin_u64 count = LOOPS, ticks, began = bench_now();

	__asm__ volatile("1: dec %0; jnz 1b" : "+r"(count) : : "cc");
	ticks = bench_now() - began;
	return ticks >= LOOPS * 2 && ticks < LOOPS * 2 + LOOPS / 20 ? "instructions" : "ticks";
}

int component_main(purlin_u64 argument)
{
	(void)argument;
	unit = find_unit();
	clock_claim();
	partner_start();
	bench_must(purlin_thread_schedule(PURLIN_SLOT_THREAD, BENCH_PRIORITY, SLICE_US),
		   "thread_schedule");
	bench_calls();
	bench_memory();
	bench_interrupts();
	bench_guest();
	printf("all measured\n");
	return 0;
}
