// SPDX-License-Identifier: MIT
/* The page allocator: what it gives is free, aligned, below the limit, and given once. */
#include "test.h"

#include "base/call.h"
#include "base/pages.h"
#include "debug/log.h"

#define GIB_PAGES (1ull << 18)

static uint64_t bitmap[6 * GIB_PAGES / 64 + 1];
static jmp_buf panicked;

_Noreturn void panic(const char *format, ...)
{
	(void)format;
	longjmp(panicked, 1);
}

static void add(uint64_t first, uint64_t pages)
{
	pages_add((struct physical){ first << PAGE_SHIFT }, pages);
}

static uint64_t allocate(uint64_t pages, uint64_t align, uint64_t limit)
{
	struct physical base = pages_allocate(pages, align, limit);

	return physical_valid(base) ? base.value >> PAGE_SHIFT : ~0ull;
}

static void release(uint64_t first, uint64_t pages)
{
	pages_free((struct physical){ first << PAGE_SHIFT }, pages);
}

static void singles_come_once(void **state)
{
	bool seen[200] = { false };

	(void)state;
	pages_init(bitmap, 1000);
	add(100, 200);
	for (int i = 0; i < 200; i++) {
		uint64_t page = allocate(1, 1, 0);
		assert_in_range(page, 100, 299);
		assert_false(seen[page - 100]);
		seen[page - 100] = true;
	}
	assert_int_equal(pages_available(), 0);
	assert_int_equal(allocate(1, 1, 0), ~0ull);
	release(217, 1);
	assert_int_equal(allocate(1, 1, 0), 217);
}

static void runs_are_aligned(void **state)
{
	(void)state;
	pages_init(bitmap, 10000);
	add(3, 9000);
	for (int i = 0; i < 16; i++)
		assert_int_equal(allocate(512, 512, 0) % 512, 0);
	assert_int_equal(allocate(512, 512, 0), ~0ull);
	/* What is left lies at both ends. */
	assert_int_equal(pages_available(), 9000 - 16 * 512);
}

static void runs_avoid_used_pages(void **state)
{
	(void)state;
	pages_init(bitmap, 1024);
	add(0, 1024);
	uint64_t run = allocate(1024, 1, 0);
	assert_int_equal(run, 0);
	release(0, 300);
	release(301, 723);
	assert_int_equal(allocate(724, 1, 0), ~0ull);
	assert_int_equal(allocate(723, 1, 0), 301);
	assert_int_equal(allocate(300, 1, 0), 0);
}

static void limit_holds(void **state)
{
	(void)state;
	pages_init(bitmap, 6 * GIB_PAGES);
	add(GIB_PAGES, 16);
	add(5 * GIB_PAGES, 16);
	assert_int_equal(allocate(1, 1, 0), 5 * GIB_PAGES);
	assert_int_equal(allocate(1, 1, 1ull << 32), GIB_PAGES);
	assert_int_equal(allocate(8, 1, 1ull << 32), GIB_PAGES + 8);
	for (int i = 0; i < 15; i++)
		assert_in_range(allocate(1, 1, 0), 5 * GIB_PAGES, 6 * GIB_PAGES);
	/* Nothing above: now from below 4 GiB. */
	assert_int_equal(allocate(1, 1, 0), GIB_PAGES + 1);
}

static void ranges_may_meet_4g(void **state)
{
	(void)state;
	pages_init(bitmap, 6 * GIB_PAGES);
	add(4 * GIB_PAGES - 2, 4);
	assert_int_equal(allocate(1, 1, 0), 4 * GIB_PAGES);
	assert_int_equal(allocate(1, 1, 0), 4 * GIB_PAGES + 1);
	assert_int_equal(allocate(1, 1, 0), 4 * GIB_PAGES - 2);
}

static void managed_knows_its_ranges(void **state)
{
	(void)state;
	pages_init(bitmap, 1000);
	add(100, 10);
	assert_false(pages_managed((struct physical){ 99 << PAGE_SHIFT }, 1));
	assert_true(pages_managed((struct physical){ 99 << PAGE_SHIFT }, 2));
	assert_true(pages_managed((struct physical){ 109 << PAGE_SHIFT }, 1));
	assert_false(pages_managed((struct physical){ 110 << PAGE_SHIFT }, 1));
}

static void double_free_panics(void **state)
{
	(void)state;
	pages_init(bitmap, 1000);
	add(0, 10);
	uint64_t page = allocate(1, 1, 0);
	release(page, 1);
	if (setjmp(panicked) == 0) {
		release(page, 1);
		fail();
	}
}

/* Others allocate between the rounds; what is in the way gives back all that was taken. */
static void runs_in_rounds(void **state)
{
	struct page_run run;
	status result;
	unsigned int rounds = 0;

	(void)state;
	pages_init(bitmap, 4 * GIB_PAGES);
	add(0, 4 * GIB_PAGES);
	assert_int_equal(allocate(1, 1, 0), 0);
	pages_take((struct physical){ (2 * GIB_PAGES + 5) << PAGE_SHIFT }, 1);
	page_run_begin(&run, 3 * GIB_PAGES / 2, 512, 0);
	pages_take((struct physical){ (3 * GIB_PAGES) << PAGE_SHIFT }, 1);
	while ((result = page_run_round(&run)) == CALL_RESTART) {
		uint64_t page = allocate(1, 1, 0);

		assert_true(page < run.end - run.taken || page >= run.end || !run.taken);
		release(page, 1);
		rounds++;
	}
	assert_int_equal(result, PURLIN_OK);
	assert_true(rounds > 100);
	assert_int_equal(run.end, 2 * GIB_PAGES);
	assert_int_equal(pages_available(), 5 * GIB_PAGES / 2 - 3);

	page_run_begin(&run, 3 * GIB_PAGES / 2, 512, 0);
	while ((result = page_run_round(&run)) == CALL_RESTART)
		;
	assert_int_equal(result, PURLIN_NO_MEMORY);
	assert_int_equal(run.taken, 0);
	assert_int_equal(pages_available(), 5 * GIB_PAGES / 2 - 3);
}

static void random_use(void **state)
{
	static uint8_t owner[4096];
	static struct {
		uint64_t first, pages;
	} held[64];

	(void)state;
	memset(owner, 0, sizeof(owner));
	srand(1);
	pages_init(bitmap, 4096);
	add(0, 4096);
	for (int step = 0; step < 20000; step++) {
		int slot = rand() % 64;
		if (held[slot].pages) {
			memset(owner + held[slot].first, 0, held[slot].pages);
			release(held[slot].first, held[slot].pages);
			held[slot].pages = 0;
			continue;
		}
		uint64_t pages = 1 + (uint64_t)(rand() % 120 * (rand() % 2));
		uint64_t first = allocate(pages, 1ull << rand() % 6, 0);
		if (first == ~0ull)
			continue;
		assert_true(first + pages <= 4096);
		for (uint64_t i = first; i < first + pages; i++)
			assert_int_equal(owner[i]++, 0);
		held[slot].first = first;
		held[slot].pages = pages;
	}
}

TEST_MAIN(TEST(singles_come_once), TEST(runs_are_aligned), TEST(runs_avoid_used_pages),
	  TEST(limit_holds), TEST(ranges_may_meet_4g), TEST(managed_knows_its_ranges),
	  TEST(double_free_panics), TEST(runs_in_rounds), TEST(random_use))
