// SPDX-License-Identifier: MIT
/* The longest time with interrupts off, for each call and each other way into the kernel. */
#include "arch/checks.h"
#include "arch/context.h"
#include "arch/machine.h"
#include "base/arch.h"
#include "checks_on/walk.h"
#include "core/call.h"
#include "debug/log.h"
#include "object/thread.h"
#include "own.h"

#define CALLS 64
#define VECTORS 0x104 /* with CHECKS_IDLE, CHECKS_HAND_OVER and CHECKS_QUICK */

#define WORTH_TELLING 1000 /* ticks */

static uint64_t longest[CALLS + VECTORS], told[CALLS + VECTORS];
/* Of the entry at hand: each processor its own. */
static struct {
	uint64_t start;
	uint64_t way;	 /* a call's number, or CALLS + vector */
	uint64_t checks; /* when they began */
} entered[CPU_MAX];

static void begin(uint64_t way)
{
	unsigned int id = cpu_this()->id;

	entered[id].way = way;
	entered[id].start = arch_time();
}

void checks_enter_call(void)
{
	const struct thread *thread = cpu_this()->current;
	uint64_t number = thread ? arch_call_number(thread) : 0;

	begin(number < CALLS ? number : CALLS - 1);
}

void checks_enter(uint64_t vector)
{
	begin(CALLS + (vector < VECTORS ? vector : 0));
}

static void tell(uint64_t way)
{
	if (way < CALLS)
		log_print("interrupts off: %lu ticks, call %s\n", longest[way], call_name(way));
	else if (way == CALLS + CHECKS_IDLE)
		log_print("interrupts off: %lu ticks, from idle\n", longest[way]);
	else if (way == CALLS + CHECKS_HAND_OVER)
		log_print("interrupts off: %lu ticks, batch\n", longest[way]);
	else if (way == CALLS + CHECKS_QUICK)
		log_print("interrupts off: %lu ticks, short batch\n", longest[way]);
	else
		log_print("interrupts off: %lu ticks, vector %lu\n", longest[way], way - CALLS);
}

/* The log and the clock of those who wait are the kernel lock's. */
static bool unlocked(void)
{
	return entered[cpu_this()->id].way == CALLS + CHECKS_QUICK;
}

/* However the machine ends, the log has had each time to within a quarter. */
static void end(bool again)
{
	unsigned int id = cpu_this()->id;
	uint64_t time = arch_time() - entered[id].start;
	uint64_t way = entered[id].way;

	/* The first exit of a processor has no entry. */
	if (!entered[id].start)
		return;
	entered[id].start = again ? arch_time() : 0;
	if (time <= longest[way])
		return;
	longest[way] = time;
	if (unlocked() || time < WORTH_TELLING || time - told[way] <= told[way] / 4)
		return;
	told[way] = time;
	tell(way);
}

void times_leave(void)
{
	end(false);
}

void checks_leave_unlocked(void)
{
	end(false);
}

void checks_polled(void)
{
	end(true);
}

/* The times first and last: what lies between them is not the kernel's. */
void arch_checks_begin(void)
{
	entered[cpu_this()->id].checks = arch_time();
	if (!unlocked())
		waits_stop_clock();
}

void arch_checks_end(void)
{
	unsigned int id = cpu_this()->id;

	if (!unlocked())
		waits_start_clock();
	entered[id].start += arch_time() - entered[id].checks;
}

void checks_report(void)
{
	walk_all();
	for (uint64_t way = 0; way < CALLS + VECTORS; way++)
		if (longest[way])
			tell(way);
	waits_report();
	/* The machine is about to reset: nobody else would send it. */
	log_flush();
}
