// SPDX-License-Identifier: MIT
/*
 * Free pages: one bit each, 1 = free. Single pages come from the bottom, runs from the top, so that
 * single pages do not cut up long runs. Memory below 4 GiB is used for single pages only when there
 * is none above, since some devices reach no other.
 */
#include "base/pages.h"

#include "base/call.h"
#include "base/string.h"
#include "debug/log.h"

#define PAGES_4G (1ull << (32 - PAGE_SHIFT))
#define MANAGED_MAX 64
#define BLOCK_PAGES 32768ull
#define BLOCKS 16384	 /* what lies beyond is not passed over */
#define ROUND_PAGES 4096 /* of a search for a run */

static uint64_t *bitmap;
static uint64_t highest; /* number of pages the bitmap covers */
static uint64_t available;
/* No free page lies below these, in the part below 4 GiB and in the one above. */
static uint64_t first_free_low, first_free_high;
/* Free pages in each 128 MiB: a search passes over those without. */
static uint32_t block_free[BLOCKS];
static struct {
	uint64_t first, end;
} managed[MANAGED_MAX];
static unsigned int managed_count;

void pages_init(void *memory, uint64_t highest_page)
{
	bitmap = memory;
	highest = highest_page;
	available = 0;
	managed_count = 0;
	first_free_low = highest < PAGES_4G ? highest : PAGES_4G;
	first_free_high = highest;
	memset(bitmap, 0, (highest + 63) / 64 * 8);
	memset(block_free, 0, sizeof(block_free));
}

static bool is_free(uint64_t page)
{
	return bitmap[page / 64] >> (page % 64) & 1;
}

/* Bits of one word. */
static void mark_word(uint64_t first, uint64_t count, bool free)
{
	uint64_t mask = ((1ull << count) - 1) << (first % 64);

	if (free)
		bitmap[first / 64] |= mask;
	else
		bitmap[first / 64] &= ~mask;
}

static void block_count(uint64_t first, uint64_t count, bool free)
{
	while (count && first / BLOCK_PAGES < BLOCKS) {
		uint64_t some = least(BLOCK_PAGES - first % BLOCK_PAGES, count);

		block_free[first / BLOCK_PAGES] += (uint32_t)(free ? some : 0 - some);
		first += some;
		count -= some;
	}
}

static bool block_full(uint64_t page)
{
	return page / BLOCK_PAGES < BLOCKS && !block_free[page / BLOCK_PAGES];
}

static void mark_run(uint64_t first, uint64_t count, bool free)
{
	uint64_t head = least((64 - first % 64) % 64, count);
	uint64_t words = (count - head) / 64;

	block_count(first, count, free);
	if (head)
		mark_word(first, head, free);
	if (words)
		memset(&bitmap[(first + head) / 64], free ? 0xff : 0, words * sizeof(*bitmap));
	if ((count - head) % 64)
		mark_word(first + head + words * 64, (count - head) % 64, free);
}

static void mark(uint64_t first, uint64_t count, bool free)
{
	/* Nearly every call is about one page. */
	if (count == 1 && first / BLOCK_PAGES < BLOCKS) {
		block_free[first / BLOCK_PAGES] += free ? 1 : -1u;
		mark_word(first, 1, free);
	} else {
		mark_run(first, count, free);
	}
}

static void release(uint64_t first, uint64_t count)
{
	mark(first, count, true);
	available += count;
	if (first < first_free_low)
		first_free_low = first;
	if (first + count > PAGES_4G) {
		uint64_t high = first < PAGES_4G ? PAGES_4G : first;
		if (high < first_free_high)
			first_free_high = high;
	}
}

void pages_add(struct physical base, uint64_t pages)
{
	uint64_t first = base.value >> PAGE_SHIFT;

	kernel_assert(managed_count < MANAGED_MAX && first + pages <= highest);
	managed[managed_count].first = first;
	managed[managed_count++].end = first + pages;
	release(first, pages);
}

void pages_take(struct physical base, uint64_t pages)
{
	mark(base.value >> PAGE_SHIFT, pages, false);
	available -= pages;
}

/* The first free page in [from, end); end: none. */
static uint64_t find_single(uint64_t from, uint64_t end)
{
	for (uint64_t page = from; page < end;) {
		uint64_t word = bitmap[page / 64] >> (page % 64);
		if (word) {
			page += (uint64_t)__builtin_ctzll(word);
			return page < end ? page : end;
		}
		if (block_full(page))
			page = (page / BLOCK_PAGES + 1) * BLOCK_PAGES;
		else
			page = (page / 64 + 1) * 64;
	}
	return end;
}

/*
 * `first_free_*` make this cheap: they move up as pages are taken, and down when one is freed. Only
 * a search that reached the very end shows that nothing is free, so only that one moves up to it.
 */
static uint64_t allocate_single(uint64_t end)
{
	uint64_t low_end = end < PAGES_4G ? end : PAGES_4G;

	if (end > PAGES_4G) {
		uint64_t page = find_single(first_free_high, end);
		if (page < end) {
			first_free_high = page + 1;
			return page;
		}
		if (end == highest)
			first_free_high = highest;
	}
	uint64_t page = find_single(first_free_low, low_end);
	if (page == low_end)
		return ~0ull;
	first_free_low = page + 1;
	return page;
}

/* The last page of [first, end) that is not free; end: all are. */
static uint64_t last_used(uint64_t first, uint64_t end)
{
	for (uint64_t page = end; page > first;) {
		if (page % 64 == 0 && page - first >= 64 && bitmap[page / 64 - 1] == ~0ull) {
			page -= 64;
			continue;
		}
		if (!is_free(--page))
			return page;
	}
	return end;
}

/* One more than the last free page below `end`; 0: there is none. */
static uint64_t free_end(uint64_t end)
{
	while (end) {
		uint64_t page = end - 1;
		uint64_t word = bitmap[page / 64] << (63 - page % 64);

		if (word)
			return end - (uint64_t)__builtin_clzll(word);
		if (block_full(page))
			end = page / BLOCK_PAGES * BLOCK_PAGES;
		else
			end = page / 64 * 64;
	}
	return 0;
}

/* The uppermost place at or below `end` for the run; false: there is none. */
static bool run_place(struct page_run *run, uint64_t end)
{
	end = free_end(end);
	if (end < run->pages)
		return false;
	run->end = (end - run->pages) / run->align * run->align + run->pages;
	return true;
}

void page_run_begin(struct page_run *run, uint64_t pages, uint64_t align, uint64_t limit)
{
	*run = (struct page_run){ .pages = pages, .align = align ? align : 1 };
	run->next = least(limit ? limit >> PAGE_SHIFT : highest, highest);
}

/*
 * Take the next part of the place, from its end down. Parts are taken as they are found, so that
 * nobody else can take them between two rounds. If a page is in use, the next place to try ends
 * there: no place that contains this page can be free.
 */
static void run_extend(struct page_run *run)
{
	uint64_t rest = run->pages - run->taken;
	uint64_t some = rest < ROUND_PAGES ? rest : ROUND_PAGES;
	uint64_t first = run->end - run->taken - some;
	uint64_t used = last_used(first, first + some);

	if (used != first + some) {
		run->next = used;
		return;
	}
	mark(first, some, false);
	available -= some;
	run->taken += some;
}

/* The place was not free as a whole: give back what was taken of it, in rounds, too. */
static void run_shrink(struct page_run *run)
{
	uint64_t some = run->taken < ROUND_PAGES ? run->taken : ROUND_PAGES;

	release(run->end - run->taken, some);
	run->taken -= some;
}

status page_run_round(struct page_run *run)
{
	if (!run->next) {
		run_extend(run);
	} else if (run->taken) {
		run_shrink(run);
	} else {
		if (!run_place(run, run->next))
			return PURLIN_NO_MEMORY;
		run->next = 0;
	}
	return run->taken == run->pages ? PURLIN_OK : CALL_RESTART;
}

static uint64_t allocate_run(uint64_t pages, uint64_t align, uint64_t limit)
{
	struct page_run run;
	status result;

	page_run_begin(&run, pages, align, limit);
	do
		result = page_run_round(&run);
	while (result == CALL_RESTART);
	return result == PURLIN_OK ? run.end - pages : ~0ull;
}

struct physical pages_allocate(uint64_t pages, uint64_t align, uint64_t limit)
{
	uint64_t first;

	if (pages == 0 || pages > available)
		return PHYSICAL_NONE;
	if (pages > 1 || align > 1) {
		first = allocate_run(pages, align, limit);
	} else {
		first = allocate_single(least(limit ? limit >> PAGE_SHIFT : highest, highest));
		if (first != ~0ull)
			pages_take((struct physical){ first << PAGE_SHIFT }, 1);
	}
	return first == ~0ull ? PHYSICAL_NONE : (struct physical){ first << PAGE_SHIFT };
}

void pages_free(struct physical base, uint64_t pages)
{
	uint64_t first = base.value >> PAGE_SHIFT;

	/* A page freed twice would soon be handed out twice. */
	for (uint64_t page = first; page < first + pages; page++)
		kernel_assert(!is_free(page));
	release(first, pages);
}

uint64_t pages_available(void)
{
	return available;
}

bool pages_managed(struct physical base, uint64_t pages)
{
	uint64_t first = base.value >> PAGE_SHIFT;

	for (unsigned int i = 0; i < managed_count; i++)
		if (first < managed[i].end && first + pages > managed[i].first)
			return true;
	return false;
}
