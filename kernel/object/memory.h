/* SPDX-License-Identifier: MIT */
/* Memory objects, and regions: their mappings in native PDs. */
#ifndef OBJECT_MEMORY_H
#define OBJECT_MEMORY_H

#include "base/pages.h"
#include "object/object.h"

struct pd;
struct thread;

struct memory {
	struct object object;
	uint64_t pages;
	struct physical base; /* contiguous ones; else PHYSICAL_NONE and `table` */
	struct page_run run;  /* being looked for, while there is neither of the two */
	uint64_t **table;     /* a page of pointers to pages of page addresses */
	uint64_t charged;     /* pages of its own its account pays for */
	uint64_t zeroed; /* pages there and zeroed: less than `pages` while under construction */
	uint64_t freed;	 /* pages given back, while dying */
	uint32_t cache;	 /* PURLIN_MAP_* cache bits, never 0 */
	uint32_t flags;	 /* PURLIN_MEMORY_* it was created with */
	bool physical;	 /* I/O memory or firmware: nothing to free */
	uint64_t pins;
	struct list regions;	 /* struct region.memory_link */
	struct list attachments; /* the guests' (object/guest.h) */
};

#define MEMORY_CACHE_MASK (3u << PURLIN_MAP_CACHE_SHIFT)

/*
 * May the memory be mapped with these cache bits (0: its own)? What is write-back is so in every
 * mapping, since pages are zeroed and handed on through the cache: a mapping past it would show
 * what memory held before. Device registers are never cached.
 */
static inline bool memory_cache_allowed(const struct memory *memory, uint64_t rights)
{
	uint32_t cache = (uint32_t)rights & MEMORY_CACHE_MASK;

	return !cache ||
	       (cache == PURLIN_MAP_WRITE_BACK) == (memory->cache == PURLIN_MAP_WRITE_BACK);
}

/* Where page `index` lies. */
static inline struct physical memory_physical(const struct memory *memory, uint64_t index)
{
	if (physical_valid(memory->base))
		return (struct physical){ memory->base.value + index * PAGE_SIZE };
	return (struct physical){ memory->table[index / 512][index % 512] };
}

static inline bool memory_contiguous(const struct memory *memory)
{
	return physical_valid(memory->base);
}

/* How many pages, beginning with `first` and ending before `end`, are physically adjacent. */
uint64_t memory_run(const struct memory *memory, uint64_t first, uint64_t end);

/* One mapping in a PD; whole or not at all. */
struct region {
	struct list pd_link, memory_link;
	struct pd *pd;
	struct memory *memory; /* referenced; NULL: a message buffer of the kernel */
	uint64_t address, offset, pages;
	uint64_t mapped; /* pages mapped so far: less than `pages` while mapping or unmapping */
	uint32_t rights; /* cache bits resolved */
	struct physical spare; /* of a kept one: stands for memory that is gone */
	uint64_t number;       /* of no other region, ever: names it in a call's progress */
	bool complete;	       /* was mapped whole once */
	bool failed;	       /* no memory for tables: what is mapped goes again */
};

/* Describe memory that is there already: I/O memory, firmware tables, the boot bundle. */
status memory_describe(struct account *account, struct physical base, uint64_t pages,
		       uint32_t cache, struct memory **created);
/* Begin one of RAM (nothing has been allocated if this fails), and go on in rounds until PURLIN_OK
 * or NO_MEMORY. */
status memory_begin(struct account *account, uint64_t pages, uint32_t flags,
		    struct memory **created);
status memory_continue(struct memory *memory);
status memory_kill(struct object *object);
/*
 * A region or an attachment leaves the memory's list and gives up its reference. If it was the
 * last, the memory is destroyed, in rounds: CALL_RESTART.
 */
status memory_let_go(struct memory *memory, struct list *link);
/*
 * A memory object dies: it vanishes from all guests (guest_life.c); one whose state page it held
 * stops. CALL_RESTART: an interrupt waits.
 */
status guest_memory_gone(struct memory *memory);
/*
 * The pages that its account still pays for; a destroyed object still has some while it is pinned.
 */
uint64_t memory_charged(const struct memory *memory);

/* Room for a region in a PD, at its place; fails with BAD_ARGUMENT, OVERLAP or NO_MEMORY. Nothing
 * is mapped yet.
 */
status region_create(struct pd *pd, struct list *place, struct memory *memory, uint64_t address,
		     uint64_t offset, uint64_t pages, uint32_t rights, struct region **created);
/*
 * The first region that ends after `address`: a new one goes before it. There may be many regions,
 * so a call should search only once.
 */
struct list *region_place(struct pd *pd, uint64_t address);
/* The one that starts at `address`, or NULL. */
struct region *region_at(struct pd *pd, struct list *place, uint64_t address);
/* Map the rest, in rounds; NO_MEMORY leaves the region to be removed. */
status region_map(struct region *region);
/* Unmap in rounds and free. */
status region_remove(struct region *region);
/*
 * The region's memory dies. One that is kept is unmapped and loses the memory, in rounds; another
 * is removed.
 */
status region_lose(struct region *region);
/* Whether a page that was found missing is one of a kept region. If so, the access is to be tried
 * again. */
bool region_refill(struct pd *pd, uint64_t address);
/* For one page of the kernel's own (message buffers): map, or remove without rounds. */
status region_map_page(struct region *region, struct physical page);
void region_remove_page(struct region *region);

OBJECT_OF(memory)

#endif
