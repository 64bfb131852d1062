// SPDX-License-Identifier: MIT
/* Capability tables, the dispatcher's checks, accounts. */
#include "kernel_support.h"

#include "object/io_port.h"

static void dispatcher_refuses(void **state)
{
	(void)state;
	assert_int_equal(call(core, PURLIN_CALLS, 0, 0, 0, 0, 0, 0), PURLIN_BAD_CALL);
	assert_int_equal(call(core, ~0ull, 0, 0, 0, 0, 0, 0), PURLIN_BAD_CALL);
	/* A vCPU's call by a thread. */
	assert_int_equal(do_call(core, VCPU_APPLY), PURLIN_BAD_CALL);
	/* Empty, out of range, wrong type. */
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, SLOT_NEW, 1), PURLIN_BAD_CAPABILITY);
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, 0, 1), PURLIN_BAD_CAPABILITY);
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, 1024, 1), PURLIN_BAD_CAPABILITY);
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, ~0ull, 1), PURLIN_BAD_CAPABILITY);
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, PURLIN_SLOT_PD, 1), PURLIN_BAD_CAPABILITY);
}

static void rights_and_death(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, SIGNAL_CREATE, PURLIN_SLOT_ACCOUNT, SLOT_NEW), PURLIN_OK);
	give(PURLIN_SLOT_PD, SLOT_NEW + 1, SLOT_NEW, PURLIN_RIGHT_READ, 0);
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, SLOT_NEW + 1, 1), PURLIN_NO_RIGHT);
	assert_int_equal(do_call(core, OBJECT_DESTROY, SLOT_NEW + 1), PURLIN_NO_RIGHT);
	assert_int_equal(do_call(core, OBJECT_DESTROY, SLOT_NEW), PURLIN_OK);
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, SLOT_NEW, 1), PURLIN_DEAD);
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, SLOT_NEW + 1, 1), PURLIN_DEAD);
	assert_int_equal(do_call(core, OBJECT_DESTROY, SLOT_NEW), PURLIN_DEAD);
	assert_int_equal(do_call(core, CAP_INFO, SLOT_NEW), PURLIN_DEAD);
	assert_int_equal(do_call(core, CAP_COPY, PURLIN_SLOT_PD, SLOT_NEW + 2, SLOT_NEW, ~0u, 0),
			 PURLIN_DEAD);
	assert_int_equal(do_call(core, CAP_DELETE, PURLIN_SLOT_PD, SLOT_NEW), PURLIN_OK);
	assert_int_equal(do_call(core, CAP_DELETE, PURLIN_SLOT_PD, SLOT_NEW + 1), PURLIN_OK);
}

static void copy_and_info(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, ENDPOINT_CREATE, PURLIN_SLOT_ACCOUNT, SLOT_NEW), PURLIN_OK);
	assert_int_equal(do_call(core, ENDPOINT_CREATE, PURLIN_SLOT_ACCOUNT, SLOT_NEW),
			 PURLIN_SLOT_IN_USE);
	assert_int_equal(do_call(core, ENDPOINT_CREATE, PURLIN_SLOT_ACCOUNT, 0),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, ENDPOINT_CREATE, PURLIN_SLOT_ACCOUNT, 1024),
			 PURLIN_BAD_ARGUMENT);

	give(PURLIN_SLOT_PD, SLOT_NEW + 1, SLOT_NEW, PURLIN_RIGHT_WRITE, 42);
	assert_int_equal(do_call(core, CAP_INFO, SLOT_NEW + 1), PURLIN_OK);
	assert_int_equal(result(core, 0), PURLIN_TYPE_ENDPOINT);
	assert_int_equal(result(core, 1), PURLIN_RIGHT_WRITE);
	assert_int_equal(result(core, 2), 42);
	assert_int_equal(do_call(core, CAP_INFO, SLOT_NEW + 7), PURLIN_OK);
	assert_int_equal(result(core, 0), PURLIN_TYPE_NONE);
	assert_int_equal(do_call(core, CAP_INFO, 1024), PURLIN_BAD_ARGUMENT);

	/* Badged already; another type; slot full; nothing there. */
	assert_int_equal(do_call(core, CAP_COPY, PURLIN_SLOT_PD, 30, SLOT_NEW + 1, ~0u, 43),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, CAP_COPY, PURLIN_SLOT_PD, 30, PURLIN_SLOT_PD, ~0u, 1),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, CAP_COPY, PURLIN_SLOT_PD, SLOT_NEW, SLOT_NEW + 1, ~0u, 0),
			 PURLIN_SLOT_IN_USE);
	assert_int_equal(do_call(core, CAP_COPY, PURLIN_SLOT_PD, 0, SLOT_NEW, ~0u, 0),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, CAP_COPY, PURLIN_SLOT_PD, 30, 31, ~0u, 0),
			 PURLIN_BAD_CAPABILITY);
	/* The badge stays with copies of copies; rights only shrink. */
	give(PURLIN_SLOT_PD, 30, SLOT_NEW + 1, PURLIN_RIGHT_ALL, 0);
	assert_int_equal(do_call(core, CAP_INFO, 30), PURLIN_OK);
	assert_int_equal(result(core, 1), PURLIN_RIGHT_WRITE);
	assert_int_equal(result(core, 2), 42);

	assert_int_equal(do_call(core, CAP_DELETE, PURLIN_SLOT_PD, 1024), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, CAP_DELETE, PURLIN_SLOT_PD, 555), PURLIN_OK);
	/* The endpoint ends with its last capability. */
	assert_int_equal(do_call(core, CAP_DELETE, PURLIN_SLOT_PD, SLOT_NEW), PURLIN_OK);
	assert_int_equal(do_call(core, CAP_DELETE, PURLIN_SLOT_PD, 30), PURLIN_OK);
	assert_int_equal(do_call(core, ENDPOINT_CALL, SLOT_NEW + 1, 0), WAITS);
}

static void table_is_paid_by_page(void **state)
{
	uint64_t before;

	(void)state;
	assert_int_equal(do_call(core, PD_CREATE, PURLIN_SLOT_ACCOUNT, SLOT_NEW, 65536, 0,
				 PURLIN_PROCESSORS_OWN),
			 PURLIN_OK);
	before = root.used;
	give(SLOT_NEW, 65535, PURLIN_SLOT_LOG, PURLIN_RIGHT_ALL, 0);
	assert_int_equal(root.used, before + 1);
	give(SLOT_NEW, 65534, PURLIN_SLOT_LOG, PURLIN_RIGHT_ALL, 0);
	assert_int_equal(root.used, before + 1);
	assert_int_equal(do_call(core, CAP_COPY, SLOT_NEW, 65536, PURLIN_SLOT_LOG, ~0u, 0),
			 PURLIN_BAD_ARGUMENT);
}

static void accounts(void **state)
{
	const uint64_t account = SLOT_NEW;
	uint64_t used, before = root.used;

	(void)state;
	assert_int_equal(do_call(core, ACCOUNT_CREATE, PURLIN_SLOT_ACCOUNT, account, 0),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, ACCOUNT_CREATE, PURLIN_SLOT_ACCOUNT, account, root.limit),
			 PURLIN_NO_MEMORY);
	assert_int_equal(do_call(core, ACCOUNT_CREATE, PURLIN_SLOT_ACCOUNT, account, ~0ull),
			 PURLIN_NO_MEMORY);
	assert_int_equal(do_call(core, ACCOUNT_CREATE, PURLIN_SLOT_ACCOUNT, 3, 10),
			 PURLIN_SLOT_IN_USE);
	assert_int_equal(do_call(core, ACCOUNT_CREATE, PURLIN_SLOT_ACCOUNT, 5000, 10),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, ACCOUNT_CREATE, PURLIN_SLOT_ACCOUNT, account, 10),
			 PURLIN_OK);
	assert_true(root.used >= before + 10);
	used = root.used;

	/* Everything a poor account pays for can fail, and leaves nothing behind. */
	assert_int_equal(do_call(core, MEMORY_CREATE, account, 30, 11, 0), PURLIN_NO_MEMORY);
	assert_int_equal(do_call(core, MEMORY_CREATE, account, 30, 9, 0), PURLIN_OK);
	assert_int_equal(do_call(core, ACCOUNT_INFO, account), PURLIN_OK);
	assert_int_equal(result(core, 0), 10);
	assert_int_equal(result(core, 1), 10);
	assert_int_equal(do_call(core, ENDPOINT_CREATE, account, 31), PURLIN_NO_MEMORY);
	assert_int_equal(do_call(core, TIMER_CREATE, account, 31), PURLIN_NO_MEMORY);
	assert_int_equal(do_call(core, PD_CREATE, account, 31, 64, 0, PURLIN_PROCESSORS_OWN),
			 PURLIN_NO_MEMORY);
	assert_int_equal(do_call(core, ACCOUNT_CREATE, account, 31, 1), PURLIN_NO_MEMORY);
	assert_int_equal(do_call(core, MEMORY_CREATE, account, 31, 1, 0), PURLIN_NO_MEMORY);
	assert_int_equal(root.used, used);

	/* Its own account cannot be destroyed by a thread; another can, with what it paid for. */
	assert_int_equal(do_call(core, OBJECT_DESTROY, PURLIN_SLOT_ACCOUNT), PURLIN_BUSY);
	assert_int_equal(do_call(core, OBJECT_DESTROY, account), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_INFO, 30), PURLIN_DEAD);
	/* The memory's capability keeps one slab page, now the parent's. */
	assert_true(root.used <= before + 2);
	assert_int_equal(do_call(core, CAP_DELETE, PURLIN_SLOT_PD, 30), PURLIN_OK);
	assert_int_equal(do_call(core, CAP_DELETE, PURLIN_SLOT_PD, account), PURLIN_OK);
	assert_int_equal(root.used, before);
}

static void account_depth(void **state)
{
	uint64_t slot = SLOT_NEW, parent = PURLIN_SLOT_ACCOUNT;

	(void)state;
	for (unsigned int i = 1; i < ACCOUNT_DEPTH_MAX; i++, parent = slot++)
		assert_int_equal(do_call(core, ACCOUNT_CREATE, parent, slot, 1000 - 20 * i),
				 PURLIN_OK);
	assert_int_equal(do_call(core, ACCOUNT_CREATE, parent, slot, 1), PURLIN_BAD_ARGUMENT);
	/* The whole chain goes at once, however often it is interrupted. */
	assert_int_equal(do_call(core, MEMORY_CREATE, parent, 100, 50, 0), PURLIN_OK);
	host.preempt_every = 1;
	assert_int_equal(do_call(core, OBJECT_DESTROY, SLOT_NEW), PURLIN_OK);
	assert_true(restarts() > 0);
	assert_int_equal(do_call(core, ACCOUNT_INFO, parent), PURLIN_DEAD);
}

static void account_with_everything(void **state)
{
	const uint64_t account = SLOT_NEW, pd = 30, victim = 31;
	struct thread *thread;

	(void)state;
	assert_int_equal(do_call(core, ACCOUNT_CREATE, PURLIN_SLOT_ACCOUNT, account, 500),
			 PURLIN_OK);
	thread = pd_new(account, pd, "victim", 10);
	assert_int_equal(thread->state, THREAD_READY);
	/* Everything it can have, paid by it, with capabilities here and there. */
	assert_int_equal(do_call(thread, ENDPOINT_CREATE, 2, 40), PURLIN_OK);
	assert_int_equal(do_call(thread, SIGNAL_CREATE, 2, 41), PURLIN_OK);
	assert_int_equal(do_call(thread, TIMER_CREATE, 2, 42), PURLIN_OK);
	assert_int_equal(do_call(thread, TIMER_SET, 42, 1000, 41, 1), PURLIN_OK);
	assert_int_equal(do_call(thread, MEMORY_CREATE, 2, 43, 100, 0), PURLIN_OK);
	assert_int_equal(do_call(thread, MEMORY_MAP, 43, 1, 0x400000, 0, 100, 7), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_MAP, 3, 1, 0x400000, 0, 1, 1), PURLIN_BAD_CAPABILITY);
	assert_int_equal(do_call(thread, SIGNAL_WAIT, 41), WAITS);
	give(PURLIN_SLOT_PD, 50, victim, PURLIN_RIGHT_ALL, 0);

	/* It cannot do that to itself, nor to an account above it. */
	host.preempt_every = 1;
	assert_int_equal(do_call(core, OBJECT_DESTROY, account), PURLIN_OK);
	host.preempt_every = 0;
	assert_int_equal(do_call(core, THREAD_SCHEDULE, victim, 1, 1000), PURLIN_DEAD);
	assert_int_equal(do_call(core, PD_STATUS, pd), PURLIN_DEAD);
	for (uint64_t slot = account; slot <= 50; slot++)
		assert_int_equal(do_call(core, CAP_DELETE, PURLIN_SLOT_PD, slot), PURLIN_OK);
}

static void own_account_is_busy(void **state)
{
	struct thread *thread;

	(void)state;
	assert_int_equal(do_call(core, ACCOUNT_CREATE, PURLIN_SLOT_ACCOUNT, SLOT_NEW, 500),
			 PURLIN_OK);
	assert_int_equal(do_call(core, ACCOUNT_CREATE, SLOT_NEW, SLOT_NEW + 1, 300), PURLIN_OK);
	thread = pd_new(SLOT_NEW + 1, 30, "x", 10);
	give(30, 40, SLOT_NEW, PURLIN_RIGHT_ALL, 0);
	assert_int_equal(do_call(thread, OBJECT_DESTROY, 40), PURLIN_BUSY);
	assert_int_equal(do_call(thread, OBJECT_DESTROY, PURLIN_SLOT_ACCOUNT), PURLIN_BUSY);
	assert_int_equal(do_call(thread, OBJECT_DESTROY, PURLIN_SLOT_PD), PURLIN_BUSY);
	assert_int_equal(do_call(thread, OBJECT_DESTROY, PURLIN_SLOT_THREAD), PURLIN_BUSY);
	assert_int_equal(do_call(core, OBJECT_DESTROY, PURLIN_SLOT_IRQ_ROOT), PURLIN_BUSY);
	assert_int_equal(do_call(core, OBJECT_DESTROY, PURLIN_SLOT_PHYSICAL_ROOT), PURLIN_BUSY);
	assert_int_equal(do_call(core, OBJECT_DESTROY, PURLIN_SLOT_IO_PORTS), PURLIN_BUSY);
	assert_int_equal(do_call(core, OBJECT_DESTROY, PURLIN_SLOT_LOG), PURLIN_BUSY);
}

/* Fill tables with all kinds of objects, then destroy, with interrupts at every place. */
static void destruction_in_rounds(void **state)
{
	(void)state;
	for (unsigned int every = 1; every < 12; every++) {
		struct thread *thread;

		assert_int_equal(do_call(core, ACCOUNT_CREATE, PURLIN_SLOT_ACCOUNT, SLOT_NEW, 2000),
				 PURLIN_OK);
		thread = pd_new(SLOT_NEW, 30, "rounds", 10);
		for (uint64_t slot = 40; slot < 200; slot += 4) {
			assert_int_equal(do_call(thread, ENDPOINT_CREATE, 2, slot), PURLIN_OK);
			assert_int_equal(do_call(thread, SIGNAL_CREATE, 2, slot + 1), PURLIN_OK);
			assert_int_equal(do_call(thread, MEMORY_CREATE, 2, slot + 2, 3, 0),
					 PURLIN_OK);
			assert_int_equal(do_call(thread, MEMORY_MAP, slot + 2, 1, slot << 16, 0, 3,
						 3),
					 PURLIN_OK);
			assert_int_equal(do_call(thread, CAP_COPY, 1, slot + 3, slot + 2, 1, 0),
					 PURLIN_OK);
		}
		/* 1: each round is interrupted at its first check. */
		host.preempt_every = every;
		assert_int_equal(do_call(core, OBJECT_DESTROY, every % 2 ? SLOT_NEW : 30),
				 PURLIN_OK);
		assert_true(restarts() > 1);
		host.preempt_every = 0;
		if (every % 2 == 0)
			assert_int_equal(do_call(core, OBJECT_DESTROY, SLOT_NEW), PURLIN_OK);
		for (uint64_t slot = SLOT_NEW; slot < 40; slot++)
			assert_int_equal(do_call(core, CAP_DELETE, PURLIN_SLOT_PD, slot),
					 PURLIN_OK);
	}
}

/* One round of a call that may be restarted. */
static bool one_round(struct thread *thread, uint64_t number, uint64_t argument)
{
	thread->arch.number = number;
	memset(thread->arch.argument, 0, sizeof(thread->arch.argument));
	thread->arch.argument[0] = argument;
	thread->arch.answered = thread->arch.restarted = false;
	call_dispatch(thread);
	return thread->arch.restarted;
}

/* While an account dies in rounds, others delete capabilities of what it paid for. */
static void references_go_between_rounds(void **state)
{
	const uint64_t account = SLOT_NEW, first = 100, last = 300;

	(void)state;
	for (uint64_t keep = 1; keep < 40; keep++) {
		uint64_t slot = first;

		assert_int_equal(do_call(core, ACCOUNT_CREATE, PURLIN_SLOT_ACCOUNT, account, 600),
				 PURLIN_OK);
		for (uint64_t i = first; i < last; i += 2) {
			assert_int_equal(do_call(core, SIGNAL_CREATE, account, i), PURLIN_OK);
			assert_int_equal(do_call(core, MEMORY_CREATE, account, i + 1, 2, 0),
					 PURLIN_OK);
		}
		host.preempt_every = 1;
		for (uint64_t round = 0; one_round(core, PURLIN_CALL_OBJECT_DESTROY, account);
		     round++) {
			if (round % keep)
				continue;
			host.preempt_every = 0;
			if (slot < last)
				assert_int_equal(do_call(core, CAP_DELETE, PURLIN_SLOT_PD, slot++),
						 PURLIN_OK);
			host.preempt_every = 1;
		}
		host.preempt_every = 0;
		assert_int_equal(answer(core), PURLIN_OK);
		while (slot < last)
			assert_int_equal(do_call(core, CAP_DELETE, PURLIN_SLOT_PD, slot++),
					 PURLIN_OK);
		assert_int_equal(do_call(core, CAP_DELETE, PURLIN_SLOT_PD, account), PURLIN_OK);
	}
}

static void small_objects_share_pages(void **state)
{
	uint64_t before = root.used;

	(void)state;
	for (uint64_t slot = 100; slot < 900; slot++)
		assert_int_equal(do_call(core, SIGNAL_CREATE, PURLIN_SLOT_ACCOUNT, slot),
				 PURLIN_OK);
	assert_true(root.used - before < 50);
	for (uint64_t slot = 100; slot < 900; slot += 2)
		assert_int_equal(do_call(core, CAP_DELETE, PURLIN_SLOT_PD, slot), PURLIN_OK);
	for (uint64_t slot = 101; slot < 900; slot += 2)
		assert_int_equal(do_call(core, CAP_DELETE, PURLIN_SLOT_PD, slot), PURLIN_OK);
	/* Table pages stay. */
	assert_true(root.used - before <= 8);
}

static void io_ports(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, IO_PORT_CREATE, PURLIN_SLOT_IO_PORTS, SLOT_NEW, 0x1000,
				 0x10),
			 PURLIN_OK);
	assert_int_equal(do_call(core, IO_PORT_CREATE, PURLIN_SLOT_IO_PORTS, 30, 0x1f, 2),
			 PURLIN_OVERLAP);
	assert_int_equal(do_call(core, IO_PORT_CREATE, PURLIN_SLOT_IO_PORTS, 30, 0xffff, 2),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, IO_PORT_CREATE, PURLIN_SLOT_IO_PORTS, 30, 0x100, 0),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, IO_PORT_CREATE, PURLIN_SLOT_IO_PORTS, 30, 0x100, ~0ull),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, IO_PORT_CREATE, SLOT_NEW, 30, 0xfff, 2),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, IO_PORT_CREATE, SLOT_NEW, 30, 0x1008, 8), PURLIN_OK);
	assert_int_equal(do_call(core, IO_PORT_CREATE, SLOT_NEW, 30, 0x1008, 8),
			 PURLIN_SLOT_IN_USE);

	assert_int_equal(do_call(core, IO_PORT_OUT, 30, 0x100c, 4, 0x12345678), PURLIN_OK);
	assert_int_equal(do_call(core, IO_PORT_IN, 30, 0x100c, 4), PURLIN_OK);
	assert_int_equal(result(core, 0), 0x12345678);
	assert_int_equal(do_call(core, IO_PORT_OUT, 30, 0x100c, 1, 0xaabb), PURLIN_OK);
	assert_int_equal(do_call(core, IO_PORT_IN, 30, 0x100c, 2), PURLIN_OK);
	assert_int_equal(result(core, 0), 0xbb);
	/* Sizes, and accesses that reach beyond the range. */
	assert_int_equal(do_call(core, IO_PORT_IN, 30, 0x100c, 3), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, IO_PORT_IN, 30, 0x100c, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, IO_PORT_IN, 30, 0x100d, 4), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, IO_PORT_IN, 30, 0x1007, 1), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, IO_PORT_OUT, 30, 0x100f, 2, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, IO_PORT_OUT, 30, ~0ull, 1, 0), PURLIN_BAD_ARGUMENT);

	assert_int_equal(do_call(core, SYSTEM_RESET, 30), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, SYSTEM_RESET, PURLIN_SLOT_IO_PORTS), PURLIN_OK);
	assert_int_equal(host.resets, 1);
}

/* A PD passes on a part of its processors at most, and its threads stay on them. */
static void processors_are_given(void **state)
{
	const uint64_t account = PURLIN_SLOT_ACCOUNT, irqs = PURLIN_SLOT_IRQ_ROOT;
	struct thread *child;

	(void)state;
	assert_int_equal(do_call(core, PD_CREATE, account, 30, 64, 0, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, PD_CREATE, account, 30, 64, 0, 1 << HOST_CPUS),
			 PURLIN_NO_RIGHT);
	assert_int_equal(do_call(core, PD_CREATE, account, 30, 64, 0, 6), PURLIN_OK);
	assert_int_equal(do_call(core, PD_STATUS, 30), PURLIN_OK);
	assert_int_equal(core->message->word[PURLIN_STATUS_PROCESSORS], 6);
	assert_int_equal(do_call(core, THREAD_CREATE, 30, 31, HOST_CPUS, 1, TEST_MESSAGE),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, THREAD_CREATE, 30, 31, ~0ull, 1, TEST_MESSAGE),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, THREAD_CREATE, 30, 31, 0, 1, TEST_MESSAGE), PURLIN_NO_RIGHT);
	assert_int_equal(do_call(core, THREAD_CREATE, 30, 31, 3, 1, TEST_MESSAGE), PURLIN_NO_RIGHT);
	assert_int_equal(do_call(core, THREAD_CREATE, 30, 31, 2, 1, TEST_MESSAGE), PURLIN_OK);
	assert_int_equal(do_call(core, THREAD_START, 31, 0x400000, 0x500000, 0), PURLIN_OK);
	child = thread_of(object_at(core, 31));
	give(30, 2, account, PURLIN_RIGHT_ALL, 0);
	give(30, 3, irqs, PURLIN_RIGHT_ALL, 0);

	assert_int_equal(do_call(child, PD_CREATE, 2, 10, 64, 0, 7), PURLIN_NO_RIGHT);
	assert_int_equal(do_call(child, PD_CREATE, 2, 10, 64, 0, 4), PURLIN_OK);
	assert_int_equal(do_call(child, THREAD_CREATE, 10, 11, 1, 1, TEST_MESSAGE),
			 PURLIN_NO_RIGHT);
	assert_int_equal(do_call(child, THREAD_CREATE, 10, 11, 2, 1, TEST_MESSAGE), PURLIN_OK);
	assert_int_equal(do_call(child, PD_CREATE, 2, 12, 64, 0, PURLIN_PROCESSORS_OWN), PURLIN_OK);
	assert_int_equal(pd_of(object_at(child, 12))->processors, 6);
	assert_int_equal(do_call(child, IRQ_CREATE_MSI, 3, 13, 0), PURLIN_NO_RIGHT);
	assert_int_equal(do_call(child, IRQ_CREATE_MSI, 3, 13, 1), PURLIN_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, system_setup, system_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(dispatcher_refuses),
		TEST(rights_and_death),
		TEST(copy_and_info),
		TEST(table_is_paid_by_page),
		TEST(accounts),
		TEST(account_depth),
		TEST(account_with_everything),
		TEST(own_account_is_busy),
		TEST(destruction_in_rounds),
		TEST(references_go_between_rounds),
		TEST(small_objects_share_pages),
		TEST(io_ports),
		TEST(processors_are_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
