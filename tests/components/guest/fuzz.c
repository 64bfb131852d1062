/* SPDX-License-Identifier: MIT */
/*
 * Lets guests with two vCPUs, on two processors if there are, do anything at random; destroys
 * each while it runs and looks whether every page came back.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/vcpu.h"
#include "report.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/slots.h"
#include "runtime/thread.h"

extern const char guest_image[], guest_image_end[];

#define TURNS 30 /* in a round: after each both vCPUs get an event */
#define TURN_TICKS 5000000ull
#define SEED 0x9e3779b97f4a7c15ull
#define SLOTS 256
#define PRIORITY 10
#define ENDED 1
#define TIME_IS_UP 2

static purlin_u64 account, pd, first, second, ram, extra, events, timer, wake[2];
static char *mapped;
static purlin_u64 steps, stopped;

static void must(purlin_s64 result, const char *what)
{
	if (result)
		component_panic("guest-fuzz: %s gave %ld", what, (long)result);
}

static void give(purlin_u64 to, purlin_u64 from)
{
	must(purlin_cap_copy(pd, to, from, PURLIN_RIGHT_ALL, 0), "cap_copy");
}

static void memory_make(purlin_u64 seed)
{
	struct report *report;
	void *at;

	must(memory_new_mapped(GUEST_RAM_PAGES, PURLIN_MEMORY_CONTIGUOUS, &ram, &at), "memory");
	must(memory_new(PURLIN_SLOT_ACCOUNT, GUEST_MEMORY_PAGES, PURLIN_MEMORY_CONTIGUOUS, &extra),
	     "memory");
	mapped = at;
	memcpy(mapped + GUEST_IMAGE_ADDRESS, guest_image, (size_t)(guest_image_end - guest_image));
	report = (struct report *)(mapped + GUEST_REPORT_ADDRESS);
	report->seed = seed;
	must(purlin_guest_attach(pd, 0, ram, 0, GUEST_RAM_PAGES,
				 PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_EXECUTE),
	     "guest_attach");
	must(purlin_guest_map(pd, GUEST_LINEAR_BASE, 0, GUEST_RAM_PAGES,
			      PURLIN_MAP_READ | PURLIN_MAP_WRITE),
	     "guest_map");
	must(purlin_guest_map(pd, GUEST_IMAGE_BASE, 0, GUEST_RAM_PAGES,
			      PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_EXECUTE),
	     "guest_map");
}

static void guest_make(purlin_u64 seed)
{
	must(purlin_account_create(PURLIN_SLOT_ACCOUNT, account, 60 + seed % 500),
	     "account_create");
	memset(message()->word, 0, PURLIN_NAME_BYTES);
	memcpy(message()->word, "guest", 5);
	must(purlin_pd_create(account, pd, SLOTS, PURLIN_PD_GUEST, PURLIN_PROCESSORS_OWN),
	     "pd_create");
	must(purlin_pd_watch(pd, events, ENDED), "pd_watch");
	memory_make(seed);
	must(purlin_vcpu_create(pd, first, 0, PRIORITY), "vcpu_create");
	if (purlin_vcpu_create(pd, second, 1, PRIORITY))
		must(purlin_vcpu_create(pd, second, 0, PRIORITY), "vcpu_create");
	for (unsigned int i = 0; i < 2; i++) {
		must(purlin_signal_create(account, wake[i]), "signal_create");
		must(purlin_signal_bind_vcpu(wake[i], i ? second : first, 1), "signal_bind_vcpu");
		give(PURLIN_SLOT_EVENTS + i, wake[i]);
	}
	give(PURLIN_SLOT_PD, pd);
	give(PURLIN_SLOT_ACCOUNT, account);
	give(PURLIN_SLOT_THREAD, first);
	give(GUEST_SLOT_SECOND, second);
	give(GUEST_SLOT_RAM, ram);
	give(GUEST_SLOT_MEMORY, extra);
	must(purlin_vcpu_start(first, GUEST_IMAGE_BASE + GUEST_IMAGE_ADDRESS, 0, GUEST_FUZZ, 0),
	     "vcpu_start");
	must(purlin_vcpu_start(second, GUEST_IMAGE_BASE + GUEST_IMAGE_ADDRESS, 0, GUEST_FUZZ, 1),
	     "vcpu_start");
}

static void delete (purlin_u64 slot)
{
	must(purlin_cap_delete(PURLIN_SLOT_PD, slot), "cap_delete");
}

/* Any part may go first, while the others run; the guest may have destroyed some itself. */
static void guest_end(unsigned int order)
{
	const struct report *report = (const struct report *)(mapped + GUEST_REPORT_ADDRESS);
	purlin_u64 all[4] = { account, pd, second, ram };

	purlin_object_destroy(all[order % 4]);
	purlin_object_destroy(pd);
	purlin_object_destroy(account);
	delete (wake[0]);
	delete (wake[1]);
	delete (first);
	delete (second);
	delete (pd);
	delete (account);
	/* If the guest has destroyed its RAM, it is not mapped any more. */
	if (order % 4 != 3 && !purlin_memory_info(ram, &(purlin_u64){ 0 }, &(purlin_u64){ 0 }))
		steps += report->steps[0] + report->steps[1];
	memory_unmap(mapped);
	purlin_object_destroy(ram);
	purlin_object_destroy(extra);
	slot_delete(ram);
	slot_delete(extra);
}

/* A turn; true if the guest ended in it. What waits or spins in user mode goes on with the event.
 */
static bool turn(void)
{
	purlin_u64 bits;

	must(purlin_timer_set(timer, __builtin_ia32_rdtsc() + TURN_TICKS, events, TIME_IS_UP),
	     "timer_set");
	must(purlin_signal_wait(events, &bits), "signal_wait");
	purlin_signal_notify(wake[0], 1);
	purlin_signal_notify(wake[1], 1);
	return bits & ENDED;
}

static void play(unsigned int round)
{
	purlin_u64 bits;

	guest_make((round + 1) * SEED);
	for (unsigned int i = 0; i < TURNS; i++) {
		if (turn()) {
			stopped++;
			break;
		}
	}
	guest_end(round);
	must(purlin_timer_set(timer, ~0ull, events, TIME_IS_UP), "timer_set");
	purlin_signal_poll(events, &bits);
}

static void prepare(void)
{
	account = slot_reserve();
	pd = slot_reserve();
	first = slot_reserve();
	second = slot_reserve();
	events = slot_reserve();
	wake[0] = slot_reserve();
	wake[1] = slot_reserve();
	timer = slot_reserve();
	must(purlin_signal_create(PURLIN_SLOT_ACCOUNT, events), "signal_create");
	must(purlin_timer_create(PURLIN_SLOT_ACCOUNT, timer), "timer_create");
}

int component_main(purlin_u64 argument)
{
	purlin_u64 limit, used, before = 0;

	(void)argument;
	prepare();
	for (unsigned int round = 0; round < ROUNDS; round++) {
		play(round);
		must(purlin_account_info(PURLIN_SLOT_ACCOUNT, &limit, &used), "account_info");
		/* The first four rounds leave tables behind. */
		if (round < 4)
			before = used;
		if (used != before) {
			printf("FAILED round %u: %lu pages used, before %lu\n", round, used,
			       before);
			return 1;
		}
	}
	printf("ok: %lu steps in %u rounds, %lu of them ended by the kernel; all pages came back\n",
	       steps, ROUNDS, stopped);
	return 0;
}
