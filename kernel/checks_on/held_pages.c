// SPDX-License-Identifier: MIT
/* The queue of freed pages. */
#include "checks_on/held_pages.h"

#include "base/arch.h"
#include "debug/log.h"

#define PATTERN 0xdeadf4eedeadf4eeull
#define PAGE_WORDS (PAGE_SIZE / sizeof(uint64_t))

/* [leaves, filled) have the pattern, [filled, joins) are to get it. */
static struct run {
	struct physical base;
	uint64_t pages;
} runs[HELD_RUNS];
static uint64_t leaves, filled, joins;
static uint64_t held;

static struct run *run_at(uint64_t number)
{
	return &runs[number % HELD_RUNS];
}

static uint64_t *word_at(const struct run *run, uint64_t word)
{
	return (uint64_t *)arch_physical_to_kernel(run->base) + word;
}

static void fill(const struct run *run)
{
	for (uint64_t word = 0; word < run->pages * PAGE_WORDS; word++)
		*word_at(run, word) = PATTERN;
}

static void verify(const struct run *run)
{
	for (uint64_t word = 0; word < run->pages * PAGE_WORDS; word++) {
		uint64_t found = __atomic_load_n(word_at(run, word), __ATOMIC_RELAXED);

		if (found != PATTERN)
			panic("check: a freed page was written to, %llx at %llx",
			      (unsigned long long)found,
			      (unsigned long long)run->base.value + word * sizeof(uint64_t));
	}
}

static void fill_all(void)
{
	for (; filled != joins; filled++)
		fill(run_at(filled));
}

static void leave(void)
{
	struct run run = *run_at(leaves++);

	verify(&run);
	held -= run.pages;
	held_pages_let_go(run.base, run.pages);
}

void held_pages_add(struct physical base, uint64_t pages)
{
	if (joins - leaves == HELD_RUNS) {
		fill_all();
		leave();
	}
	*run_at(joins++) = (struct run){ base, pages };
	held += pages;
}

void held_pages_round(void)
{
	fill_all();
	while (held > HELD_PAGES)
		leave();
}

void held_pages_verify(void)
{
	fill_all();
	for (uint64_t number = leaves; number != joins; number++)
		verify(run_at(number));
}

void held_pages_drain(void)
{
	fill_all();
	while (leaves != joins)
		leave();
}

uint64_t held_pages_count(void)
{
	return held;
}
