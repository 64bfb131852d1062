/* SPDX-License-Identifier: MIT */
/*
 * Lets threads of a child PD make random kernel calls on all processors, destroys it while they
 * run, and looks whether every page came back; again and again.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "fuzz.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/message.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/slots.h"
#include "runtime/thread.h"

#define ROUND_TICKS 100000000ull
#define SEED 0x9e3779b97f4a7c15ull
#define PRIORITY 10
#define CODE ((purlin_u64)__start_fuzz & ~(PURLIN_PAGE_SIZE - 1ull))
#define CODE_PAGES PAGES_OF((purlin_u64)__stop_fuzz - CODE)
#define DATA_PAGES (FUZZ_THREADS * (1 + FUZZ_STACK_PAGES))

static purlin_u64 code, data, timer, signal, account, pd, threads[FUZZ_THREADS];
static char *mapped;
static purlin_u64 calls, good;

static purlin_u64 now(void)
{
	return __builtin_ia32_rdtsc();
}

static void must(purlin_s64 result, const char *what)
{
	if (result)
		component_panic("call-fuzz: %s gave %ld", what, (long)result);
}

static purlin_u64 pages_free(void)
{
	purlin_u64 pages = 0;

	must(purlin_trace_counter(PURLIN_SLOT_LOG, PURLIN_COUNTER_FREE_PAGES, &pages),
	     "trace_counter");
	return pages;
}

static void prepare(void)
{
	void *at;

	must(memory_new_mapped(CODE_PAGES, 0, &code, &at), "memory");
	memcpy(at, (const void *)CODE, CODE_PAGES * PURLIN_PAGE_SIZE);
	must(memory_new_mapped(DATA_PAGES, 0, &data, &at), "memory");
	mapped = at;
	timer = slot_reserve();
	signal = slot_reserve();
	account = slot_reserve();
	pd = slot_reserve();
	must(purlin_timer_create(PURLIN_SLOT_ACCOUNT, timer), "timer_create");
	must(purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal), "signal_create");
	for (unsigned int i = 0; i < FUZZ_THREADS; i++)
		threads[i] = slot_reserve();
}

static struct fuzz *fuzz_of(unsigned int thread)
{
	return (struct fuzz *)(mapped + thread * PURLIN_PAGE_SIZE);
}

static void thread_make(unsigned int thread, purlin_u64 seed)
{
	purlin_u64 message = FUZZ_MESSAGES + thread * PURLIN_PAGE_SIZE;

	*fuzz_of(thread) = (struct fuzz){
		.random = seed,
		.message = (purlin_u64 *)message,
		.code = (purlin_u64)fuzz_end,
	};
	/* On a machine with one processor the second does not exist. */
	if (purlin_thread_create(pd, threads[thread], thread % 2, PRIORITY, message))
		must(purlin_thread_create(pd, threads[thread], 0, PRIORITY, message),
		     "thread_create");
	must(purlin_cap_copy(pd, PURLIN_SLOT_THREAD + thread, threads[thread], PURLIN_RIGHT_ALL, 0),
	     "cap_copy");
}

/* The ones before are at work: the thread may be gone already. */
static void thread_go(unsigned int thread)
{
	purlin_u64 stack =
		FUZZ_DATA + (FUZZ_THREADS + (thread + 1) * FUZZ_STACK_PAGES) * PURLIN_PAGE_SIZE;

	purlin_thread_start(threads[thread], (purlin_u64)fuzz_run, stack - 8,
			    FUZZ_DATA + thread * PURLIN_PAGE_SIZE);
}

static void child_make(purlin_u64 seed)
{
	/* From too little for anything interesting to plenty. */
	must(purlin_account_create(PURLIN_SLOT_ACCOUNT, account, 48 + seed % 400),
	     "account_create");
	memset(message()->word, 0, PURLIN_NAME_BYTES);
	memcpy(message()->word, "fuzz", 4);
	must(purlin_pd_create(account, pd, FUZZ_SLOTS, 0, PURLIN_PROCESSORS_OWN), "pd_create");
	must(purlin_memory_map(code, pd, CODE, 0, CODE_PAGES, PURLIN_MAP_READ | PURLIN_MAP_EXECUTE),
	     "map");
	must(purlin_memory_map(data, pd, FUZZ_DATA, 0, DATA_PAGES,
			       PURLIN_MAP_READ | PURLIN_MAP_WRITE),
	     "map");
	must(purlin_cap_copy(pd, PURLIN_SLOT_PD, pd, PURLIN_RIGHT_ALL, 0), "cap_copy");
	must(purlin_cap_copy(pd, PURLIN_SLOT_ACCOUNT, account, PURLIN_RIGHT_ALL, 0), "cap_copy");
	for (unsigned int i = 0; i < FUZZ_THREADS; i++)
		thread_make(i, (seed ^ (i + 1)) * 0xd1342543de82ef95ull | 1);
	for (unsigned int i = 0; i < FUZZ_THREADS; i++)
		thread_go(i);
}

/* The account first: all goes with it; or one after the other. */
static void child_end(bool whole)
{
	if (!whole) {
		purlin_object_destroy(threads[1]);
		purlin_object_destroy(pd);
	}
	must(purlin_object_destroy(account), "object_destroy");
	for (unsigned int i = 0; i < FUZZ_THREADS; i++) {
		calls += fuzz_of(i)->calls;
		good += fuzz_of(i)->good;
		must(purlin_cap_delete(PURLIN_SLOT_PD, threads[i]), "cap_delete");
	}
	must(purlin_cap_delete(PURLIN_SLOT_PD, pd), "cap_delete");
	must(purlin_cap_delete(PURLIN_SLOT_PD, account), "cap_delete");
}

static void play(unsigned int round)
{
	purlin_u64 bits;

	child_make((round + 1) * SEED);
	must(purlin_timer_set(timer, now() + ROUND_TICKS, signal, 1), "timer_set");
	must(purlin_signal_wait(signal, &bits), "signal_wait");
	child_end(round % 2);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 limit, used, before = 0, after, free_before = 0, free_after, start = 0;

	(void)argument;
	prepare();
	for (unsigned int round = 0; round < ROUNDS; round++) {
		play(round);
		must(purlin_account_info(PURLIN_SLOT_ACCOUNT, &limit, &used), "account_info");
		after = used;
		free_after = pages_free();
		/* The first round leaves pages of tables behind; later, others end and give pages
		 * back. */
		if (!round) {
			before = after;
			free_before = free_after;
			start = now();
		}
		if (after != before || free_after < free_before) {
			printf("FAILED round %u: %lu pages used, before %lu; %lu free, before "
			       "%lu\n",
			       round, after, before, free_after, free_before);
			return 1;
		}
	}
	printf("ok: %lu calls, %lu of them successful, %lu in a billion ticks; all pages came "
	       "back\n",
	       calls, good, calls * 1000 / ((now() - start) / 1000000 + 1));
	return 0;
}
