// SPDX-License-Identifier: MIT
/* The cursor over page tables, and what is made of it, beside plain lists of pages and spans. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arch/cursor.h"
#include "arch/range.h"
#include "base/arch.h"
#include "base/call.h"
#include "object/account.h"

#define PAGES_MOST 4096
#define SPANS_ALL (1ull << (PAGE_NUMBER_BITS - 9))
#define PLACES 12
#define ROUNDS 300

struct physical kernel_root;
static struct account account; /* only its address counts */
static void *allocated[PAGES_MOST];
static unsigned int live, left_over; /* pages that may still be had */
static unsigned int interrupt_every, looks;
static uint64_t *root;

struct physical account_page(struct account *pays)
{
	void *page;

	assert_ptr_equal(pays, &account);
	if (!left_over)
		return PHYSICAL_NONE;
	left_over--;
	page = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
	memset(page, 0, PAGE_SIZE);
	allocated[live++] = page;
	assert_true(live < PAGES_MOST);
	return (struct physical){ (uint64_t)page };
}

/* What is freed twice, or was no table, is found here; what is used afterwards, by ASan. */
void account_page_free(struct account *pays, struct physical page)
{
	unsigned int i = 0;

	assert_ptr_equal(pays, &account);
	while (i < live && allocated[i] != (void *)page.value)
		i++;
	assert_true(i < live);
	allocated[i] = allocated[--live];
	free((void *)page.value);
}

bool arch_preemption_pending(void)
{
	return interrupt_every && ++looks % interrupt_every == 0;
}

/* Nothing here has a TLB. */
void tlb_flush(uint64_t *processors, uint64_t id, uint64_t second_id, const struct tlb_batch *batch)
{
	(void)processors;
	(void)id;
	(void)second_id;
	(void)batch;
}

void tlb_leave(uint64_t *processors, uint64_t id, uint64_t second_id)
{
	(void)processors;
	(void)id;
	(void)second_id;
}

uint64_t root_new_id(void)
{
	return 1;
}

uint64_t root_value(struct physical page, uint64_t id)
{
	(void)id;
	return page.value;
}

static int begin(void **state)
{
	(void)state;
	left_over = PAGES_MOST - 1;
	live = interrupt_every = looks = 0;
	root = table_at(account_page(&account));
	srand(1);
	return 0;
}

/* All tables below the root, and the root. */
static int end(void **state)
{
	(void)state;
	while (tables_free(root, 0, TABLE_ENTRIES - 1, &account) == CALL_RESTART)
		;
	account_page_free(&account, (struct physical){ (uint64_t)root });
	assert_int_equal(live, 0);
	return 0;
}

static uint64_t *entry_of(uint64_t virtual_address, unsigned int level)
{
	struct cursor cursor;

	cursor_start(&cursor, root, virtual_address);
	return cursor_descend(&cursor, level, &account) ? cursor.entry : NULL;
}

static void way_down(void **state)
{
	struct cursor cursor;
	uint64_t *entry;

	(void)state;
	cursor_start(&cursor, root, 0x7fffffffe000);
	assert_false(cursor_descend(&cursor, 0, NULL));
	assert_int_equal(cursor.level, 3);
	assert_int_equal(live, 1);
	/* Memory for one of the three tables: the cursor stands where the next would hang. */
	left_over = 1;
	assert_false(cursor_descend(&cursor, 0, &account));
	assert_int_equal(cursor.level, 2);
	left_over = 10;
	assert_true(cursor_descend(&cursor, 0, &account));
	assert_int_equal(live, 4);
	entry = cursor.entry;
	assert_ptr_equal(entry - cursor.table[0], 510);
	/* The same way again makes nothing, also for somebody who may not make anything. */
	cursor_start(&cursor, root, 0x7fffffffe000);
	assert_true(cursor_descend(&cursor, 0, NULL));
	assert_ptr_equal(cursor.entry, entry);
	assert_int_equal(live, 4);
}

static void large_page_splits(void **state)
{
	const uint64_t at = 0xffff900000000000, bits = PTE_PRESENT | PTE_USER | PTE_NX;
	struct cursor cursor;

	(void)state;
	*entry_of(at, 1) = 0x40000000 | bits | PTE_LARGE;
	cursor_start(&cursor, root, at + 5 * PAGE_SIZE);
	assert_false(cursor_descend(&cursor, 0, &account));
	assert_true(cursor_at_large(&cursor));
	left_over = 0;
	assert_false(cursor_split(&cursor, &account));
	assert_true(cursor_at_large(&cursor));
	left_over = 1;
	assert_true(cursor_split(&cursor, &account));
	assert_true(cursor_descend(&cursor, 0, NULL));
	for (uint64_t i = 0; i < TABLE_ENTRIES; i++)
		assert_int_equal(cursor.table[0][i], (0x40000000 + i * PAGE_SIZE) | bits);
	assert_int_equal(cursor.entry - cursor.table[0], 5);
}

static uint64_t any(uint64_t below)
{
	return ((uint64_t)rand() << 31 ^ (uint64_t)rand()) % below;
}

static int order(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* Spans near each other, near borders of tables, and at the very ends. */
static uint64_t any_span(void)
{
	static const uint64_t base[] = { 0, 511, 512, 1 << 18, 272 << 18, SPANS_ALL - 513 };

	return (base[any(6)] + any(3) * (1 + any(512)) % 513) % SPANS_ALL;
}

/* Each present one of the range is visited once, in order; and no table is left out on the way up.
 */
static void walk_check(const uint64_t *spans, unsigned int count, uint64_t first, uint64_t behind)
{
	uint64_t below[TABLE_LEVELS] = { 0 }; /* entries visited since the table above was left */
	struct cursor cursor;
	unsigned int i = 0;

	while (i < count && spans[i] < first)
		i++;
	cursor_open(&cursor, root, first, behind);
	while (cursor_next(&cursor)) {
		assert_true(cursor.next <= behind);
		if (cursor.level == 1) {
			assert_true(i < count && spans[i] < behind);
			assert_int_equal(cursor.span, spans[i]);
			assert_int_equal(cursor.next, spans[i++] + 1);
			below[2]++;
			continue;
		}
		assert_in_range(cursor.level, 2, TABLE_LEVELS - 1);
		below[cursor.level] = 0;
		if (cursor.level + 1 < TABLE_LEVELS)
			below[cursor.level + 1]++;
	}
	assert_true(i == count || spans[i] >= behind);
	assert_true(!below[2] && !below[3]);
	assert_false(cursor_next(&cursor));
}

static void visits_what_is_present(void **state)
{
	uint64_t spans[PLACES];
	unsigned int count = 0;

	(void)state;
	for (unsigned int i = 0; i < PLACES; i++) {
		uint64_t *entry;

		spans[count] = any_span();
		entry = entry_of(page_address(spans[count] * SPAN_PAGES), 1);
		if (!*entry)
			count++;
		*entry = PTE_PRESENT | PTE_LARGE | i << 21;
	}
	qsort(spans, count, sizeof(spans[0]), order);
	walk_check(spans, count, 0, SPANS_ALL);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		uint64_t first = any(2) ? any_span() : any(SPANS_ALL);
		uint64_t behind = any(2) ? any_span() + any(2) : SPANS_ALL;

		walk_check(spans, count, first, behind);
	}
}

/*
 * When memory runs out on the way down, tables stay that lead to nothing. However many there are in
 * a row, the list of those taken at once holds no more than it has room for.
 */
static void empty_tables_are_taken(void **state)
{
	uint64_t span = 0;
	struct {
		struct table_list list;
		uint64_t guard;
	} taken = { .guard = 0x5a5a };
	unsigned int rounds = 0;
	bool all;

	(void)state;
	for (unsigned int slot = 0; slot < 40; slot++) {
		left_over = 1;
		assert_null(entry_of((uint64_t)slot << 39, 0));
	}
	assert_int_equal(live, 41);
	do {
		taken.list.count = 0;
		all = tables_take(root, &span, 256 * SPANS_IN_SLOT, &taken.list);
		assert_true(taken.list.count <= TABLES_AT_ONCE);
		assert_int_equal(taken.guard, 0x5a5a);
		table_list_free(&taken.list, &account);
		rounds++;
	} while (!all);
	assert_int_equal(live, 1);
	assert_int_equal(rounds, 3);
	for (unsigned int i = 0; i < TABLE_ENTRIES; i++)
		assert_int_equal(root[i], 0);
}

/* Taken from the middle, what lies in front keeps its tables; then all goes, in small rounds. */
static void tables_go_in_rounds(void **state)
{
	uint64_t span = 100;
	bool all;

	(void)state;
	for (uint64_t i = 0; i < 200; i++)
		*entry_of(i << 21, 0) = PTE_PRESENT;
	do {
		struct table_list taken = { .count = 0 };

		all = tables_take(root, &span, SPANS_IN_SLOT, &taken);
		table_list_free(&taken, &account);
	} while (!all);
	assert_int_equal(live, 1 + 2 + 100);
	for (uint64_t i = 0; i < 200; i++) {
		struct cursor cursor;

		cursor_start(&cursor, root, i << 21);
		assert_int_equal(cursor_descend(&cursor, 0, NULL), i < 100);
	}
}

/* Some pages around the borders that a range may meet, and what is mapped there. */
#define FIRST_PAGE ((1ull << PAGE_NUMBER_BITS) - 3 * SPAN_PAGES)
#define MODEL_PAGES (3 * SPAN_PAGES)
static uint64_t model[MODEL_PAGES];

static void model_fill(void)
{
	for (uint64_t i = 0; i < MODEL_PAGES; i++) {
		uint64_t *entry = entry_of(page_address(FIRST_PAGE + i), 0);

		if (any(3))
			continue;
		model[i] = *entry = i << PAGE_SHIFT | PTE_PRESENT | (any(2) ? PTE_WRITE : 0);
	}
}

static void model_change(uint64_t first, uint64_t pages, enum range_work work,
			 const struct tlb_batch *gone)
{
	unsigned int changed = 0;

	for (uint64_t i = first; i < first + pages; i++) {
		uint64_t old = model[i];

		model[i] = work == RANGE_UNMAP ? 0 : old & ~PTE_WRITE;
		if (old == model[i])
			continue;
		if (!gone->everything)
			assert_int_equal(gone->page[changed], page_address(FIRST_PAGE + i));
		changed++;
	}
	assert_true(gone->everything || gone->count == changed);
	for (uint64_t i = 0; i < MODEL_PAGES; i++)
		assert_int_equal(*entry_of(page_address(FIRST_PAGE + i), 0), model[i]);
}

/* A page at a time, across tables, up to the very last page; interrupted, and gone on with. */
static void ranges_change(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < ROUNDS / 10; round++) {
		uint64_t first = any(MODEL_PAGES), done = 0;
		uint64_t pages = any(4) ? 1 + any(MODEL_PAGES - first) : MODEL_PAGES - first;
		enum range_work work = any(2) ? RANGE_UNMAP : RANGE_WRITE_PROTECT;

		model_fill();
		interrupt_every = (unsigned int)any(3);
		while (done < pages) {
			struct tlb_batch gone = { .count = 0 };
			uint64_t some = pages - done;

			range_change(root, page_address(FIRST_PAGE + first + done), &some, work,
				     &gone);
			assert_true(some && some <= pages - done);
			model_change(first + done, some, work, &gone);
			done += some;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(way_down, begin, end),
		cmocka_unit_test_setup_teardown(large_page_splits, begin, end),
		cmocka_unit_test_setup_teardown(visits_what_is_present, begin, end),
		cmocka_unit_test_setup_teardown(empty_tables_are_taken, begin, end),
		cmocka_unit_test_setup_teardown(tables_go_in_rounds, begin, end),
		cmocka_unit_test_setup_teardown(ranges_change, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
