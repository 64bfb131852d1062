// SPDX-License-Identifier: MIT
/* Changing all present entries of a range of pages. */
#include "arch/range.h"

#include "arch/cursor.h"
#include "base/arch.h"

static inline void entry_change(uint64_t *entry, uint64_t address, enum range_work work,
				struct tlb_batch *gone)
{
	uint64_t old = *entry;

	if (work == RANGE_WRITE_PROTECT && !(old & PTE_WRITE))
		return;
	/*
	 * A plain store: the processor may set the accessed and dirty bits at the same time, but
	 * nobody here reads those.
	 */
	*entry = work == RANGE_UNMAP ? 0 : old & ~PTE_WRITE;
	/* Once the batch has given up counting pages, another one would change nothing. */
	if (!gone->everything)
		tlb_batch_add(gone, address);
}

/* Entries of one table, the first one for `address`. */
static inline void table_change(uint64_t *entry, const uint64_t *end, uint64_t address,
				enum range_work work, struct tlb_batch *gone)
{
	for (; entry < end; entry++, address += PAGE_SIZE) {
		if (__builtin_expect(*entry & PTE_PRESENT, 1)) {
			entry_change(entry, address, work, gone);
		} else if ((uintptr_t)entry % (TABLE_GROUP * sizeof(*entry)) == 0 &&
			   table_group_empty(entry)) {
			entry += TABLE_GROUP - 1;
			address += (TABLE_GROUP - 1) * PAGE_SIZE;
		}
	}
}

/* What lies of the range in the span at the cursor; a large page is changed whole. */
static void span_change(const struct cursor *cursor, uint64_t page, uint64_t end,
			enum range_work work, struct tlb_batch *gone)
{
	uint64_t first = cursor->span * SPAN_PAGES;
	uint64_t *table = table_below(*cursor->entry);

	if (*cursor->entry & PTE_LARGE) {
		entry_change(cursor->entry, page_address(first), work, gone);
		return;
	}
	if (page < first)
		page = first;
	if (end > first + SPAN_PAGES)
		end = first + SPAN_PAGES;
	/* The same call twice, so that each inlined loop has its work as a constant. */
	if (work == RANGE_UNMAP)
		table_change(table + (page - first), table + (end - first), page_address(page),
			     RANGE_UNMAP, gone);
	else
		table_change(table + (page - first), table + (end - first), page_address(page),
			     RANGE_WRITE_PROTECT, gone);
}

void range_change(uint64_t *root, uint64_t virtual_address, uint64_t *pages, enum range_work work,
		  struct tlb_batch *gone)
{
	uint64_t first = page_number(virtual_address), end = first + *pages;
	struct cursor cursor;

	if (!*pages)
		return;
	cursor_open(&cursor, root, first / SPAN_PAGES, (end + SPAN_PAGES - 1) / SPAN_PAGES);
	while (cursor_next(&cursor)) {
		if (cursor.level == 1)
			span_change(&cursor, first, end, work, gone);
		/* Looked at once a table: 512 entries take a few microseconds. */
		if (cursor.next < cursor.end && arch_preemption_pending()) {
			/* Whole spans are done, so the caller can go on from a number of pages. */
			*pages = cursor.next * SPAN_PAGES - first;
			return;
		}
	}
}
