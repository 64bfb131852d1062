// SPDX-License-Identifier: MIT
/* The one way through page tables: see arch/cursor.h. */
#include "arch/cursor.h"

bool cursor_split(struct cursor *cursor, struct account *account)
{
	struct physical page = account_page(account);

	if (!physical_valid(page))
		return false;
	for (unsigned int i = 0; i < TABLE_ENTRIES; i++)
		table_at(page)[i] = (*cursor->entry & ~PTE_LARGE) + i * PAGE_SIZE;
	/*
	 * Last, in one store: a processor that walks meanwhile finds the large page or the whole
	 * table, which say the same.
	 */
	*cursor->entry = page.value | TABLE_BITS;
	return true;
}

/* Past an entry that is not present, and with it past the empty groups that begin there. */
static inline uint64_t absent_pass(const uint64_t *table, uint64_t index)
{
	const uint64_t *group = &table[index % TABLE_ENTRIES];

	if (index % TABLE_GROUPS == 0 && table_groups_empty(group))
		return index + TABLE_GROUPS;
	if (index % TABLE_GROUP == 0 && table_group_empty(group))
		return index + TABLE_GROUP;
	return index + 1;
}

/* The next present entry of the cursor's table; false: none is left, `next` is past it. */
static bool table_search(struct cursor *cursor)
{
	unsigned int shift = 9 * (cursor->level - 1);
	uint64_t *table = cursor->table[cursor->level];
	uint64_t behind = ((cursor->span >> shift | (TABLE_ENTRIES - 1)) + 1) << shift;
	uint64_t index = cursor->next >> shift, end;

	/* `span` tells which table this is; `next` may already lie in another one. */
	behind = least(behind, cursor->end);
	if (cursor->next >= behind)
		return false;
	end = (behind + (1ull << shift) - 1) >> shift;
	/*
	 * An entry that is present is found with one look; a sparse table costs one at each cache
	 * line.
	 */
	while (index < end) {
		if (!(table[index % TABLE_ENTRIES] & PTE_PRESENT)) {
			index = absent_pass(table, index);
			continue;
		}
		/* Where a walk begins amid what the entry decides about, it stays there. */
		if (index != cursor->next >> shift)
			cursor->next = index << shift;
		cursor->entry = &table[index % TABLE_ENTRIES];
		return true;
	}
	cursor->next = behind;
	return false;
}

bool cursor_next(struct cursor *cursor)
{
	for (;;) {
		if (table_search(cursor)) {
			cursor->span = cursor->next;
			if (cursor->level == 1) {
				cursor->next++;
				return true;
			}
			cursor->level--;
			cursor->table[cursor->level] = table_below(*cursor->entry);
			continue;
		}
		if (cursor->level == TABLE_LEVELS - 1)
			return false;
		/*
		 * Up again, with the entry that led down: the caller may free its table now, and
		 * clearing the entry does not disturb the search, which goes on after it.
		 */
		cursor->level++;
		cursor->entry =
			&cursor->table[cursor->level][cursor->span >> 9 * (cursor->level - 1) &
						      (TABLE_ENTRIES - 1)];
		return true;
	}
}
