// SPDX-License-Identifier: MIT
/*
 * Changing all present entries of a range of a guest's tables. Counts in pages of the
 * 48-bit address space, so that the last page of all is no special case.
 */
#include "arch/guest.h"
#include "base/arch.h"

#define PAGE_NUMBER_BITS 36

struct walk {
	uint64_t page, end; /* numbers of pages */
	enum range_work work;
	struct tlb_batch *gone;
};

static uint64_t page_number(uint64_t virtual_address)
{
	return virtual_address >> PAGE_SHIFT & ((1ull << PAGE_NUMBER_BITS) - 1);
}

/* The canonical address of a page. */
static uint64_t page_address(uint64_t page)
{
	return (uint64_t)((int64_t)(page << (64 - PAGE_NUMBER_BITS)) >>
			  (64 - PAGE_NUMBER_BITS - PAGE_SHIFT));
}

static void entry_change(const struct walk *walk, uint64_t *entry, uint64_t page)
{
	uint64_t old = *entry;

	if (walk->work == RANGE_WRITE_PROTECT && !(old & PTE_WRITE))
		return;
	*entry = walk->work == RANGE_UNMAP ? 0 : old & ~PTE_WRITE;
	tlb_batch_add(walk->gone, page_address(page));
}

/*
 * One table and those below, from walk->page to the end of table or range; a large page is
 * changed whole. False: an interrupt waits, walk->page says how far it went.
 */
static bool table_walk(struct walk *walk, uint64_t *table, unsigned int level)
{
	unsigned int shift = 9 * level;
	uint64_t base = walk->page & ~((1ull << (shift + 9)) - 1);
	uint64_t end = base + (1ull << (shift + 9));
	uint64_t index = (walk->page - base) >> shift, limit;

	if (end > walk->end)
		end = walk->end;
	limit = (end - base + (1ull << shift) - 1) >> shift;
	for (; index < limit; index++) {
		uint64_t entry = table[index];
		uint64_t first = base + (index << shift);

		if (!(entry & PTE_PRESENT)) {
			if (index % TABLE_GROUP == 0 && table_group_empty(&table[index]))
				index += TABLE_GROUP - 1;
			continue;
		}
		if (!level || (entry & PTE_LARGE)) {
			entry_change(walk, &table[index], first);
			continue;
		}
		if (walk->page < first)
			walk->page = first;
		if (!table_walk(walk, table_at((struct physical){ entry & PTE_ADDRESS }),
				level - 1))
			return false;
	}
	walk->page = end;
	/* Looked at once a table: 512 entries take a few microseconds. */
	return end == walk->end || !arch_preemption_pending();
}

void range_change(uint64_t *root, uint64_t virtual_address, uint64_t *pages, enum range_work work,
		  struct tlb_batch *gone)
{
	uint64_t first = page_number(virtual_address);
	struct walk walk = { first, first + *pages, work, gone };

	if (!*pages)
		return;
	table_walk(&walk, root, TABLE_LEVELS - 1);
	*pages = walk.page - first;
}
