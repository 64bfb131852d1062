// SPDX-License-Identifier: MIT
/* Memory objects and their mappings. */
#include "kernel_support.h"

#include "base/pages.h"

#define PD 30
#define MEMORY 40
#define VA 0x40000000ull
#define MEBI_PAGES 256

static struct thread *other;

static int memory_setup(void **state)
{
	system_setup(state);
	other = pd_new(PURLIN_SLOT_ACCOUNT, PD, "other", 20);
	return 0;
}

static void create_errors(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, 3, 1, 0), PURLIN_SLOT_IN_USE);
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, 5000, 1, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 0, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 1ull << 60, 0),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 1, 4), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, HOST_MEMORY_PAGES, 0),
			 PURLIN_NO_MEMORY);
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 1ull << 36, 0), PURLIN_NO_MEMORY);
}

static void pages_are_zeroed(void **state)
{
	(void)state;
	for (int round = 0; round < 2; round++) {
		struct memory *memory;

		assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 20, 0), PURLIN_OK);
		memory = memory_at(MEMORY);
		for (uint64_t i = 0; i < 20; i++) {
			char *page = arch_physical_to_kernel(memory_physical(memory, i));

			for (unsigned int at = 0; at < PAGE_SIZE; at++)
				assert_int_equal(page[at], 0);
			memset(page, 0xaa, PAGE_SIZE);
		}
		assert_int_equal(do_call(core, OBJECT_DESTROY, MEMORY), PURLIN_OK);
		assert_int_equal(do_call(core, CAP_DELETE, 1, MEMORY), PURLIN_OK);
	}
}

static void restarted_creation(void **state)
{
	uint64_t used = root.used;

	(void)state;
	host.preempt_every = 1;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 100, 0), PURLIN_OK);
	/* One for the run, one for each page but the last. */
	assert_int_equal(restarts(), 100);
	assert_null(core->call.progress.unfinished);
	host.preempt_every = 0;
	assert_int_equal(memory_at(MEMORY)->zeroed, 100);

	/* Interrupted for good: another call, or the thread's death, throws the half-made one away.
	 */
	core->arch.number = PURLIN_CALL_MEMORY_CREATE;
	core->arch.argument[1] = 41;
	host.preempt_every = 1;
	call_dispatch(core);
	assert_non_null(core->call.progress.unfinished);
	host.preempt_every = 0;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, 41, 101, 0), PURLIN_OK);
	assert_null(core->call.progress.unfinished);
	assert_int_equal(do_call(core, CAP_DELETE, 1, 41), PURLIN_OK);
	assert_int_equal(do_call(core, CAP_DELETE, 1, MEMORY), PURLIN_OK);
	assert_true(root.used <= used + 1);

	other->arch.number = PURLIN_CALL_MEMORY_CREATE;
	other->arch.argument[0] = PURLIN_SLOT_ACCOUNT;
	other->arch.argument[1] = 41;
	other->arch.argument[2] = 50;
	other->arch.argument[3] = 0;
	host.preempt_every = 1;
	call_dispatch(other);
	host.preempt_every = 0;
	assert_non_null(other->call.progress.unfinished);
	assert_int_equal(do_call(core, OBJECT_DESTROY, PD), PURLIN_OK);
}

/* Rounds of both in turn, each interrupted as soon as it has done something. */
static void in_turn(struct thread *one, struct thread *two)
{
	bool one_goes_on = true, two_goes_on = true;

	host.preempt_every = 1;
	while (one_goes_on || two_goes_on) {
		one_goes_on = one_goes_on && round_done(one);
		two_goes_on = two_goes_on && round_done(two);
	}
	host.preempt_every = 0;
}

/* The same call of two threads, on the same objects: each goes on with its own. */
static void two_calls_in_turn(void **state)
{
	const uint64_t create[6] = { PURLIN_SLOT_ACCOUNT, MEMORY, 50, 0 };
	const uint64_t map[6] = { MEMORY, PURLIN_SLOT_PD, VA, 0, 3 * MEBI_PAGES, 1 };

	(void)state;
	arguments_set(core, PURLIN_CALL_MEMORY_CREATE, create);
	arguments_set(other, PURLIN_CALL_MEMORY_CREATE, create);
	in_turn(core, other);
	assert_int_equal(answer(core), PURLIN_OK);
	assert_int_equal(answer(other), PURLIN_OK);
	assert_ptr_not_equal(object_at(core, MEMORY), object_at(other, MEMORY));
	assert_int_equal(memory_at(MEMORY)->zeroed, 50);
	assert_int_equal(memory_of(object_at(other, MEMORY))->zeroed, 50);

	/* Of two regions at one address, the one begun first is completed. */
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, 41, 3 * MEBI_PAGES, 0), PURLIN_OK);
	give(PD, 41, 41, PURLIN_RIGHT_ALL, 0);
	arguments_set(core, PURLIN_CALL_MEMORY_MAP, map);
	core->arch.argument[0] = 41;
	core->arch.argument[1] = PD;
	arguments_set(other, PURLIN_CALL_MEMORY_MAP, map);
	other->arch.argument[0] = 41;
	in_turn(core, other);
	assert_int_equal(answer(core), PURLIN_OK);
	assert_int_equal(answer(other), PURLIN_OVERLAP);
	check_mapping(other->pd, VA, memory_at(41), 0, 3 * MEBI_PAGES, PURLIN_MAP_READ | 0x30);
}

/* What an interrupted call has mapped is removed and mapped by another thread: two regions. */
static void region_replaced_midway(void **state)
{
	const uint64_t map[6] = { MEMORY, PD, VA, 0, 3 * MEBI_PAGES, 1 };
	struct region *region;

	(void)state;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 3 * MEBI_PAGES, 0), PURLIN_OK);
	give(PD, MEMORY, MEMORY, PURLIN_RIGHT_ALL, 0);
	host.preempt_every = 1;
	arguments_set(core, PURLIN_CALL_MEMORY_MAP, map);
	assert_true(round_done(core));
	host.preempt_every = 0;
	assert_int_equal(do_call(other, MEMORY_UNMAP, PURLIN_SLOT_PD, VA), PURLIN_OK);
	assert_int_equal(do_call(other, MEMORY_MAP, MEMORY, PURLIN_SLOT_PD, VA, 0, 2, 1),
			 PURLIN_OK);
	arguments_set(core, PURLIN_CALL_MEMORY_MAP, map);
	assert_false(round_done(core));
	assert_int_equal(answer(core), PURLIN_OVERLAP);
	region = region_at(other->pd, region_place(other->pd, VA), VA);
	assert_int_equal(region->pages, 2);
	assert_int_equal(region->mapped, 2);
}

/* An interrupted call that is refused is over: made again it begins anew. */
static void refused_midway(void **state)
{
	const uint64_t create[6] = { PURLIN_SLOT_ACCOUNT, MEMORY, 50, 0 };
	uint64_t used = root.used;

	(void)state;
	host.preempt_every = 1;
	arguments_set(core, PURLIN_CALL_MEMORY_CREATE, create);
	for (unsigned int i = 0; i < 20; i++)
		assert_true(round_done(core));
	host.preempt_every = 0;
	assert_int_equal(do_call(other, SIGNAL_CREATE, PURLIN_SLOT_ACCOUNT, MEMORY), PURLIN_OK);
	give(PURLIN_SLOT_PD, MEMORY, PURLIN_SLOT_THREAD, PURLIN_RIGHT_ALL, 0);
	arguments_set(core, PURLIN_CALL_MEMORY_CREATE, create);
	assert_false(round_done(core));
	assert_int_equal(answer(core), PURLIN_SLOT_IN_USE);
	assert_null(core->call.progress.unfinished);
	assert_int_equal(root.used, used);
}

static void construction_outlives_its_account(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, ACCOUNT_CREATE, 2, 50, 100), PURLIN_OK);
	core->arch.number = PURLIN_CALL_MEMORY_CREATE;
	core->arch.argument[0] = 50;
	core->arch.argument[1] = 41;
	core->arch.argument[2] = 50;
	core->arch.argument[3] = 0;
	host.preempt_every = 1;
	call_dispatch(core);
	host.preempt_every = 0;
	assert_int_equal(do_call(core, OBJECT_DESTROY, 50), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_CREATE, 50, 41, 50, 0), PURLIN_DEAD);
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, 41, 50, 0), PURLIN_OK);
}

/* What the search has taken of a long run goes back in rounds, too. */
static void given_up_during_the_search(void **state)
{
	const uint64_t pages = 5000, available = pages_available();
	const uint64_t create[6] = { 50, 41, pages, 0 };

	(void)state;
	assert_int_equal(do_call(core, ACCOUNT_CREATE, 2, 50, pages + 50), PURLIN_OK);
	host.preempt_every = 1;
	arguments_set(core, PURLIN_CALL_MEMORY_CREATE, create);
	/* A place is found, and most of it taken. */
	assert_true(round_done(core));
	assert_true(round_done(core));
	give(PD, 50, 50, PURLIN_RIGHT_ALL, 0);
	assert_int_equal(do_call(other, OBJECT_DESTROY, 50), PURLIN_OK);
	assert_true(restarts() > 4);
	assert_false(round_done(core));
	assert_int_equal(answer(core), PURLIN_DEAD);
	assert_true(pages_available() >= available - 10);
}

/* Without a run that is long enough, objects are made of single pages. */
static void scattered(void **state)
{
	static struct physical held[HOST_MEMORY_PAGES];
	uint64_t count = 0;

	(void)state;
	while (pages_available() > 3000)
		held[count++] = pages_allocate(1, 1, 0);
	for (uint64_t i = 0; i < count; i += 2)
		pages_free(held[i], 1);
	while (physical_valid(pages_allocate(64, 1, 0)))
		;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 1200, PURLIN_MEMORY_CONTIGUOUS),
			 PURLIN_NO_MEMORY);
	host.preempt_every = 7;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 1200, 0), PURLIN_OK);
	assert_false(memory_contiguous(memory_at(MEMORY)));
	assert_int_equal(do_call(core, MEMORY_INFO, MEMORY), PURLIN_OK);
	assert_int_equal(result(core, 0), 1200);
	assert_int_equal(result(core, 1), ~0ull);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA + PAGE_SIZE, 3, 1197, 3),
			 PURLIN_OK);
	check_mapping(other->pd, VA + PAGE_SIZE, memory_at(MEMORY), 3, 1197,
		      3 | PURLIN_MAP_WRITE_BACK);
	/* Its account pays for the table; it goes with the object, pinned or not. */
	assert_int_equal(memory_charged(memory_at(MEMORY)), 1200 + 1 + 3);
	assert_int_equal(do_call(core, MEMORY_PIN, MEMORY), PURLIN_OK);
	assert_int_equal(do_call(core, OBJECT_DESTROY, MEMORY), PURLIN_OK);
	assert_int_equal(memory_charged(memory_at(MEMORY)), 1204);
	assert_int_equal(do_call(core, MEMORY_UNPIN, MEMORY), PURLIN_OK);
	assert_int_equal(memory_charged(memory_at(MEMORY)), 0);
	pages_taken = true;
}

static void out_of_pages_midway(void **state)
{
	uint64_t held[60] = { 0 };

	(void)state;
	/* The account would allow it, the machine has not so many. */
	for (unsigned int i = 0; pages_available(); i++) {
		struct physical page = pages_allocate(1, 1, 0);

		held[i % 60] = page.value;
	}
	for (unsigned int i = 0; i < 60; i += 2)
		pages_free((struct physical){ held[i] }, 1);
	host.preempt_every = 3;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 29, 0), PURLIN_NO_MEMORY);
	assert_null(object_at(core, MEMORY));
	pages_taken = true;
}

static void contiguous_and_info(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 600,
				 PURLIN_MEMORY_CONTIGUOUS | PURLIN_MEMORY_BELOW_4G),
			 PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_INFO, MEMORY), PURLIN_OK);
	assert_int_equal(result(core, 0), 600);
	assert_int_equal(result(core, 1) % LARGE_PAGE_SIZE, 0);
	give(1, 41, MEMORY, PURLIN_RIGHT_READ, 0);
	assert_int_equal(do_call(core, MEMORY_INFO, 41), PURLIN_OK);
	assert_int_equal(result(core, 1), ~0ull);
	assert_int_equal(do_call(core, MEMORY_PIN, 41), PURLIN_NO_RIGHT);
}

/* Whoever owns memory can neither keep it from reuse for ever nor take a driver's pin away. */
static void pins_are_not_the_owners(void **state)
{
	struct thread *owner = pd_new(PURLIN_SLOT_ACCOUNT, 50, "owner", 10);

	(void)state;
	assert_int_equal(do_call(owner, MEMORY_CREATE, 2, 60, 1, 0), PURLIN_OK);
	assert_int_equal(do_call(owner, MEMORY_PIN, 60), PURLIN_NO_RIGHT);
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 1, 0), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_PIN, MEMORY), PURLIN_OK);
	give(50, 61, MEMORY, PURLIN_RIGHT_ALL, 0);
	assert_int_equal(do_call(owner, MEMORY_UNPIN, 61), PURLIN_NO_RIGHT);
	assert_int_equal(do_call(owner, PD_CREATE, 2, 62, 64, PURLIN_PD_PINS,
				 PURLIN_PROCESSORS_OWN),
			 PURLIN_NO_RIGHT);
	assert_int_equal(do_call(owner, CAP_DELETE, 1, 61), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_UNPIN, MEMORY), PURLIN_OK);
}

static void map_and_unmap(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 4 * MEBI_PAGES, 0), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 1, 10, PURLIN_MAP_READ),
			 PURLIN_OK);
	check_mapping(other->pd, VA, memory_at(MEMORY), 1, 10,
		      PURLIN_MAP_READ | PURLIN_MAP_WRITE_BACK);
	assert_false(page_mapped(other->pd, VA - PAGE_SIZE));
	assert_false(page_mapped(other->pd, VA + 10 * PAGE_SIZE));

	/* Every way to overlap, and both neighbours. */
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 1, 1), PURLIN_OVERLAP);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA + 9 * PAGE_SIZE, 0, 5, 1),
			 PURLIN_OVERLAP);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA - PAGE_SIZE, 0, 2, 1),
			 PURLIN_OVERLAP);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA - PAGE_SIZE, 0, 20, 1),
			 PURLIN_OVERLAP);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA - PAGE_SIZE, 0, 1, 1), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA + 10 * PAGE_SIZE, 0, 1, 1),
			 PURLIN_OK);

	/* Whole regions only. */
	assert_int_equal(do_call(core, MEMORY_UNMAP, PD, VA + PAGE_SIZE), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_UNMAP, PD, VA), PURLIN_OK);
	assert_false(page_mapped(other->pd, VA));
	assert_true(page_mapped(other->pd, VA - PAGE_SIZE));
	assert_true(page_mapped(other->pd, VA + 10 * PAGE_SIZE));
	assert_int_equal(do_call(core, MEMORY_UNMAP, PD, VA), PURLIN_BAD_ARGUMENT);
	/* Mapped twice, in two PDs; the last capability goes; the mappings stay. */
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, 1, VA, 0, 1024, 3), PURLIN_OK);
	assert_int_equal(do_call(core, CAP_DELETE, 1, MEMORY), PURLIN_OK);
	assert_true(page_mapped(core->pd, VA));
	assert_int_equal(do_call(core, MEMORY_UNMAP, PD, VA - PAGE_SIZE), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_UNMAP, PD, VA + 10 * PAGE_SIZE), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_UNMAP, 1, VA), PURLIN_OK);
}

static void map_errors(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 10, 0), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, 99, VA, 0, 1, 1), PURLIN_BAD_CAPABILITY);
	give(1, 41, PD, PURLIN_RIGHT_READ, 0);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, 41, VA, 0, 1, 1), PURLIN_NO_RIGHT);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA + 1, 0, 1, 1),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, 0, 0, 1, 1), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, ARCH_NATIVE_END, 0, 1, 1),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, ARCH_NATIVE_END - PAGE_SIZE, 0, 2,
				 1),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, ~0xfffull, 0, 1, 1),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 10, 1, 1), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 9, 2, 1), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 5, ~0ull, 1),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 0, 1), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 1, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 1, 0x41),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 1, 1ull << 40 | 1),
			 PURLIN_BAD_ARGUMENT);
	give(1, 42, MEMORY, PURLIN_RIGHT_READ, 0);
	assert_int_equal(do_call(core, MEMORY_MAP, 42, PD, VA, 0, 1, 3), PURLIN_NO_RIGHT);
	assert_int_equal(do_call(core, MEMORY_MAP, 42, PD, VA, 0, 1, 5), PURLIN_NO_RIGHT);
	/* Write without read does not exist: it would be readable. */
	give(1, 43, MEMORY, PURLIN_RIGHT_WRITE, 0);
	assert_int_equal(do_call(core, MEMORY_MAP, 43, PD, VA, 0, 1, 2), PURLIN_NO_RIGHT);
	assert_int_equal(do_call(core, PD_CREATE, 2, 50, 64, PURLIN_PD_GUEST,
				 PURLIN_PROCESSORS_OWN),
			 PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, 50, VA, 0, 1, 1), PURLIN_BUSY);
	assert_int_equal(do_call(core, MEMORY_UNMAP, 50, VA), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, OBJECT_DESTROY, PD), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 1, 1), PURLIN_DEAD);
}

static void pd_errors(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, PD_CREATE, 2, 3, 64, 0), PURLIN_SLOT_IN_USE);
	assert_int_equal(do_call(core, PD_CREATE, 2, 50, 15, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, PD_CREATE, 2, 50, 65537, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, PD_CREATE, 2, 50, 64, 4), PURLIN_BAD_ARGUMENT);
	memset(core->message->word, 0xff, 32);
	assert_int_equal(do_call(core, PD_CREATE, 2, 50, 64, 0, PURLIN_PROCESSORS_OWN), PURLIN_OK);
	assert_int_equal(strlen(pd_of(object_at(core, 50))->name), 32);
	assert_int_equal(pd_of(object_at(core, 50))->name[31], '?');
}

/* Rights and cacheability end up in the page tables. */
static void physical_memory(void **state)
{
	const uint64_t bar = 0xd0000000ull;

	(void)state;
	assert_int_equal(do_call(core, MEMORY_CREATE_PHYSICAL, 7, 3, bar, 4, PURLIN_MAP_UNCACHED),
			 PURLIN_SLOT_IN_USE);
	assert_int_equal(do_call(core, MEMORY_CREATE_PHYSICAL, 7, MEMORY, bar + 1, 4,
				 PURLIN_MAP_UNCACHED),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_CREATE_PHYSICAL, 7, MEMORY, 1ull << 52, 1,
				 PURLIN_MAP_UNCACHED),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_CREATE_PHYSICAL, 7, MEMORY, bar, 0,
				 PURLIN_MAP_UNCACHED),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_CREATE_PHYSICAL, 7, MEMORY, bar, ~0ull,
				 PURLIN_MAP_UNCACHED),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_CREATE_PHYSICAL, 7, MEMORY, bar, 1, 0),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_CREATE_PHYSICAL, 7, MEMORY, bar, 1, 1),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_CREATE_PHYSICAL, 7, MEMORY, 0x5000, 1,
				 PURLIN_MAP_UNCACHED),
			 PURLIN_OVERLAP);
	assert_int_equal(do_call(core, MEMORY_CREATE_PHYSICAL, 7, MEMORY,
				 HOST_RESERVED_PHYSICAL - PAGE_SIZE, 2, PURLIN_MAP_UNCACHED),
			 PURLIN_OVERLAP);
	assert_int_equal(do_call(core, MEMORY_CREATE_PHYSICAL, 7, MEMORY, bar, 4,
				 PURLIN_MAP_UNCACHED),
			 PURLIN_OK);

	assert_int_equal(do_call(core, MEMORY_INFO, MEMORY), PURLIN_OK);
	assert_int_equal(result(core, 1), bar);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 4, 3 | PURLIN_MAP_WRITE_BACK),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 4, 3), PURLIN_OK);
	check_mapping(other->pd, VA, memory_at(MEMORY), 0, 4, 3 | PURLIN_MAP_UNCACHED);
	assert_int_equal(do_call(core, MEMORY_UNMAP, PD, VA), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 4,
				 3 | PURLIN_MAP_WRITE_COMBINING),
			 PURLIN_OK);
	check_mapping(other->pd, VA, memory_at(MEMORY), 0, 4, 3 | PURLIN_MAP_WRITE_COMBINING);
	assert_int_equal(do_call(core, OBJECT_DESTROY, MEMORY), PURLIN_OK);
	assert_false(page_mapped(other->pd, VA));
}

/* A mapping past the cache would show what RAM held before it was zeroed. */
static void memory_is_write_back(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 4, 0), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 4, 3 | PURLIN_MAP_UNCACHED),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 4,
				 3 | PURLIN_MAP_WRITE_COMBINING),
			 PURLIN_BAD_ARGUMENT);
	assert_false(page_mapped(other->pd, VA));
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 4, 3 | PURLIN_MAP_WRITE_BACK),
			 PURLIN_OK);
	check_mapping(other->pd, VA, memory_at(MEMORY), 0, 4, 3 | PURLIN_MAP_WRITE_BACK);
	assert_int_equal(do_call(core, OBJECT_DESTROY, MEMORY), PURLIN_OK);
	assert_int_equal(do_call(core, CAP_DELETE, PURLIN_SLOT_PD, MEMORY), PURLIN_OK);
	/* Firmware's tables, too: the kernel has them in its own cached map. */
	assert_int_equal(do_call(core, MEMORY_CREATE_PHYSICAL, 7, MEMORY, 0xd0000000ull, 1,
				 PURLIN_MAP_WRITE_BACK),
			 PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 1, 3 | PURLIN_MAP_UNCACHED),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, OBJECT_DESTROY, MEMORY), PURLIN_OK);
}

/* Mapping in rounds: the caller goes on where it was, others meet an overlap. */
static void restarted_mapping(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 2000, 0), PURLIN_OK);
	give(PD, 50, MEMORY, PURLIN_RIGHT_ALL, 0);
	host.preempt_every = 1;
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA + 100 * PAGE_SIZE, 0, 2000, 3),
			 PURLIN_OK);
	assert_int_equal(restarts(), 4);
	check_mapping(other->pd, VA + 100 * PAGE_SIZE, memory_at(MEMORY), 0, 2000,
		      3 | PURLIN_MAP_WRITE_BACK);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA + 100 * PAGE_SIZE, 0, 2000, 3),
			 PURLIN_OVERLAP);
	assert_int_equal(do_call(core, MEMORY_UNMAP, PD, VA + 100 * PAGE_SIZE), PURLIN_OK);
	assert_int_equal(restarts(), 4);

	/* One round only; then somebody else unmaps it, or destroys the memory. */
	core->arch.number = PURLIN_CALL_MEMORY_MAP;
	core->arch.argument[0] = MEMORY;
	core->arch.argument[1] = PD;
	core->arch.argument[2] = VA;
	core->arch.argument[3] = 0;
	core->arch.argument[4] = 2000;
	core->arch.argument[5] = 3;
	call_dispatch(core);
	assert_true(page_mapped(other->pd, VA));
	assert_false(page_mapped(other->pd, VA + 1999 * PAGE_SIZE));
	assert_int_equal(do_call(other, MEMORY_MAP, 50, 1, VA, 0, 2000, 3), PURLIN_OVERLAP);
	assert_int_equal(do_call(other, MEMORY_UNMAP, 1, VA), PURLIN_OK);
	call_dispatch(core);
	assert_true(page_mapped(other->pd, VA));
	assert_int_equal(do_call(other, OBJECT_DESTROY, 50), PURLIN_OK);
	assert_false(page_mapped(other->pd, VA));
	call_dispatch(core);
	assert_int_equal(answer(core), PURLIN_DEAD);
}

static void no_memory_for_tables(void **state)
{
	struct thread *poor;

	(void)state;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 5000, 0), PURLIN_OK);
	assert_int_equal(do_call(core, ACCOUNT_CREATE, 2, 60, 17), PURLIN_OK);
	poor = pd_new(60, 61, "poor", 5);
	host.preempt_every = 1;
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, 61, VA, 0, 5000, 3), PURLIN_NO_MEMORY);
	assert_true(restarts() > 4);
	assert_false(page_mapped(poor->pd, VA));
	assert_int_equal(poor->pd->region_count, 1); /* the message buffer */
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, 61, VA, 0, 500, 3), PURLIN_OK);
}

static void destroyed_everywhere(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 600, 0), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 600, 3), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, 2 * VA, 0, 600, 1), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, 1, VA, 0, 1, 7), PURLIN_OK);
	host.preempt_every = 1;
	assert_int_equal(do_call(core, OBJECT_DESTROY, MEMORY), PURLIN_OK);
	assert_false(page_mapped(other->pd, VA));
	assert_false(page_mapped(other->pd, 2 * VA + 599 * PAGE_SIZE));
	assert_false(page_mapped(core->pd, VA));
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 600, 3), PURLIN_DEAD);
}

static void pinned(void **state)
{
	uint64_t available, limit;

	(void)state;
	assert_int_equal(do_call(core, ACCOUNT_CREATE, 2, 60, 200), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_CREATE, 60, MEMORY, 100, 0), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_UNPIN, MEMORY), PURLIN_BUSY);
	assert_int_equal(do_call(core, MEMORY_PIN, MEMORY), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_PIN, MEMORY), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 100, 3), PURLIN_OK);
	available = pages_available();
	limit = root.used;
	/* With its account: unmapped at once, but not reused; the parent pays. */
	host.preempt_every = 1;
	assert_int_equal(do_call(core, OBJECT_DESTROY, 60), PURLIN_OK);
	assert_false(page_mapped(other->pd, VA));
	assert_true(pages_available() <= available + 2);
	assert_true(root.used >= limit - 100 && root.used < limit - 90);
	assert_int_equal(do_call(core, MEMORY_PIN, MEMORY), PURLIN_DEAD);
	assert_int_equal(do_call(core, MEMORY_UNPIN, MEMORY), PURLIN_OK);
	assert_true(pages_available() <= available + 2);
	assert_int_equal(do_call(core, MEMORY_UNPIN, MEMORY), PURLIN_OK);
	assert_true(pages_available() >= available + 100);
	assert_int_equal(do_call(core, MEMORY_UNPIN, MEMORY), PURLIN_BUSY);
}

static void too_many_regions(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 1, 0), PURLIN_OK);
	objects_bent = true;
	other->pd->region_count += PD_REGIONS_MAX - 2;
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 1, 1), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, 2 * VA, 0, 1, 1), PURLIN_NO_MEMORY);
	other->pd->region_count -= PD_REGIONS_MAX - 2;
	objects_bent = false;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, memory_setup, system_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(create_errors),
		TEST(pages_are_zeroed),
		TEST(restarted_creation),
		TEST(two_calls_in_turn),
		TEST(region_replaced_midway),
		TEST(refused_midway),
		TEST(construction_outlives_its_account),
		TEST(given_up_during_the_search),
		TEST(scattered),
		TEST(out_of_pages_midway),
		TEST(contiguous_and_info),
		TEST(map_and_unmap),
		TEST(map_errors),
		TEST(pd_errors),
		TEST(physical_memory),
		TEST(memory_is_write_back),
		TEST(restarted_mapping),
		TEST(no_memory_for_tables),
		TEST(destroyed_everywhere),
		TEST(pinned),
		TEST(pins_are_not_the_owners),
		TEST(too_many_regions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
