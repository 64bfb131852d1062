// SPDX-License-Identifier: MIT
/*
 * The page allocator beside a list of what it handed out: runs lie in memory that was added, are
 * aligned and below their limit, never overlap, and what is free adds up.
 */
#include "input.h"

#include "base/pages.h"
#include "debug/log.h"

#define FIRST_BELOW ((1ull << (32 - PAGE_SHIFT)) - 700) /* memory lies on both sides of 4 GiB */
#define PAGES_MOST 2048
#define RUNS_MOST 64

static uint64_t bitmap[(FIRST_BELOW + PAGES_MOST) / 64 + 1];
static bool usable[PAGES_MOST];
static struct run {
	uint64_t first, pages; /* counted from FIRST_BELOW */
} runs[RUNS_MOST];
static unsigned int run_count;
static uint64_t expected; /* free pages */
static uint64_t added;	  /* the end of what was added so far */

_Noreturn void panic(const char *format, ...)
{
	fprintf(stderr, "kernel panic: %s\n", format);
	abort();
}

static bool taken(uint64_t page)
{
	for (unsigned int i = 0; i < run_count; i++) {
		if (page - runs[i].first < runs[i].pages)
			return true;
	}
	return false;
}

static bool fits(uint64_t first, uint64_t pages)
{
	for (uint64_t i = 0; i < pages; i++) {
		if (first + i >= PAGES_MOST || !usable[first + i] || taken(first + i))
			return false;
	}
	return true;
}

static bool anything_fits(uint64_t pages, uint64_t align, uint64_t limit)
{
	for (uint64_t first = 0; first + pages <= PAGES_MOST; first++) {
		uint64_t page = FIRST_BELOW + first;

		if (page % align == 0 && (!limit || (page + pages) << PAGE_SHIFT <= limit) &&
		    fits(first, pages))
			return true;
	}
	return false;
}

static void allocate(struct input *input)
{
	uint64_t pages = 1 + (input_byte(input) < 128 ? 0 : input_choice(input, 200));
	uint64_t align = 1ull << input_choice(input, 8);
	uint64_t limit = 0;
	struct physical base;
	uint64_t first;

	if (input_choice(input, 4) == 3)
		limit = (FIRST_BELOW + input_bytes(input, 2) % PAGES_MOST) << PAGE_SHIFT;
	if (run_count == RUNS_MOST)
		return;
	base = pages_allocate(pages, align, limit);
	if (!physical_valid(base)) {
		MUST(!anything_fits(pages, align, limit));
		return;
	}
	first = (base.value >> PAGE_SHIFT) - FIRST_BELOW;
	MUST(base.value % (align << PAGE_SHIFT) == 0);
	MUST(!limit || base.value + (pages << PAGE_SHIFT) <= limit);
	MUST(fits(first, pages));
	runs[run_count++] = (struct run){ first, pages };
	expected -= pages;
}

static void release(struct input *input)
{
	unsigned int which = input_byte(input);
	struct run run;

	if (!run_count)
		return;
	which %= run_count;
	run = runs[which];
	runs[which] = runs[--run_count];
	pages_free((struct physical){ (FIRST_BELOW + run.first) << PAGE_SHIFT }, run.pages);
	expected += run.pages;
}

static void add(struct input *input)
{
	uint64_t gap = input_bytes(input, 2) % 256, pages = 1 + input_bytes(input, 2) % 512;

	if (added + gap + pages > PAGES_MOST)
		return;
	for (uint64_t i = 0; i < pages; i++)
		usable[added + gap + i] = true;
	pages_add((struct physical){ (FIRST_BELOW + added + gap) << PAGE_SHIFT }, pages);
	expected += pages;
	added += gap + pages;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };

	pages_init(bitmap, FIRST_BELOW + PAGES_MOST);
	memset(usable, 0, sizeof(usable));
	run_count = 0;
	expected = added = 0;
	for (unsigned int i = 1 + input_choice(&input, 4); i; i--)
		add(&input);
	while (input.left) {
		if (input_choice(&input, 3))
			allocate(&input);
		else
			release(&input);
		MUST(pages_available() == expected);
	}
	return 0;
}
