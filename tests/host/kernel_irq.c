// SPDX-License-Identifier: MIT
/* The life of interrupts: level, edge and messages; masks, acks, bindings, ends. */
#include "kernel_support.h"

#include "debug/log.h"

#define ROOT PURLIN_SLOT_IRQ_ROOT
#define IRQ 40
#define SIGNAL 41
#define SIGNAL2 42
#define GSI 9

static int irq_setup(void **state)
{
	system_setup(state);
	assert_int_equal(do_call(core, SIGNAL_CREATE, 2, SIGNAL), PURLIN_OK);
	assert_int_equal(do_call(core, SIGNAL_CREATE, 2, SIGNAL2), PURLIN_OK);
	return 0;
}

static void create(uint64_t flags)
{
	assert_int_equal(do_call(core, IRQ_CREATE_GSI, ROOT, IRQ, GSI, flags), PURLIN_OK);
	assert_true(host.gsi[GSI].masked);
}

static void bind(void)
{
	assert_int_equal(do_call(core, IRQ_BIND, IRQ, SIGNAL, 4), PURLIN_OK);
}

/* The bits since last asked. */
static uint64_t taken(uint64_t slot)
{
	return do_call(core, SIGNAL_POLL, slot) == PURLIN_OK ? result(core, 0) : 0;
}

static uint64_t delivered(void)
{
	assert_int_equal(do_call(core, IRQ_INFO, IRQ), PURLIN_OK);
	return result(core, 0);
}

static void remap(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, IRQ_REMAP, ROOT, GSI, 0), PURLIN_NO_DEVICE);
	assert_int_equal(do_call(core, IRQ_REMAP, ROOT, 1ull << 32, 0), PURLIN_NO_DEVICE);
	assert_int_equal(do_call(core, IRQ_REMAP, ROOT, 0, 65536 - 511), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, IRQ_REMAP, ROOT, 0, ~0ull - 1), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, IRQ_REMAP, ROOT, 0, 65536 - 512), PURLIN_OK);
	assert_int_equal(host.remapped_at, 65536 - 512);
	assert_int_equal(do_call(core, IRQ_REMAP, ROOT, 0, ~0ull), PURLIN_OK);
	assert_int_equal(host.remapped_at, 65536 - 512);
	create(0);
	assert_int_equal(do_call(core, IRQ_REMAP, IRQ, 0, 0), PURLIN_BAD_CAPABILITY);
	give(1, 61, ROOT, PURLIN_RIGHT_READ, 0);
	assert_int_equal(do_call(core, IRQ_REMAP, 61, 0, 0), PURLIN_NO_RIGHT);
}

static void create_soft(void)
{
	assert_int_equal(do_call(core, IRQ_CREATE_SOFT, 2, IRQ), PURLIN_OK);
	assert_int_equal(do_call(core, IRQ_WATCH, IRQ, SIGNAL2, 8), PURLIN_OK);
}

static void raise_soft(void)
{
	assert_int_equal(do_call(core, IRQ_RAISE, IRQ), PURLIN_OK);
}

/* As a level-triggered line, but for the hardware: whoever raises is told of each ack. */
static void soft_waits_for_its_ack(void **state)
{
	(void)state;
	create_soft();
	bind();
	raise_soft();
	assert_int_equal(taken(SIGNAL), 4);
	assert_int_equal(do_call(core, IRQ_INFO, IRQ), PURLIN_OK);
	assert_int_equal(result(core, 1), PURLIN_IRQ_LEVEL | PURLIN_IRQ_UNACKED);
	assert_int_equal(result(core, 2), ~0ull);
	raise_soft();
	raise_soft();
	assert_int_equal(taken(SIGNAL), 0);
	assert_int_equal(taken(SIGNAL2), 0);
	assert_int_equal(do_call(core, IRQ_ACK, IRQ), PURLIN_OK);
	assert_int_equal(taken(SIGNAL2), 8);
	assert_int_equal(taken(SIGNAL), 4);
	assert_int_equal(do_call(core, IRQ_ACK, IRQ), PURLIN_OK);
	assert_int_equal(taken(SIGNAL2), 8);
	assert_int_equal(taken(SIGNAL), 0);
	assert_int_equal(do_call(core, IRQ_ACK, IRQ), PURLIN_OK);
	assert_int_equal(taken(SIGNAL2), 0);
	assert_int_equal(delivered(), 2);
}

/* Nothing is lost before there is an owner, nor while it masks; it may go without an ack. */
static void soft_remembers(void **state)
{
	(void)state;
	create_soft();
	raise_soft();
	bind();
	assert_int_equal(taken(SIGNAL), 4);
	assert_int_equal(do_call(core, IRQ_BIND, IRQ, SIGNAL, 2), PURLIN_OK);
	assert_int_equal(taken(SIGNAL2), 8);
	assert_int_equal(do_call(core, IRQ_MASK, IRQ, 1), PURLIN_OK);
	raise_soft();
	assert_int_equal(taken(SIGNAL), 0);
	assert_int_equal(do_call(core, IRQ_MASK, IRQ, 0), PURLIN_OK);
	assert_int_equal(taken(SIGNAL), 2);
}

/* Whoever watches a line of hardware is not woken by each ack; and it cannot be raised. */
static void lines_are_not_soft(void **state)
{
	(void)state;
	create(PURLIN_IRQ_LEVEL);
	bind();
	assert_int_equal(do_call(core, IRQ_WATCH, IRQ, SIGNAL2, 8), PURLIN_OK);
	assert_int_equal(do_call(core, IRQ_RAISE, IRQ), PURLIN_BAD_ARGUMENT);
	assert_true(host_gsi_fire(GSI));
	assert_int_equal(taken(SIGNAL2), 0);
	assert_int_equal(do_call(core, IRQ_ACK, IRQ), PURLIN_OK);
	assert_int_equal(taken(SIGNAL2), 0);
}

static void messages_can_be_repeated(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, IRQ_CREATE_MSI, ROOT, IRQ, 0), PURLIN_OK);
	bind();
	raise_soft();
	raise_soft();
	assert_int_equal(taken(SIGNAL), 4);
	assert_int_equal(delivered(), 2);
}

/* Owners have CONTROL: they must neither raise nor take the watch away. */
static void raising_needs_a_right(void **state)
{
	(void)state;
	create_soft();
	give(1, 61, IRQ, PURLIN_RIGHT_ALL & ~PURLIN_RIGHT_WRITE, 0);
	assert_int_equal(do_call(core, IRQ_RAISE, 61), PURLIN_NO_RIGHT);
	assert_int_equal(do_call(core, IRQ_WATCH, 61, SIGNAL, 1), PURLIN_NO_RIGHT);
	assert_int_equal(do_call(core, IRQ_WATCH, IRQ, 60, 1), PURLIN_BAD_CAPABILITY);
	give(1, 62, SIGNAL, PURLIN_RIGHT_READ, 0);
	assert_int_equal(do_call(core, IRQ_WATCH, IRQ, 62, 1), PURLIN_NO_RIGHT);
	assert_int_equal(do_call(core, IRQ_CREATE_SOFT, 2, IRQ), PURLIN_SLOT_IN_USE);
	assert_int_equal(do_call(core, IRQ_CREATE_SOFT, 2, 5000), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, OBJECT_DESTROY, IRQ), PURLIN_OK);
	assert_int_equal(do_call(core, IRQ_RAISE, IRQ), PURLIN_DEAD);
}

static void create_errors(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, IRQ_CREATE_GSI, ROOT, 3, GSI, 0), PURLIN_SLOT_IN_USE);
	assert_int_equal(do_call(core, IRQ_CREATE_GSI, ROOT, 5000, GSI, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, IRQ_CREATE_GSI, ROOT, IRQ, GSI, 4), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, IRQ_CREATE_GSI, ROOT, IRQ, HOST_GSIS, 0), PURLIN_NO_DEVICE);
	assert_int_equal(do_call(core, IRQ_CREATE_GSI, ROOT, IRQ, 1ull << 40 | GSI, 0),
			 PURLIN_NO_DEVICE);
	create(PURLIN_IRQ_LEVEL | PURLIN_IRQ_ACTIVE_LOW);
	assert_int_equal(host.gsi[GSI].flags, PURLIN_IRQ_LEVEL | PURLIN_IRQ_ACTIVE_LOW);
	assert_int_equal(do_call(core, IRQ_CREATE_GSI, ROOT, 50, GSI, 0), PURLIN_BUSY);
	assert_int_equal(do_call(core, IRQ_INFO, IRQ), PURLIN_OK);
	assert_int_equal(result(core, 1), PURLIN_IRQ_LEVEL | PURLIN_IRQ_ACTIVE_LOW);
	assert_int_equal(result(core, 2), GSI);
	assert_int_equal(do_call(core, IRQ_BIND, IRQ, 60, 1), PURLIN_BAD_CAPABILITY);
	give(1, 61, SIGNAL, PURLIN_RIGHT_READ, 0);
	assert_int_equal(do_call(core, IRQ_BIND, IRQ, 61, 1), PURLIN_NO_RIGHT);
	assert_true(host.gsi[GSI].masked);
}

static void no_memory(void **state)
{
	struct thread *poor;
	uint64_t slot = 20;

	(void)state;
	assert_int_equal(do_call(core, ACCOUNT_CREATE, 2, 60, 40), PURLIN_OK);
	poor = pd_new(60, 61, "poor", 5);
	give(61, ROOT, ROOT, PURLIN_RIGHT_ALL, 0);
	give(61, PURLIN_SLOT_IO_PORTS, PURLIN_SLOT_IO_PORTS, PURLIN_RIGHT_ALL, 0);
	give(61, PURLIN_SLOT_PHYSICAL_ROOT, PURLIN_SLOT_PHYSICAL_ROOT, PURLIN_RIGHT_ALL, 0);
	/* What roots make is paid by the caller. */
	account_of(object_at(core, 60))->limit = account_of(object_at(core, 60))->used;
	root.used -= 40 - account_of(object_at(core, 60))->limit;
	/* Fill the slabs it has: the sizes are those of timers, ports and memory objects. */
	while (do_call(poor, TIMER_CREATE, 2, slot) == PURLIN_OK)
		slot++;
	while (do_call(poor, IO_PORT_CREATE, PURLIN_SLOT_IO_PORTS, slot, 0x100, 1) == PURLIN_OK)
		slot++;
	while (do_call(poor, MEMORY_CREATE_PHYSICAL, PURLIN_SLOT_PHYSICAL_ROOT, slot, 1ull << 40, 1,
		       PURLIN_MAP_UNCACHED) == PURLIN_OK)
		slot++;
	assert_true(slot < 128);
	assert_int_equal(poor->arch.result, PURLIN_NO_MEMORY);
	assert_int_equal(do_call(poor, IRQ_CREATE_GSI, ROOT, slot, GSI, 0), PURLIN_NO_MEMORY);
	assert_int_equal(do_call(poor, IRQ_CREATE_MSI, ROOT, slot, 0), PURLIN_NO_MEMORY);
	assert_int_equal(do_call(poor, IO_PORT_CREATE, PURLIN_SLOT_IO_PORTS, slot, 0x100, 1),
			 PURLIN_NO_MEMORY);
	assert_null(host.gsi[GSI].irq);
	assert_null(host.msi[0]);
}

static void level(void **state)
{
	(void)state;
	create(PURLIN_IRQ_LEVEL);
	assert_false(host_gsi_fire(GSI));
	bind();
	assert_true(host_gsi_fire(GSI));
	assert_int_equal(taken(SIGNAL), 4);
	/* The line is still high: no storm before the ack. */
	assert_false(host_gsi_fire(GSI));
	assert_int_equal(do_call(core, IRQ_ACK, IRQ), PURLIN_OK);
	assert_true(host_gsi_fire(GSI));
	assert_int_equal(delivered(), 2);
	/* The mask is the owner's: an ack does not undo it, and unmasking does not ack. */
	assert_int_equal(do_call(core, IRQ_MASK, IRQ, 1), PURLIN_OK);
	assert_int_equal(do_call(core, IRQ_ACK, IRQ), PURLIN_OK);
	assert_false(host_gsi_fire(GSI));
	assert_int_equal(do_call(core, IRQ_MASK, IRQ, 0), PURLIN_OK);
	assert_true(host_gsi_fire(GSI));
	assert_int_equal(do_call(core, IRQ_MASK, IRQ, 0), PURLIN_OK);
	assert_false(host_gsi_fire(GSI));
	/* Ack of nothing. */
	assert_int_equal(do_call(core, IRQ_ACK, IRQ), PURLIN_OK);
	assert_int_equal(do_call(core, IRQ_ACK, IRQ), PURLIN_OK);
}

static void edge(void **state)
{
	(void)state;
	create(0);
	bind();
	assert_true(host_gsi_fire(GSI));
	assert_true(host_gsi_fire(GSI));
	assert_int_equal(taken(SIGNAL), 4);
	assert_int_equal(do_call(core, IRQ_ACK, IRQ), PURLIN_OK);
	/* Masked by the owner: remembered once. */
	assert_int_equal(do_call(core, IRQ_MASK, IRQ, 1), PURLIN_OK);
	assert_true(host_gsi_fire(GSI));
	assert_true(host_gsi_fire(GSI));
	assert_int_equal(taken(SIGNAL), 0);
	assert_int_equal(delivered(), 2);
	assert_int_equal(do_call(core, IRQ_MASK, IRQ, 0), PURLIN_OK);
	assert_int_equal(taken(SIGNAL), 4);
	assert_int_equal(delivered(), 3);
	assert_int_equal(do_call(core, IRQ_MASK, IRQ, 0), PURLIN_OK);
	assert_int_equal(taken(SIGNAL), 0);
}

static void message(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, IRQ_CREATE_MSI, ROOT, IRQ, HOST_CPUS), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, IRQ_CREATE_MSI, ROOT, 3, 0), PURLIN_SLOT_IN_USE);
	assert_int_equal(do_call(core, IRQ_CREATE_MSI, ROOT, IRQ, 2), PURLIN_OK);
	assert_int_equal(result(core, 0), 0xfee02000);
	assert_int_equal(result(core, 1), 0);
	assert_int_equal(do_call(core, IRQ_INFO, IRQ), PURLIN_OK);
	assert_int_equal(result(core, 2), ~0ull);
	/* Before anybody listens: remembered. */
	host_msi_fire(0);
	bind();
	assert_int_equal(taken(SIGNAL), 4);
	host_msi_fire(0);
	assert_int_equal(taken(SIGNAL), 4);
	for (uint64_t i = 1; i < HOST_MSIS; i++)
		assert_int_equal(do_call(core, IRQ_CREATE_MSI, ROOT, 50 + i, 0), PURLIN_OK);
	assert_int_equal(do_call(core, IRQ_CREATE_MSI, ROOT, 70, 0), PURLIN_NO_DEVICE);
	assert_int_equal(do_call(core, OBJECT_DESTROY, IRQ), PURLIN_OK);
	assert_null(host.msi[0]);
	assert_int_equal(do_call(core, IRQ_CREATE_MSI, ROOT, 70, 0), PURLIN_OK);
}

static void bound_again(void **state)
{
	(void)state;
	create(PURLIN_IRQ_LEVEL);
	bind();
	assert_true(host_gsi_fire(GSI));
	/* The previous owner's pending ack is void. */
	assert_int_equal(do_call(core, IRQ_BIND, IRQ, SIGNAL2, 1), PURLIN_OK);
	assert_true(host_gsi_fire(GSI));
	assert_int_equal(taken(SIGNAL2), 1);
	assert_int_equal(taken(SIGNAL), 4);
	/* The signal dies: the interrupt goes nowhere, once. */
	assert_int_equal(do_call(core, IRQ_ACK, IRQ), PURLIN_OK);
	assert_int_equal(do_call(core, OBJECT_DESTROY, SIGNAL2), PURLIN_OK);
	assert_true(host_gsi_fire(GSI));
	assert_false(host_gsi_fire(GSI));
	bind();
	assert_true(host_gsi_fire(GSI));
}

static void ends(void **state)
{
	(void)state;
	create(PURLIN_IRQ_LEVEL);
	bind();
	assert_true(host_gsi_fire(GSI));
	assert_int_equal(do_call(core, CAP_DELETE, 1, IRQ), PURLIN_OK);
	assert_null(host.gsi[GSI].irq);
	assert_false(host_gsi_fire(GSI));
	create(0);
	bind();
	assert_int_equal(do_call(core, OBJECT_DESTROY, IRQ), PURLIN_OK);
	assert_false(host_gsi_fire(GSI));
	assert_int_equal(do_call(core, IRQ_ACK, IRQ), PURLIN_DEAD);
	assert_int_equal(do_call(core, IRQ_MASK, IRQ, 1), PURLIN_DEAD);
}

/* The log's calls. */
static void log_text_and_reading(void **state)
{
	static const char line[] = "hello\n";
	uint64_t start;

	(void)state;
	leaks_allowed = true; /* the watcher's signal */
	assert_int_equal(do_call(core, LOG_WRITE, PURLIN_SLOT_LOG, 481), PURLIN_BAD_ARGUMENT);
	do
		start = do_call(core, LOG_READ, PURLIN_SLOT_LOG, result(core, 1)) == PURLIN_OK;
	while (start);
	start = result(core, 1);
	assert_int_equal(do_call(core, LOG_WATCH, PURLIN_SLOT_LOG, 99, 1), PURLIN_BAD_CAPABILITY);
	give(1, 61, SIGNAL, PURLIN_RIGHT_READ, 0);
	assert_int_equal(do_call(core, LOG_WATCH, PURLIN_SLOT_LOG, 61, 1), PURLIN_NO_RIGHT);
	assert_int_equal(do_call(core, LOG_WATCH, PURLIN_SLOT_LOG, SIGNAL, 2), PURLIN_OK);
	taken(SIGNAL);
	memcpy(core->message->word, line, sizeof(line));
	assert_int_equal(do_call(core, LOG_WRITE, PURLIN_SLOT_LOG, sizeof(line) - 1), PURLIN_OK);
	assert_int_equal(taken(SIGNAL), 2);
	assert_int_equal(do_call(core, LOG_READ, PURLIN_SLOT_LOG, start), PURLIN_OK);
	assert_int_equal(result(core, 0), sizeof("[core] hello\n") - 1);
	assert_memory_equal(core->message->word, "[core] hello\n", sizeof("[core] hello\n") - 1);
	assert_int_equal(do_call(core, LOG_READ, PURLIN_SLOT_LOG, result(core, 1)), PURLIN_AGAIN);
	assert_int_equal(do_call(core, LOG_READ, PURLIN_SLOT_LOG, ~0ull), PURLIN_AGAIN);
	assert_int_equal(do_call(core, LOG_UART, PURLIN_SLOT_LOG, 2), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, LOG_UART, PURLIN_SLOT_LOG, 1), PURLIN_OK);
	assert_true(log_uart_owned());
	assert_int_equal(do_call(core, LOG_UART, PURLIN_SLOT_LOG, 0), PURLIN_OK);
	assert_false(log_uart_owned());
	assert_int_equal(do_call(core, TRACE_COUNTER, PURLIN_SLOT_LOG, PURLIN_COUNTERS),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, TRACE_COUNTER, PURLIN_SLOT_LOG, PURLIN_COUNTER_FREE_PAGES),
			 PURLIN_OK);
	assert_true(result(core, 0) > 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, irq_setup, system_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(soft_waits_for_its_ack),
		TEST(soft_remembers),
		TEST(lines_are_not_soft),
		TEST(messages_can_be_repeated),
		TEST(raising_needs_a_right),
		TEST(create_errors),
		TEST(remap),
		TEST(no_memory),
		TEST(level),
		TEST(edge),
		TEST(message),
		TEST(bound_again),
		TEST(ends),
		TEST(log_text_and_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
