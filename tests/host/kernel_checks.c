// SPDX-License-Identifier: MIT
/* The kernel's checks of itself: each damage is found, by the check that is there for it. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel_support.h"

#include "base/pages.h"
#include "checks_on/held_pages.h"

#define PD 30
#define THREAD 31
#define SIGNAL 32
#define ENDPOINT 33
#define MEMORY 34
#define TIMER 35
#define IRQ 36
#define WINDOW 0x40000000ull

static struct thread *thread;

/* A bit of everything: a thread that waits for a signal, mapped memory, a timer that runs. */
static int setup(void **state)
{
	system_setup(state);
	thread = pd_new(PURLIN_SLOT_ACCOUNT, PD, "other", 20);
	assert_int_equal(do_call(core, SIGNAL_CREATE, PURLIN_SLOT_ACCOUNT, SIGNAL), PURLIN_OK);
	assert_int_equal(do_call(core, ENDPOINT_CREATE, PURLIN_SLOT_ACCOUNT, ENDPOINT), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_CREATE, PURLIN_SLOT_ACCOUNT, MEMORY, 3, 0),
			 PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, WINDOW, 0, 3, PURLIN_MAP_READ),
			 PURLIN_OK);
	assert_int_equal(do_call(core, IRQ_CREATE_GSI, PURLIN_SLOT_IRQ_ROOT, IRQ, 5,
				 PURLIN_IRQ_LEVEL),
			 PURLIN_OK);
	assert_int_equal(do_call(core, TIMER_CREATE, PURLIN_SLOT_ACCOUNT, TIMER), PURLIN_OK);
	assert_int_equal(do_call(core, TIMER_SET, TIMER, 1000, SIGNAL, 1), PURLIN_OK);
	return 0;
}

/* In a process of its own, whose last words come back. */
static void found(void (*damage)(void), void (*look)(void), const char *words)
{
	char text[256] = "";
	int pipes[2], result;
	pid_t child;

	look();
	assert_int_equal(pipe(pipes), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		dup2(pipes[1], STDERR_FILENO);
		damage();
		look();
		_exit(0);
	}
	close(pipes[1]);
	for (size_t length = 0; length < sizeof(text) - 1;) {
		ssize_t bytes = read(pipes[0], text + length, sizeof(text) - 1 - length);

		if (bytes <= 0)
			break;
		length += (size_t)bytes;
	}
	close(pipes[0]);
	assert_int_equal(waitpid(child, &result, 0), child);
	if (!WIFSIGNALED(result) || WTERMSIG(result) != SIGABRT ||
	    !strstr(text, "kernel panic: check: ") || !strstr(text, words))
		fail_msg("%s", text);
}

static void charge_lost(void)
{
	root.used++;
}

static void credit_lost(void)
{
	pd_of(object_at(core, PD))->object.account->used--;
}

static void reference_lost(void)
{
	object_at(core, ENDPOINT)->references--;
}

static void reference_kept(void)
{
	object_at(core, SIGNAL)->references++;
}

static void ready_in_no_queue(void)
{
	scheduler_block(thread, THREAD_READY);
}

static void waiting_in_a_ready_queue(void)
{
	thread->state = THREAD_WAITING;
}

static void in_a_queue_of_another_priority(void)
{
	thread->priority = thread->base_priority = 19;
}

static void ready_bit_lost(void)
{
	thread->processor->ready = 0;
}

static void link_one_way(void)
{
	thread->link.next->previous = thread->link.previous;
}

static void of_another_pd(void)
{
	thread->pd = core->pd;
}

static void thread_miscounted(void)
{
	thread->pd->thread_count++;
}

static struct region *window(void)
{
	return container_of(thread->pd->regions.previous, struct region, pd_link);
}

static void region_longer(void)
{
	window()->pages++;
}

static void region_elsewhere(void)
{
	window()->address += PAGE_SIZE;
}

/* What is mapped stays as it was. */
static void region_of_other_pages(void)
{
	window()->offset++;
	window()->memory->pages++;
}

static void region_with_fewer_rights(void)
{
	window()->rights = PURLIN_MAP_WRITE_BACK;
}

static void region_past_the_cache(void)
{
	window()->rights = PURLIN_MAP_READ | PURLIN_MAP_UNCACHED;
}

static void message_past_the_cache(void)
{
	thread->message_region->rights = PURLIN_MAP_READ | PURLIN_MAP_UNCACHED;
}

static void timeout_out_of_order(void)
{
	container_of(object_at(core, TIMER), struct timer, object)->timeout.rank = 7;
}

static void client_of_nobody(void)
{
	thread->client = core;
}

static void lent_for_ever(void)
{
	scheduler_set_priority(thread, 21);
}

static void line_left_open(void)
{
	host.gsi[5].masked = false;
}

static void signal_bound_one_way(void)
{
	thread->bound_signal = signal_of(object_at(core, SIGNAL));
}

static void damages_are_found(void **state)
{
	static const struct {
		void (*damage)(void);
		const char *words;
	} damages[] = {
		{ charge_lost, "account->used == pages" },
		{ credit_lost, "account->used == pages" },
		{ reference_lost, "object->references == at->references" },
		{ reference_kept, "object->references == at->references" },
		{ ready_in_no_queue, "said[state] == queued[state]" },
		{ waiting_in_a_ready_queue, "->state == state" },
		{ in_a_queue_of_another_priority, "thread->priority == priority" },
		{ ready_bit_lost, "processor->ready >> priority" },
		{ link_one_way, "link->next->previous == link" },
		{ of_another_pd, "thread->pd == pd" },
		{ thread_miscounted, "pd->thread_count" },
		{ region_longer, "region->pages <= region->memory->pages" },
		{ region_elsewhere, "kernel/arch/host/object_checks.c" },
		{ region_of_other_pages, "physical.value == " },
		{ region_with_fewer_rights, "rights == region->rights" },
		{ region_past_the_cache, "region_cache_right(region)" },
		{ message_past_the_cache, "region_cache_right(region)" },
		{ timeout_out_of_order, "timeout->rank" },
		{ client_of_nobody, "thread->client->server == thread" },
		{ lent_for_ever, "thread->priority == thread->base_priority" },
		{ line_left_open, ".masked == closed" },
		{ signal_bound_one_way, "thread->bound_signal->thread == thread" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++)
		found(damages[i].damage, system_check, damages[i].words);
}

/* Held pages: the test is who freed them, and the page allocator. */
static struct physical first, second;
static uint64_t let_go;

void held_pages_let_go(struct physical base, uint64_t pages)
{
	pages_free(base, pages);
	let_go += pages;
}

static int pages_setup(void **state)
{
	system_setup(state);
	first = pages_allocate(3, 1, 0);
	second = pages_allocate(1, 1, 0);
	let_go = 0;
	held_pages_add(first, 3);
	held_pages_add(second, 1);
	return 0;
}

static int pages_teardown(void **state)
{
	held_pages_drain();
	return system_teardown(state);
}

static void pages_are_held(void **state)
{
	uint64_t free = pages_available();

	(void)state;
	held_pages_round();
	held_pages_verify();
	assert_int_equal(held_pages_count(), 4);
	assert_int_equal(let_go, 0);
	held_pages_drain();
	assert_int_equal(let_go, 4);
	assert_int_equal(held_pages_count(), 0);
	assert_int_equal(pages_available(), free + 4);
}

static void not_too_many(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 3 * HELD_RUNS; i++) {
		held_pages_add(pages_allocate(1, 1, 0), 1);
		held_pages_round();
		assert_true(held_pages_count() <= HELD_PAGES);
	}
	assert_int_equal(held_pages_count() + let_go, 3 * HELD_RUNS + 4);
}

/* All in one hold of the lock. */
static void too_many_at_once(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < HELD_RUNS + 8; i++)
		held_pages_add(pages_allocate(1, 1, 0), 1);
	assert_int_equal(held_pages_count() + let_go, HELD_RUNS + 12);
	held_pages_verify();
}

static void write_into(struct physical base, uint64_t offset)
{
	*((char *)arch_physical_to_kernel(base) + offset) ^= 1;
}

static void write_to_the_first(void)
{
	write_into(first, 0);
}

static void write_to_the_last(void)
{
	write_into(first, 3 * PAGE_SIZE - 1);
}

static void write_to_the_other(void)
{
	write_into(second, 1000);
}

static void writes_are_found(void **state)
{
	static void (*const writes[])(void) = { write_to_the_first, write_to_the_last,
						write_to_the_other };

	(void)state;
	held_pages_round();
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		found(writes[i], held_pages_verify, "a freed page was written to");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(damages_are_found, setup, system_teardown),
		cmocka_unit_test_setup_teardown(pages_are_held, pages_setup, pages_teardown),
		cmocka_unit_test_setup_teardown(not_too_many, pages_setup, pages_teardown),
		cmocka_unit_test_setup_teardown(too_many_at_once, pages_setup, pages_teardown),
		cmocka_unit_test_setup_teardown(writes_are_found, pages_setup, pages_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
