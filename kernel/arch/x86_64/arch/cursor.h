/* SPDX-License-Identifier: MIT */
/*
 * A cursor: a place in a tree of page tables, and the ways on from there. Whoever looks through
 * tables, or makes, changes and frees them, does it with one.
 *
 * There are two ways. cursor_descend() leads down to one address. cursor_next() visits all that is
 * present, in steps of a *span*: the 2 MiB that one entry of level 1 decides about, as a large page
 * or by a table of small ones. Pages and spans are counted in the 48-bit address space, so that the
 * very last one has a successor and no loop has to care about it.
 */
#ifndef ARCH_CURSOR_H
#define ARCH_CURSOR_H

#include "arch/paging.h"
#include "object/account.h"

#define SPAN_PAGES TABLE_ENTRIES
#define SPANS_IN_SLOT (1ull << 18) /* a slot: an entry of a root */
#define PAGE_NUMBER_BITS 36

struct cursor {
	uint64_t *table[TABLE_LEVELS]; /* from the root down to the one the entry is in */
	uint64_t *entry;
	unsigned int level; /* of the entry */
	/* For cursor_descend(): the address, which needs not be canonical. */
	uint64_t address;
	/* For cursor_next(): one that the entry decides about, where to go on, and where to end. */
	uint64_t span, next, end;
};

static inline uint64_t page_number(uint64_t virtual_address)
{
	return virtual_address >> PAGE_SHIFT & ((1ull << PAGE_NUMBER_BITS) - 1);
}

/* The canonical address of a page. */
static inline uint64_t page_address(uint64_t page)
{
	return (uint64_t)((int64_t)(page << (64 - PAGE_NUMBER_BITS)) >>
			  (64 - PAGE_NUMBER_BITS - PAGE_SHIFT));
}

static inline uint64_t *table_below(uint64_t entry)
{
	return table_at((struct physical){ entry & PTE_ADDRESS });
}

/* At the root's entry for an address. */
static inline void cursor_start(struct cursor *cursor, uint64_t *root, uint64_t virtual_address)
{
	cursor->address = virtual_address;
	cursor->level = TABLE_LEVELS - 1;
	cursor->table[TABLE_LEVELS - 1] = root;
	cursor->entry = &root[table_index(virtual_address, TABLE_LEVELS - 1)];
}

/* Bits of an entry that leads to a table. Rights are decided by the last level. */
#define TABLE_BITS (PTE_PRESENT | PTE_WRITE | PTE_USER)

/* A table for the entry, which is not present; false without memory. */
static inline bool cursor_make(struct cursor *cursor, struct account *account)
{
	struct physical page = account_page(account);

	if (!physical_valid(page))
		return false;
	*cursor->entry = page.value | TABLE_BITS;
	return true;
}

/*
 * Down to the entry of `level` for the address; missing tables are made, and paid by `account` if
 * there is one. False: the cursor has stopped at an entry above, which is a large page, or not
 * present because there is no memory or no account.
 */
static inline bool cursor_descend(struct cursor *cursor, unsigned int level,
				  struct account *account)
{
	while (cursor->level > level) {
		uint64_t *table;

		if (!(*cursor->entry & PTE_PRESENT) && (!account || !cursor_make(cursor, account)))
			return false;
		if (*cursor->entry & PTE_LARGE)
			return false;
		table = table_below(*cursor->entry);
		cursor->table[--cursor->level] = table;
		cursor->entry = &table[table_index(cursor->address, cursor->level)];
	}
	return true;
}

/* Stopped at a large page? */
static inline bool cursor_at_large(const struct cursor *cursor)
{
	return cursor->level == 1 && (*cursor->entry & PTE_LARGE);
}

/* 512 small pages in place of the large one, with the same rights; false without memory. */
bool cursor_split(struct cursor *cursor, struct account *account);

/* In front of the spans [first, end). */
static inline void cursor_open(struct cursor *cursor, uint64_t *root, uint64_t first, uint64_t end)
{
	cursor->level = TABLE_LEVELS - 1;
	cursor->table[TABLE_LEVELS - 1] = root;
	cursor->span = cursor->next = first;
	cursor->end = end;
}

/*
 * To the next entry that is present, of level 1; what is not there is skipped at the highest level
 * that says so. When the last one of a table has been visited, the cursor comes once more to the
 * entry above, with that one's level, so that the table can be freed. False: the end. Work between
 * two entries is bounded by the entries of one table of each level.
 */
bool cursor_next(struct cursor *cursor);

#endif
