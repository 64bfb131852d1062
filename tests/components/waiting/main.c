/* SPDX-License-Identifier: MIT */
/*
 * A thread on each processor takes pages away that all of them may have in their TLBs, as fast as
 * it can: each call needs the kernel's lock, and most need an answer from all other processors. The
 * debug kernel measures how long that makes them wait.
 */
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/slots.h"
#include "runtime/thread.h"

#define ROUNDS 16
#define PRIORITY 10
#define PROCESSORS 64

static purlin_u64 finished; /* signal: a bit for each processor */
static purlin_u64 never;    /* signal that nobody notifies */
static purlin_u64 wrong;

/* From a single page to more than one table of them. */
static const purlin_u64 sizes[] = { 1, 8, 64, 600 };
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

/* Each page is used, so that it is in a TLB, and has to be empty at first. */
static void use(volatile purlin_u64 *words, purlin_u64 pages, purlin_u64 mark)
{
	for (purlin_u64 page = 0; page < pages; page++) {
		volatile purlin_u64 *word = &words[page * (PURLIN_PAGE_SIZE / sizeof(*words))];

		if (*word)
			__atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
		*word = mark;
	}
}

static void take_turns(purlin_u64 mark)
{
	for (unsigned int round = 0; round < ROUNDS; round++) {
		purlin_u64 pages = sizes[(round + mark) % SIZES], memory;
		void *address;

		if (memory_new_mapped(pages, 0, &memory, &address))
			component_panic("no memory");
		use(address, pages, mark);
		/* Every other time the mapping goes with the memory. */
		if (round % 2)
			memory_unmap(address);
		if (purlin_object_destroy(memory))
			component_panic("object_destroy");
		if (!(round % 2))
			memory_unmap(address);
		slot_delete(memory);
	}
}

static void work(void *argument)
{
	purlin_u64 processor = (purlin_u64)argument, bits;

	take_turns(processor + 1);
	purlin_signal_notify(finished, 1ull << processor);
	/* Not ended: its stack stays mapped as those of the others. */
	purlin_signal_wait(never, &bits);
	purlin_thread_exit(0);
}

static purlin_u64 own_processors(void)
{
	purlin_u64 state, reason, address;

	if (purlin_pd_status(PURLIN_SLOT_PD, &state, &reason, &address))
		component_panic("pd_status");
	return message()->word[PURLIN_STATUS_PROCESSORS];
}

int component_main(purlin_u64 argument)
{
	purlin_u64 wanted = own_processors(), got = 0, bits, slot;

	(void)argument;
	finished = slot_reserve();
	never = slot_reserve();
	if (purlin_signal_create(PURLIN_SLOT_ACCOUNT, finished) ||
	    purlin_signal_create(PURLIN_SLOT_ACCOUNT, never))
		component_panic("signal_create");
	for (purlin_u64 processor = 0; processor < PROCESSORS; processor++) {
		if (wanted >> processor & 1 &&
		    thread_spawn(work, (void *)processor, processor, PRIORITY, &slot))
			component_panic("thread_spawn");
	}
	while (got != wanted && !purlin_signal_wait(finished, &bits))
		got |= bits;
	check_equal("processors that have come to their end", got, wanted);
	check_equal("pages that were not empty", wrong, 0);
	return check_sum();
}
