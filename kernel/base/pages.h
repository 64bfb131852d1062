/* SPDX-License-Identifier: MIT */
/* Physical memory: which pages are free. Accounts pay; this only counts. */
#ifndef BASE_PAGES_H
#define BASE_PAGES_H

#include "base/types.h"

/* Boot: tell the allocator of `pages` usable pages from `base`. The bitmap must fit: call
 * pages_init first. */
void pages_init(void *bitmap, uint64_t highest_page);
void pages_add(struct physical base, uint64_t pages);
/* Boot: these are in use already. */
void pages_take(struct physical base, uint64_t pages);

/* A run of contiguous pages, aligned to `align` pages, wholly below `limit` (0: anywhere). Not
 * zeroed. */
struct physical pages_allocate(uint64_t pages, uint64_t align, uint64_t limit);
void pages_free(struct physical base, uint64_t pages);

/*
 * The same for long runs, in rounds of some thousand instructions. What is found free is taken at
 * once, [end - taken, end), and given back where a page in use is in the way.
 */
struct page_run {
	uint64_t pages, align;
	uint64_t end, taken; /* numbers of pages */
	uint64_t next;	     /* the place is not free: look below this; 0: it may be */
};
void page_run_begin(struct page_run *run, uint64_t pages, uint64_t align, uint64_t limit);
/* PURLIN_OK: [end - pages, end) is yours; NO_MEMORY: nothing is taken; CALL_RESTART: go on. */
status page_run_round(struct page_run *run);
uint64_t pages_available(void);
/* True if any page of the range belongs to the allocator, free or not. */
bool pages_managed(struct physical base, uint64_t pages);

#endif
