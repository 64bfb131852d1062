/* SPDX-License-Identifier: MIT */
/*
 * A Linux with several vCPUs, as init makes it: each on a processor of its own, with its own
 * signals, in slots that meet nobody else's; only the first is started. Whatever fails on the way,
 * all that was made is on record for the supervisor to clean up.
 */
#include "tests/host/lib/test.h"

#include "init/arch.h"
#include "init/create.h"
#include "init/guest.h"
#include "init/linux.h"
#include "init/report.h"
#include "init/route.h"
#include "purlin/calls.h"
#include "runtime/slots.h"

#define VCPUS 3
#define MOST_SLOTS 256

const purlin_u64 arch_guest_linear_map = 0x1000, arch_guest_image_map = 0x2000;

/* A slot of init, and a slot of the guest. */
static struct {
	bool reserved, filled;
	purlin_u64 processor;  /* of a vCPU */
	purlin_u64 vcpu, word; /* that a signal is bound to */
} mine[MOST_SLOTS];
static purlin_u64 given[MOST_SLOTS];
static unsigned int calls_until_failure, calls_until_loss, started;
static purlin_u64 lost;
static struct component component;
static struct component_description wanted;

purlin_u64 route_lives_lost(const struct component *whose)
{
	(void)whose;
	return lost;
}

/* The Nth call that can fail does; a server ends with the Nth, which does not notice. */
static purlin_s64 outcome(void)
{
	if (calls_until_loss && !--calls_until_loss)
		lost++;
	return calls_until_failure && !--calls_until_failure ? PURLIN_NO_MEMORY : PURLIN_OK;
}

purlin_u64 slot_reserve(void)
{
	for (purlin_u64 slot = 100; slot < MOST_SLOTS; slot++) {
		if (mine[slot].reserved)
			continue;
		mine[slot].reserved = true;
		return slot;
	}
	fail_msg("no slot");
	return 0;
}

void slot_release(purlin_u64 slot)
{
	assert_true(mine[slot].reserved && !mine[slot].filled);
	mine[slot].reserved = false;
}

purlin_s64 purlin_vcpu_create(purlin_u64 pd, purlin_u64 slot, purlin_u64 processor,
			      purlin_u64 priority)
{
	purlin_s64 status = outcome();

	(void)pd;
	assert_int_equal(priority, wanted.priority);
	if (!status) {
		mine[slot].filled = true;
		mine[slot].processor = processor;
	}
	return status;
}

purlin_s64 purlin_signal_create(purlin_u64 account, purlin_u64 slot)
{
	purlin_s64 status = outcome();

	(void)account;
	mine[slot].filled = !status;
	return status;
}

purlin_s64 purlin_signal_bind_vcpu(purlin_u64 signal, purlin_u64 vcpu, purlin_u64 word)
{
	mine[signal].vcpu = vcpu;
	mine[signal].word = word;
	return outcome();
}

purlin_s64 purlin_pd_watch(purlin_u64 pd, purlin_u64 signal, purlin_u64 bits)
{
	(void)pd;
	(void)signal;
	(void)bits;
	return outcome();
}

purlin_s64 purlin_vcpu_start(purlin_u64 vcpu, purlin_u64 rip, purlin_u64 rsp, purlin_u64 first,
			     purlin_u64 second)
{
	assert_int_equal(vcpu, component.processors[0].thread);
	assert_int_equal(rip, 0x40 + arch_guest_image_map);
	assert_int_equal(rsp, 0);
	(void)first;
	(void)second;
	started++;
	return PURLIN_OK;
}

purlin_s64 component_create_pd(struct component *whose, purlin_u64 pages,
			       purlin_u64 capability_slots, purlin_u64 flags)
{
	(void)whose;
	(void)pages;
	(void)capability_slots;
	assert_int_equal(flags, PURLIN_PD_GUEST);
	return outcome();
}

purlin_s64 component_give(struct component *whose, purlin_u64 pd_slot, purlin_u64 from,
			  purlin_u64 rights, purlin_u64 badge)
{
	(void)whose;
	assert_int_equal(rights, ALL_BUT_DESTROY);
	assert_int_equal(badge, 0);
	assert_true(pd_slot < MOST_SLOTS && !given[pd_slot]);
	given[pd_slot] = from;
	return outcome();
}

/* The first vCPU's own slot among others. */
purlin_s64 component_fill_slots(struct component *whose)
{
	given[PURLIN_SLOT_THREAD] = whose->processors[0].thread;
	return outcome();
}

void slot_delete(purlin_u64 slot)
{
	assert_int_equal(slot, 0); /* no devices */
}

purlin_s64 guest_devices(struct new_guest *guest)
{
	(void)guest;
	return outcome();
}

purlin_s64 guest_memory(struct new_guest *guest)
{
	guest->entry = 0x40;
	return outcome();
}

purlin_s64 guest_hardware(struct new_guest *guest)
{
	(void)guest;
	return outcome();
}

purlin_s64 guest_sessions(struct new_guest *guest)
{
	(void)guest;
	return outcome();
}

purlin_s64 guest_map_kernel(struct new_guest *guest)
{
	(void)guest;
	return outcome();
}

static void check_vcpu(const struct new_guest *guest, unsigned int index)
{
	const struct component_processor *vcpu = &component.processors[index];

	assert_int_equal(given[guest->vcpu_slots[index]], vcpu->thread);
	for (unsigned int word = 0; word < PURLIN_EVENT_WORDS; word++) {
		purlin_u64 signal = vcpu->signals[word];

		assert_int_equal(given[guest->event_slots[index] + word], signal);
		assert_int_equal(mine[signal].vcpu, vcpu->thread);
		assert_int_equal(mine[signal].word, word);
	}
}

/* What the guest is told is true. */
purlin_s64 guest_tree(struct new_guest *guest)
{
	assert_int_equal(guest->vcpu_slots[0], PURLIN_SLOT_THREAD);
	assert_int_equal(guest->event_slots[0], PURLIN_SLOT_EVENTS);
	for (unsigned int i = 0; i < VCPUS; i++)
		check_vcpu(guest, i);
	/* The guest's own slots begin after all that was given. */
	assert_int_equal(guest->next_slot,
			 PURLIN_SLOT_FIRST_FREE + (VCPUS - 1) * (1 + PURLIN_EVENT_WORDS));
	for (purlin_u64 slot = guest->next_slot; slot < MOST_SLOTS; slot++)
		assert_int_equal(given[slot], 0);
	return outcome();
}

void report(const struct component *whose, const char *format, ...)
{
	(void)whose;
	(void)format;
}

static purlin_s64 start_failing_at(unsigned int call)
{
	memset(mine, 0, sizeof(mine));
	memset(given, 0, sizeof(given));
	memset(&component, 0, sizeof(component));
	started = 0;
	calls_until_failure = call;
	wanted = (struct component_description){
		.vcpus = VCPUS, .priority = 12, .cpu = 1, .processors = 0xb
	};
	component.description = &wanted;
	return linux_start(&component);
}

static void each_on_its_processor(void **state)
{
	static const purlin_u64 order[VCPUS] = { 1, 3, 0 };

	(void)state;
	assert_int_equal(start_failing_at(0), PURLIN_OK);
	assert_int_equal(started, 1);
	for (unsigned int i = 0; i < VCPUS; i++)
		assert_int_equal(mine[component.processors[i].thread].processor, order[i]);
	assert_int_equal(component.processors[VCPUS].thread, 0);
}

/* As the supervisor cleans up. */
static void drop_recorded(void)
{
	for (unsigned int i = 0; i < DESCRIPTION_VCPUS; i++) {
		mine[component.processors[i].thread].reserved = false;
		for (unsigned int word = 0; word < PURLIN_EVENT_WORDS; word++)
			mine[component.processors[i].signals[word]].reserved = false;
	}
}

static void failures_leave_nothing(void **state)
{
	unsigned int call = 1;

	(void)state;
	while (start_failing_at(call)) {
		assert_int_equal(started, 0);
		drop_recorded();
		for (purlin_u64 slot = 1; slot < MOST_SLOTS; slot++)
			assert_false(mine[slot].reserved);
		call++;
	}
	/* All of them were met: 12 signals alone are made, bound and given. */
	assert_true(call > 3 * VCPUS * PURLIN_EVENT_WORDS);
}

/* Whichever step was the last that needed the server. */
static void not_without_its_servers(void **state)
{
	unsigned int call = 0;

	(void)state;
	do {
		calls_until_loss = ++call;
		if (start_failing_at(0)) {
			assert_false(calls_until_loss);
			assert_int_equal(started, 0);
		}
	} while (!started);
	assert_true(calls_until_loss);
	assert_true(call > 3 * VCPUS * PURLIN_EVENT_WORDS);
	calls_until_loss = 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_on_its_processor),
		cmocka_unit_test(failures_leave_nothing),
		cmocka_unit_test(not_without_its_servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
