// SPDX-License-Identifier: MIT
/* The scheduler, timeouts and timers. */
#include "kernel_support.h"

#include "base/timeout.h"

#define PD 30
#define SLICE (SCHEDULER_SLICE_US * 1000ull) /* host time counts nanoseconds */

static struct thread *first;

static int schedule_setup(void **state)
{
	system_setup(state);
	first = pd_new(PURLIN_SLOT_ACCOUNT, PD, "first", 20);
	objects_bent = true;
	return 0;
}

static struct thread *another(uint64_t slot, unsigned int priority)
{
	return thread_new(PD, slot, slot << 20, priority);
}

/* Put core to rest: it has made all the calls it needs. */
static void core_waits(void)
{
	assert_int_equal(do_call(core, SIGNAL_CREATE, PURLIN_SLOT_ACCOUNT, 900), PURLIN_OK);
	assert_int_equal(do_call(core, SIGNAL_WAIT, 900), WAITS);
}

static void timer_interrupt(uint64_t time)
{
	host.time = time;
	host.timer[host.cpu] = ~0ull; /* one-shot */
	timeout_expired();
}

/* Time passes, with the interrupts that come meanwhile. */
static void pass(uint64_t time)
{
	uint64_t end = host.time + time;

	while (host.timer[host.cpu] <= end)
		timer_interrupt(host.timer[host.cpu]);
	host.time = end;
}

static void highest_runs(void **state)
{
	struct thread *low = another(40, 10), *high = another(41, 30);

	(void)state;
	run(core);
	core_waits();
	run(high);
	scheduler_block(high, THREAD_WAITING);
	run(first);
	scheduler_block(first, THREAD_WAITING);
	run(low);
	scheduler_ready(first);
	run(first);
	scheduler_block(first, THREAD_WAITING);
	scheduler_block(low, THREAD_WAITING);
	assert_null(scheduler_pick(&processors[0]));
	assert_int_equal(host.timer[0], ~0ull); /* idle: no ticks */
	list_init(&high->link);
}

static void equals_take_turns(void **state)
{
	struct thread *second = another(40, 20);

	(void)state;
	core_waits();
	run(first);
	assert_int_equal(host.timer[0], host.time + SLICE);
	timer_interrupt(host.time + SLICE / 2);
	run(first);
	timer_interrupt(host.time + SLICE / 2);
	run(second);
	timer_interrupt(host.time + SLICE);
	run(first);
	/* Alone again: no ticks. */
	scheduler_block(second, THREAD_WAITING);
	list_init(&second->link);
	timer_interrupt(host.time + SLICE);
	run(first);
	assert_int_equal(host.timer[0], ~0ull);
}

static void preempted_keeps_the_rest_of_its_slice(void **state)
{
	struct thread *second = another(40, 20), *high = another(41, 30);

	(void)state;
	scheduler_block(high, THREAD_WAITING);
	core_waits();
	run(first);
	pass(SLICE / 4);
	scheduler_ready(high);
	run(high);
	/* The end of the slice that was interrupted comes and means nothing. */
	pass(SLICE);
	run(high);
	assert_int_equal(host.timer[0], ~0ull);
	scheduler_block(high, THREAD_WAITING);
	run(first);
	assert_int_equal(host.timer[0], host.time + SLICE * 3 / 4);
	timer_interrupt(host.time + SLICE * 3 / 4);
	run(second);
	list_init(&high->link);
}

/* A timer that was armed for another slice does as long as it is not too late. */
static void slices_share_the_timer(void **state)
{
	struct thread *second = another(40, 20), *high = another(41, 30);
	uint64_t armed;

	(void)state;
	scheduler_block(high, THREAD_WAITING);
	core_waits();
	run(first);
	armed = host.timer[0];
	assert_int_equal(armed, host.time + SLICE);
	pass(SLICE / 4);
	scheduler_ready(high);
	run(high);
	pass(SLICE / 4);
	scheduler_block(high, THREAD_WAITING);
	run(first);
	assert_int_equal(host.timer[0], armed);
	/* It comes a quarter too early. */
	pass(SLICE / 2);
	run(first);
	pass(SLICE / 4);
	run(second);
	list_init(&high->link);
}

/* ... and is armed anew where it would be too late. */
static void short_slice_after_a_long_one(void **state)
{
	struct thread *second = another(40, 20), *high = another(41, 30), *equal = another(42, 30);

	(void)state;
	assert_int_equal(do_call(core, THREAD_SCHEDULE, 41, 30, 1000000), PURLIN_OK);
	core_waits();
	run(high);
	assert_int_equal(host.timer[0], host.time + 100 * SLICE);
	scheduler_block(high, THREAD_WAITING);
	run(equal);
	scheduler_block(equal, THREAD_WAITING);
	run(first);
	assert_int_equal(host.timer[0], host.time + SLICE);
	pass(SLICE);
	run(second);
	list_init(&high->link);
	list_init(&equal->link);
}

static void yield(void **state)
{
	struct thread *second = another(40, 20);

	(void)state;
	core_waits();
	run(first);
	assert_int_equal(do_call(first, THREAD_YIELD), PURLIN_OK);
	run(second);
	assert_int_equal(do_call(second, THREAD_YIELD), PURLIN_OK);
	run(first);
	scheduler_block(second, THREAD_STOPPED);
	assert_int_equal(do_call(first, THREAD_YIELD), PURLIN_OK);
	run(first);
}

static void other_processors(void **state)
{
	struct thread *far;

	(void)state;
	assert_int_equal(do_call(core, THREAD_CREATE, PD, 40, HOST_CPUS, 5, 0x10000),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, THREAD_CREATE, PD, 40, 2, 5, 0x20000), PURLIN_OK);
	assert_int_equal(do_call(core, THREAD_START, 40, 0x1000, 0, 0), PURLIN_OK);
	far = thread_of(object_at(core, 40));
	assert_int_equal(host.rescheduled, 1 << 2);
	run(far);
	/* Destroyed while it runs there: that processor has to look again, and finds nothing. */
	host.rescheduled = 0;
	assert_int_equal(do_call(core, OBJECT_DESTROY, 40), PURLIN_OK);
	assert_int_equal(host.rescheduled, 1 << 2);
	host.cpu = 2;
	assert_null(scheduler_pick(&processors[2]));
	host.cpu = 0;
}

static void thread_arguments(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, THREAD_CREATE, PD, 40, 0, TEST_PRIORITY + 1, 0x10000),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, THREAD_CREATE, PD, 3, 0, 1, 0x10000), PURLIN_SLOT_IN_USE);
	assert_int_equal(do_call(core, THREAD_CREATE, PD, 4000, 0, 1, 0x10000),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, THREAD_CREATE, PD, 40, 0, 1, 0x10001), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, THREAD_CREATE, PD, 40, 0, 1, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, THREAD_CREATE, PD, 40, 0, 1, ARCH_NATIVE_END),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, THREAD_CREATE, PD, 40, 0, 1, TEST_MESSAGE), PURLIN_OVERLAP);
	host.refuse_thread = true;
	assert_int_equal(do_call(core, THREAD_CREATE, PD, 40, 0, 1, 0x10000), PURLIN_NO_MEMORY);
	host.refuse_thread = false;
	assert_int_equal(do_call(core, THREAD_CREATE, PD, 40, 0, 1, 0x10000), PURLIN_OK);
	assert_int_equal(do_call(core, THREAD_START, 40, ARCH_NATIVE_END, 0, 0),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, THREAD_START, 40, 0x400000, 0x8000, 55), PURLIN_OK);
	assert_int_equal(thread_of(object_at(core, 40))->arch.start_argument, 55);
	assert_int_equal(do_call(core, THREAD_START, 40, 0x400000, 0, 0), PURLIN_BUSY);
	assert_int_equal(do_call(core, THREAD_SCHEDULE, 40, TEST_PRIORITY + 1, 1000),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, THREAD_SCHEDULE, 40, 1, 99), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, THREAD_SCHEDULE, 40, 1, 1000001), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, THREAD_SCHEDULE, 40, 32, 100), PURLIN_OK);
	assert_int_equal(thread_of(object_at(core, 40))->slice, 100000);
	/* The message buffer is no mapping of its program's. */
	assert_int_equal(do_call(core, MEMORY_UNMAP, PD, 0x10000), PURLIN_BAD_ARGUMENT);
}

static void priority_of_a_queued_thread(void **state)
{
	struct thread *second = another(40, 10);

	(void)state;
	assert_int_equal(do_call(core, THREAD_SCHEDULE, 40, 25, 10000), PURLIN_OK);
	core_waits();
	run(second);
	/* Of the one that runs. */
	scheduler_set_priority(second, 5);
	run(first);
}

/* A model of the heap: any order of setting, cancelling and expiring. */
#define TIMEOUTS 200

static unsigned int fired;
static uint64_t last_deadline;

static void note(struct timeout *timeout)
{
	assert_true(timeout->deadline >= last_deadline && timeout->deadline <= host.time);
	last_deadline = timeout->deadline;
	fired++;
}

static void timeouts(void **state)
{
	static struct timeout timeout[TIMEOUTS];
	unsigned int set = 0;

	(void)state;
	memset(timeout, 0, sizeof(timeout));
	srandom(1);
	for (unsigned int round = 0; round < 20000; round++) {
		struct timeout *one = &timeout[(unsigned long)random() % TIMEOUTS];
		uint64_t earliest = ~0ull;

		one->function = note;
		if (random() % 3) {
			set += !one->set;
			timeout_set(one, host.time + 1 + (uint64_t)random() % 1000);
		} else {
			set -= one->set;
			timeout_cancel(one);
		}
		for (unsigned int i = 0; i < TIMEOUTS; i++) {
			if (timeout[i].set && timeout[i].deadline < earliest)
				earliest = timeout[i].deadline;
		}
		assert_int_equal(host.timer[0], earliest);
		if (round % 50 == 49) {
			fired = 0;
			last_deadline = 0;
			host.time += 100;
			do {
				host.timer[0] = ~0ull;
				timeout_expired();
			} while (host.timer[0] <= host.time);
			set -= fired;
			for (unsigned int i = 0; i < TIMEOUTS; i++)
				assert_true(!timeout[i].set || timeout[i].deadline > host.time);
		}
	}
	for (unsigned int i = 0; i < TIMEOUTS; i++)
		timeout_cancel(&timeout[i]);
	assert_int_equal(host.timer[0], ~0ull);
	assert_true(set <= TIMEOUTS);
}

static void timeout_of_another_processor(void **state)
{
	struct timeout one = { .function = note };

	(void)state;
	timeout_set(&one, 1000);
	host.cpu = 1;
	timeout_cancel(&one);
	assert_int_equal(host.timer[0], 1000); /* fires for nothing */
	timeout_set(&one, 2000);
	assert_int_equal(host.timer[1], 2000);
	host.cpu = 0;
	fired = 0;
	timer_interrupt(1000);
	assert_int_equal(fired, 0);
	assert_int_equal(host.timer[0], ~0ull);
	host.cpu = 1;
	last_deadline = 0;
	timer_interrupt(2000);
	assert_int_equal(fired, 1);
	host.cpu = 0;
}

static void timers(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, SIGNAL_CREATE, PURLIN_SLOT_ACCOUNT, 40), PURLIN_OK);
	assert_int_equal(do_call(core, TIMER_CREATE, PURLIN_SLOT_ACCOUNT, 41), PURLIN_OK);
	assert_int_equal(do_call(core, TIMER_CREATE, PURLIN_SLOT_ACCOUNT, 41), PURLIN_SLOT_IN_USE);
	assert_int_equal(do_call(core, TIMER_CREATE, PURLIN_SLOT_ACCOUNT, 4100),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, TIMER_SET, 41, 500, 49, 1), PURLIN_BAD_CAPABILITY);
	give(PURLIN_SLOT_PD, 42, 40, PURLIN_RIGHT_READ, 0);
	assert_int_equal(do_call(core, TIMER_SET, 41, 500, 42, 1), PURLIN_NO_RIGHT);
	assert_int_equal(do_call(core, TIMER_SET, 41, 500, 40, 1), PURLIN_OK);
	assert_int_equal(host.timer[0], 500);
	timer_interrupt(499);
	assert_int_equal(do_call(core, SIGNAL_POLL, 40), PURLIN_AGAIN);
	timer_interrupt(500);
	assert_int_equal(do_call(core, SIGNAL_POLL, 40), PURLIN_OK);
	assert_int_equal(result(core, 0), 1);
	/* Past; replaced; cancelled. */
	assert_int_equal(do_call(core, TIMER_SET, 41, 3, 40, 2), PURLIN_OK);
	assert_int_equal(do_call(core, SIGNAL_POLL, 40), PURLIN_OK);
	assert_int_equal(result(core, 0), 2);
	assert_int_equal(do_call(core, TIMER_SET, 41, 600, 40, 4), PURLIN_OK);
	assert_int_equal(do_call(core, TIMER_SET, 41, 700, 40, 8), PURLIN_OK);
	timer_interrupt(650);
	assert_int_equal(do_call(core, SIGNAL_POLL, 40), PURLIN_AGAIN);
	assert_int_equal(do_call(core, TIMER_SET, 41, ~0ull, 40, 8), PURLIN_OK);
	assert_int_equal(host.timer[0], ~0ull);
	/* A badge masks what the timer may set. The signal dies; the timer dies. */
	give(PURLIN_SLOT_PD, 43, 40, PURLIN_RIGHT_WRITE, 0xf);
	assert_int_equal(do_call(core, TIMER_SET, 41, 700, 43, 0xff), PURLIN_OK);
	timer_interrupt(700);
	assert_int_equal(do_call(core, SIGNAL_POLL, 40), PURLIN_OK);
	assert_int_equal(result(core, 0), 0xf);
	assert_int_equal(do_call(core, TIMER_SET, 41, 800, 43, 0xff), PURLIN_OK);
	assert_int_equal(do_call(core, OBJECT_DESTROY, 40), PURLIN_OK);
	timer_interrupt(800);
	assert_int_equal(do_call(core, OBJECT_DESTROY, 41), PURLIN_OK);
	assert_int_equal(do_call(core, TIMER_SET, 41, 900, 40, 1), PURLIN_DEAD);
}

static void timer_dies_armed(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, SIGNAL_CREATE, PURLIN_SLOT_ACCOUNT, 40), PURLIN_OK);
	assert_int_equal(do_call(core, TIMER_CREATE, PURLIN_SLOT_ACCOUNT, 41), PURLIN_OK);
	assert_int_equal(do_call(core, TIMER_SET, 41, 500, 40, 1), PURLIN_OK);
	assert_int_equal(do_call(core, CAP_DELETE, PURLIN_SLOT_PD, 41), PURLIN_OK);
	assert_int_equal(host.timer[0], ~0ull);
	timer_interrupt(500);
	assert_int_equal(do_call(core, SIGNAL_POLL, 40), PURLIN_AGAIN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, schedule_setup, system_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(highest_runs),
		TEST(equals_take_turns),
		TEST(preempted_keeps_the_rest_of_its_slice),
		TEST(slices_share_the_timer),
		TEST(short_slice_after_a_long_one),
		TEST(yield),
		TEST(other_processors),
		TEST(thread_arguments),
		TEST(priority_of_a_queued_thread),
		TEST(timeouts),
		TEST(timeout_of_another_processor),
		TEST(timers),
		TEST(timer_dies_armed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
