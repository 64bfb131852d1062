/* SPDX-License-Identifier: MIT */
/*
 * Where an entry of a batch leads: to which half, to which attachment of the guest, and to which
 * entry of the kernel's tables. The inline part is what nearly every entry needs: it goes where the
 * previous one went.
 */
#ifndef OBJECT_BATCH_TARGET_H
#define OBJECT_BATCH_TARGET_H

#include "object/batch.h"

#define NO_FLAGS (~0ull)

/* The half that an entry speaks of. */
struct target {
	struct space *space; /* NULL: the kernel half */
	struct tlb_batch *gone;
};

/* False: the range is in no half, or in the lower one and there is no space. */
static inline bool target_find(struct batch *batch, uint64_t virtual_address, uint64_t pages,
			       struct target *target)
{
	enum half half = range_half(virtual_address, pages);

	target->space = half == HALF_LOWER ? batch->space : NULL;
	target->gone = half == HALF_LOWER ? &batch->lower : &batch->upper;
	return half == HALF_UPPER || (half == HALF_LOWER && batch->space);
}

/*
 * With a table, made if it was not there; or the one of a large page. Without memory the guest's
 * own mappings have to make room; those of the space at hand go last and once: they may be what is
 * being made here.
 */
uint64_t *entry_make(struct batch *batch, struct space *space, uint64_t virtual_address,
		     bool large);

/*
 * The entry for an address if it is in the same table as the previous one, as most are; else NULL.
 * `pages` is lowered to those that the entry's table maps from there on.
 */
static inline uint64_t *entry_recent(const struct batch *batch, const struct space *space,
				     uint64_t virtual_address, uint64_t *pages)
{
	const struct recent *recent = &batch->vcpu->recent;
	uint64_t page = virtual_address >> PAGE_SHIFT, index = page % ARCH_SPAN_PAGES;

	/*
	 * The generation changes with everything that could make what is remembered wrong: a table
	 * that goes, a space that ends, an attachment that is taken away. So comparing is enough.
	 */
	if (*pages > ARCH_SPAN_PAGES - index)
		*pages = ARCH_SPAN_PAGES - index;
	if (__builtin_expect(recent->span == page / ARCH_SPAN_PAGES && recent->space == space &&
				     recent->generation == batch->guest->generation,
			     1))
		return recent->table + index;
	return NULL;
}

/*
 * Find the entry when it is in another table. With `make`, NULL means that there is no memory;
 * without it, that there is no table.
 */
uint64_t *entry_look(struct batch *batch, struct space *space, uint64_t virtual_address, bool make);

static inline uint64_t *entry_find(struct batch *batch, struct space *space,
				   uint64_t virtual_address, uint64_t *pages, bool make)
{
	uint64_t *entry = entry_recent(batch, space, virtual_address, pages);

	return __builtin_expect(!!entry, 1) ? entry :
					      entry_look(batch, space, virtual_address, make);
}

/* Most often it is the attachment that the previous page was in. */
static inline const struct attachment *attachment_find(struct batch *batch, uint64_t address)
{
	struct recent *recent = &batch->vcpu->recent;
	const struct attachment *at = recent->attachment;

	if (__builtin_expect(recent->generation == batch->guest->generation && at &&
				     address - at->address < at->pages * PAGE_SIZE,
			     1))
		return at;
	/* Only holders of the kernel lock may look at the list of attachments. */
	if (batch->alone)
		return NULL;
	at = guest_find(batch->guest, address, 1);
	/*
	 * The attachment is remembered only together with a table, since one generation covers both
	 * (entry_look()).
	 */
	if (at && recent->generation == batch->guest->generation) {
		recent->attachment = at;
		recent->flags = NO_FLAGS;
	}
	return at;
}

/*
 * The guest's table: entries in one page of plain memory that it may read; NULL if they are not.
 * Not registers of a device, where a read may have effects. And in one page, since no more than
 * that was looked up.
 */
static inline const uint64_t *guest_table(struct batch *batch, uint64_t address, uint64_t pages)
{
	const struct attachment *at = attachment_find(batch, address);

	if (!at || at->memory->physical || !(at->rights & PURLIN_MAP_READ) ||
	    address % sizeof(uint64_t) ||
	    address % PAGE_SIZE / sizeof(uint64_t) + pages > PAGE_SIZE / sizeof(uint64_t))
		return NULL;
	return arch_guest_table((struct physical){ at->base.value + (address - at->address) });
}

#endif
