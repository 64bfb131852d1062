/* SPDX-License-Identifier: MIT */
/* Page tables: walking, making and freeing them; those of native PDs. */
#include "arch/paging.h"

#include "arch/cursor.h"
#include "arch/range.h"
#include "arch/layout.h"
#include "base/arch.h"
#include "base/call.h"
#include "object/account.h"

#define NATIVE_SLOT_LAST 255
#define KERNEL_SLOT_FIRST 256

struct physical root_create(struct account *account)
{
	struct physical page = account_page(account);

	if (physical_valid(page)) {
		const uint64_t *from = table_at(kernel_root);
		uint64_t *root = table_at(page);

		/*
		 * Copies need no upkeep: all of these slots got their tables at boot and never
		 * change (paging_boot()).
		 */
		for (unsigned int slot = KERNEL_SLOT_FIRST; slot < GUEST_PML4_FIRST; slot++)
			root[slot] = from[slot];
	}
	return page;
}

/* A table has no counter of its entries: that would have to be kept up at each change of one. */
static bool table_empty(const uint64_t *table)
{
	for (unsigned int i = 0; i < TABLE_ENTRIES; i += TABLE_GROUP) {
		if (!table_group_empty(&table[i]))
			return false;
	}
	return true;
}

bool tables_take(uint64_t *root, uint64_t *span, uint64_t end, struct table_list *taken)
{
	uint64_t start = *span;
	struct cursor cursor;

	cursor_open(&cursor, root, start, end);
	while (cursor_next(&cursor)) {
		unsigned int shift = 9 * (cursor.level - 1);

		/*
		 * The walk comes back to a table after its last entry. If the walk began inside it,
		 * it may hold something in front of that: then it stays.
		 */
		if (cursor.span >> shift << shift < start &&
		    !table_empty(table_below(*cursor.entry)))
			continue;
		if (!(*cursor.entry & PTE_LARGE)) {
			/* The next round begins with this table, which was not unhooked yet. */
			if (taken->count == TABLES_AT_ONCE) {
				*span = cursor.span;
				return false;
			}
			taken->table[taken->count++].value = *cursor.entry & PTE_ADDRESS;
		} else if (taken->large++ == LARGE_AT_ONCE) {
			*span = cursor.span;
			return false;
		}
		*cursor.entry = 0;
	}
	*span = end;
	return true;
}

void table_list_free(const struct table_list *taken, struct account *account)
{
	for (unsigned int i = 0; i < taken->count; i++)
		account_page_free(account, taken->table[i]);
}

status tables_free(uint64_t *root, unsigned int first, unsigned int last, struct account *account)
{
	uint64_t span = first * SPANS_IN_SLOT, end = (last + 1) * SPANS_IN_SLOT;
	bool all;

	/*
	 * A call that is interrupted begins at `first` again. That costs no more than a look at the
	 * root, since what was done is not there any more.
	 */
	do {
		struct table_list taken = { .count = 0 };

		all = tables_take(root, &span, end, &taken);
		table_list_free(&taken, account);
		if (!all && arch_preemption_pending())
			return CALL_RESTART;
	} while (!all);
	return PURLIN_OK;
}

status arch_tables_create(struct page_tables *tables, struct account *account)
{
	tables->root = root_create(account);
	if (!physical_valid(tables->root))
		return PURLIN_NO_MEMORY;
	tables->account = account;
	tables->cpus = 0;
	/* Both are constants of the PD, so that a switch has nothing to work out. */
	tables->id = root_new_id();
	tables->cr3 = root_value(tables->root, tables->id);
	return PURLIN_OK;
}

status arch_tables_destroy(struct page_tables *tables)
{
	if (!physical_valid(tables->root))
		return PURLIN_OK;
	/*
	 * Before the first table goes: a processor that still has this root in CR3 would walk
	 * through whatever the page is used for next.
	 */
	tlb_leave(&tables->cpus, tables->id, 0);
	if (tables_free(table_at(tables->root), 0, NATIVE_SLOT_LAST, tables->account) ==
	    CALL_RESTART)
		return CALL_RESTART;
	account_page_free(tables->account, tables->root);
	tables->root = PHYSICAL_NONE;
	return PURLIN_OK;
}

/* Level of the largest page that fits at the start of the range. */
static unsigned int page_level(uint64_t virtual_address, uint64_t physical_address, uint64_t pages)
{
	uint64_t mask = LARGE_PAGE_SIZE - 1;

	/*
	 * No 1 GiB pages: a round of the caller ends at 2 MiB (object/region.c), and nothing bigger
	 * could be taken away within one.
	 */
	if (pages >= TABLE_ENTRIES && !(virtual_address & mask) && !(physical_address & mask))
		return 1;
	return 0;
}

/* How many of the pages have their entries in the same 4 KiB table as the first. */
static uint64_t pages_in_table(uint64_t virtual_address, uint64_t pages)
{
	uint64_t rest = TABLE_ENTRIES - table_index(virtual_address, 0);

	return pages < rest ? pages : rest;
}

/* As many pages as go by one look-up: how many; 0 without memory. `value`: of the first entry. */
static uint64_t map_some(struct page_tables *tables, uint64_t virtual_address, uint64_t value,
			 uint64_t pages)
{
	struct cursor cursor;

	cursor_start(&cursor, table_at(tables->root), virtual_address);
	if (page_level(virtual_address, value & PTE_ADDRESS, pages)) {
		if (!cursor_descend(&cursor, 1, tables->account))
			return 0;
		/* Else a table left by an earlier, smaller mapping: fill it. */
		if (!(*cursor.entry & PTE_PRESENT)) {
			*cursor.entry = value | PTE_LARGE;
			return TABLE_ENTRIES;
		}
	}
	/*
	 * Nothing to flush below: the range was empty, and processors do not cache entries that are
	 * not present (SDM 3A, 4.10.2.2).
	 */
	if (!cursor_descend(&cursor, 0, tables->account))
		return 0;
	pages = pages_in_table(virtual_address, pages);
	for (uint64_t i = 0; i < pages; i++, value += PAGE_SIZE)
		cursor.entry[i] = value;
	return pages;
}

status arch_tables_map(struct page_tables *tables, uint64_t virtual_address,
		       struct physical address, uint64_t pages, uint32_t rights)
{
	uint64_t value = address.value | arch_entry_bits(rights);
	uint64_t done = 0;

	while (done < pages) {
		uint64_t some = map_some(tables, virtual_address + done * PAGE_SIZE,
					 value + done * PAGE_SIZE, pages - done);

		if (!some) {
			/*
			 * Tables that were made on the way stay. They are paid for, and go with the
			 * PD.
			 */
			arch_tables_unmap(tables, virtual_address, done);
			return PURLIN_NO_MEMORY;
		}
		done += some;
	}
	return PURLIN_OK;
}

void arch_tables_unmap(struct page_tables *tables, uint64_t virtual_address, uint64_t pages)
{
	struct tlb_batch gone;
	uint64_t done = 0;

	gone.count = 0;
	gone.everything = false;
	while (done < pages) {
		uint64_t left = pages - done;

		/*
		 * It stops for interrupts; here it goes on, since callers pass a large page's worth
		 * at most (round_start() in object/region.c).
		 */
		range_change(table_at(tables->root), virtual_address + done * PAGE_SIZE, &left,
			     RANGE_UNMAP, &gone);
		done += left;
	}
	if (gone.count)
		tlb_flush(&tables->cpus, tables->id, 0, &gone);
}
