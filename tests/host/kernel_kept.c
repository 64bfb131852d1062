// SPDX-License-Identifier: MIT
/* Kept mappings: the spare page of each is paid, and no call leaves one behind. */
#include "kernel_support.h"

#define PD 30
#define MEMORY 40
#define DEVICE 41
#define VA 0x40000000ull
#define MEBI_PAGES 256
#define KEPT (PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_KEPT)

static struct thread *other;

static int kept_setup(void **state)
{
	system_setup(state);
	other = pd_new(PURLIN_SLOT_ACCOUNT, PD, "other", 20);
	return 0;
}

/* Every page of the region shows the same page, which is not of the memory. */
static void check_spare(struct pd *pd, const struct region *region)
{
	struct physical physical;
	uint32_t rights;

	for (uint64_t i = 0; i < region->pages; i++) {
		assert_true(host_translate(&pd->tables, VA + i * PAGE_SIZE, &physical, &rights));
		assert_int_equal(physical.value, region->spare.value);
		assert_int_equal(rights, 0x33);
	}
}

/* Pages fault until all are there: how often. */
static unsigned int faults_until_whole(struct pd *pd, const struct region *region)
{
	unsigned int faults = 0;

	while (region->mapped < region->pages) {
		assert_true(region_refill(pd, VA + (region->pages - 1) * PAGE_SIZE));
		faults++;
	}
	return faults;
}

static void kept_mapping(void **state)
{
	const struct account *account = account_of(object_at(other, PURLIN_SLOT_ACCOUNT));
	struct region *region;
	uint64_t before;

	(void)state;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 150, 0), PURLIN_OK);
	/* Page tables stay with the PD. */
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 150, 1), PURLIN_OK);
	assert_int_equal(do_call(other, MEMORY_UNMAP, PURLIN_SLOT_PD, VA), PURLIN_OK);
	before = account->used - 150; /* of the memory itself */
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 150, KEPT), PURLIN_OK);
	check_mapping(other->pd, VA, memory_at(MEMORY), 0, 150, 0x33);
	assert_int_equal(account->used, before + 150 + 1);
	region = region_at(other->pd, region_place(other->pd, VA), VA);
	/* While the memory is there, a missing page is the thread's own fault, and so is one
	 * beside it. */
	assert_false(region_refill(other->pd, VA));
	assert_int_equal(do_call(core, OBJECT_DESTROY, MEMORY), PURLIN_OK);
	assert_false(page_mapped(other->pd, VA));
	assert_false(region_refill(other->pd, VA - 1));
	assert_false(region_refill(other->pd, VA + 150 * PAGE_SIZE));
	assert_true(region_refill(other->pd, VA));
	assert_true(page_mapped(other->pd, VA));
	/* Another processor's fault at the same page comes late. */
	assert_true(region_refill(other->pd, VA));
	assert_int_equal(faults_until_whole(other->pd, region), 2);
	check_spare(other->pd, region);
	assert_int_equal(do_call(other, MEMORY_UNMAP, PURLIN_SLOT_PD, VA), PURLIN_OK);
	assert_false(page_mapped(other->pd, VA));
	assert_false(region_refill(other->pd, VA));
	assert_int_equal(account->used, before);
}

/* The PD may end with the spare page, with half of it, or before its memory does. */
static void kept_until_the_end(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 150, 0), PURLIN_OK);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA + i * 0x10000000, 0, 150,
					 KEPT),
				 PURLIN_OK);
	assert_int_equal(do_call(other, MEMORY_UNMAP, PURLIN_SLOT_PD, VA), PURLIN_OK);
	assert_int_equal(do_call(core, OBJECT_DESTROY, MEMORY), PURLIN_OK);
	assert_true(region_refill(other->pd, VA + 0x10000000));
	assert_int_equal(do_call(core, OBJECT_DESTROY, PD), PURLIN_OK);
}

/* The thread whose access faults has more urgent things to do than whoever ends the memory. */
static void kept_midway(void **state)
{
	const uint64_t destroy[6] = { MEMORY };
	struct region *region;

	(void)state;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 3 * MEBI_PAGES, 0), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 3 * MEBI_PAGES, KEPT),
			 PURLIN_OK);
	region = region_at(other->pd, region_place(other->pd, VA), VA);
	host.preempt_every = 1;
	arguments_set(core, PURLIN_CALL_OBJECT_DESTROY, destroy);
	assert_true(round_done(core));
	assert_non_null(region->memory);
	assert_true(region->mapped < region->pages);
	while (region->memory)
		assert_true(region_refill(other->pd, VA + (region->pages - 1) * PAGE_SIZE));
	host.preempt_every = 0;
	faults_until_whole(other->pd, region);
	check_spare(other->pd, region);
	arguments_set(core, PURLIN_CALL_OBJECT_DESTROY, destroy);
	assert_false(round_done(core));
	assert_int_equal(answer(core), PURLIN_OK);
	check_spare(other->pd, region);
}

/* A mapping that is not whole when its memory goes is not there afterwards. */
static void kept_unfinished(void **state)
{
	const uint64_t map[6] = { MEMORY, PD, VA, 0, 3 * MEBI_PAGES, KEPT };
	uint64_t regions = other->pd->region_count;

	(void)state;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 3 * MEBI_PAGES, 0), PURLIN_OK);
	give(PD, MEMORY, MEMORY, PURLIN_RIGHT_ALL, 0);
	host.preempt_every = 1;
	arguments_set(core, PURLIN_CALL_MEMORY_MAP, map);
	assert_true(round_done(core));
	host.preempt_every = 0;
	assert_int_equal(do_call(other, OBJECT_DESTROY, MEMORY), PURLIN_OK);
	assert_int_equal(other->pd->region_count, regions);
	assert_false(region_refill(other->pd, VA));
	arguments_set(core, PURLIN_CALL_MEMORY_MAP, map);
	assert_false(round_done(core));
	assert_int_not_equal(answer(core), PURLIN_OK);
}

static void kept_errors(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 2, 0), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 2,
				 PURLIN_MAP_READ | PURLIN_MAP_EXECUTE | PURLIN_MAP_KEPT),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_MAP, MEMORY, PD, VA, 0, 2, PURLIN_MAP_KEPT),
			 PURLIN_BAD_ARGUMENT);
	/* What stands for memory that is gone is RAM, which nobody maps past the cache. */
	assert_int_equal(do_call(core, MEMORY_CREATE_PHYSICAL, 7, DEVICE, 0xfe000000, 2,
				 PURLIN_MAP_UNCACHED),
			 PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_MAP, DEVICE, PD, VA, 0, 2, KEPT),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, MEMORY_MAP, DEVICE, PD, VA, 0, 2,
				 KEPT | PURLIN_MAP_WRITE_COMBINING),
			 PURLIN_BAD_ARGUMENT);
	/* The message buffer is no mapping of the PD's. */
	assert_int_equal(do_call(other, MEMORY_UNMAP, PURLIN_SLOT_PD, TEST_MESSAGE),
			 PURLIN_BAD_ARGUMENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kept_setup, system_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(kept_mapping),    TEST(kept_until_the_end), TEST(kept_midway),
		TEST(kept_unfinished), TEST(kept_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
