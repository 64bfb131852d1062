/* SPDX-License-Identifier: MIT */
/*
 * Runs the guest image with several vCPUs (image/several.c), and takes a guest away whose root
 * another processor has loaded.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/vcpu.h"
#include "run.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/slots.h"
#include "runtime/thread.h"

#define PIECES 256 /* of one page, as tables are: more than the guest had */
#define PAUSES 100000
#define PRIORITY 1

static purlin_u64 asked, answered; /* signals: of a thread on processor 1, and its answer */

static struct report *report_of(const struct guest *guest)
{
	return (struct report *)(guest->ram + GUEST_REPORT_ADDRESS);
}

static purlin_u64 turns(const struct guest *guest)
{
	return __atomic_load_n(&report_of(guest)->turns, __ATOMIC_ACQUIRE);
}

/* Its processor has gone idle: only the root is left of it there. */
static void await_rest(const struct guest *guest)
{
	const struct purlin_vcpu_state *state = (void *)(guest->ram + report_of(guest)->state);

	while (__atomic_load_n(&state->running, __ATOMIC_ACQUIRE))
		;
}

/* The pages that were tables are somebody else's now, with other contents. */
static void reuse_pages(void)
{
	purlin_u64 memory[PIECES];
	void *address;

	for (unsigned int i = 0; i < PIECES; i++) {
		must(memory_new_mapped(1, 0, &memory[i], &address), "memory");
		memset(address, 0xff, PURLIN_PAGE_SIZE);
		memory_unmap(address);
	}
	for (unsigned int i = 0; i < PIECES; i++) {
		must(purlin_object_destroy(memory[i]), "object_destroy");
		slot_delete(memory[i]);
	}
}

static void answer(void *argument)
{
	purlin_u64 bits;

	(void)argument;
	while (!purlin_signal_wait(asked, &bits))
		purlin_signal_notify(answered, 1);
}

/* Processor 1 wakes with what the guest has left in it. */
static void use_processor(void)
{
	purlin_u64 bits;

	purlin_signal_notify(asked, 1);
	must(purlin_signal_wait(answered, &bits), "signal_wait");
}

/* Destroyed is its PD, or the account that has paid for it and its tables. */
static void take_away(enum guest_mode mode, bool account, const char *name)
{
	struct guest guest;
	purlin_u64 count;

	guest_make(&guest, mode);
	guest_start(&guest, mode);
	while (!turns(&guest))
		;
	if (mode == GUEST_WAITS)
		await_rest(&guest);
	must(purlin_object_destroy(account ? guest.account : guest.pd), "object_destroy");
	count = turns(&guest);
	reuse_pages();
	for (unsigned int i = 0; i < PAUSES; i++)
		__asm__ volatile("pause");
	line(name, turns(&guest) == count, turns(&guest), count);
	use_processor();
	line("  its processor goes on", true, 0, 0);
	if (!account)
		must(purlin_object_destroy(guest.account), "object_destroy");
	guest_forget(&guest);
}

static void answerer_make(void)
{
	purlin_u64 thread;

	asked = slot_reserve();
	answered = slot_reserve();
	must(purlin_signal_create(PURLIN_SLOT_ACCOUNT, asked), "signal_create");
	must(purlin_signal_create(PURLIN_SLOT_ACCOUNT, answered), "signal_create");
	must(thread_spawn(answer, NULL, 1, PRIORITY, &thread), "thread_spawn");
}

static void take_roots_away(void)
{
	take_away(GUEST_SPINS, false, "a guest ends while its root is loaded elsewhere");
	take_away(GUEST_SPINS, true, "the same by its account");
	take_away(GUEST_WAITS, false, "a guest ends that its processor was left with");
	take_away(GUEST_WAITS, true, "the same by its account");
}

int component_main(purlin_u64 argument)
{
	purlin_u64 limit, before, after;

	(void)argument;
	answerer_make();
	/* The first guests leave tables behind. */
	take_roots_away();
	play_checks(GUEST_SEVERAL);
	must(purlin_account_info(PURLIN_SLOT_ACCOUNT, &limit, &before), "account_info");
	play_checks(GUEST_SEVERAL);
	take_roots_away();
	must(purlin_account_info(PURLIN_SLOT_ACCOUNT, &limit, &after), "account_info");
	line("nothing of the guests is left in the account", after <= before, after, before);
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
