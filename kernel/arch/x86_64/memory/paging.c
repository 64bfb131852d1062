/* SPDX-License-Identifier: MIT */
/* Page tables: walking, making and freeing them; those of native PDs. */
#include "arch/paging.h"

#include "arch/layout.h"
#include "base/arch.h"
#include "core/call.h"
#include "object/account.h"

#define NATIVE_SLOT_LAST 255
#define KERNEL_SLOT_FIRST 256

static uint64_t *table_below(uint64_t entry)
{
	return table_at((struct physical){ entry & PTE_ADDRESS });
}

uint64_t pte_bits(uint32_t rights)
{
	uint64_t bits = PTE_PRESENT | PTE_USER;

	if (rights & PURLIN_MAP_WRITE)
		bits |= PTE_WRITE;
	if (!(rights & PURLIN_MAP_EXECUTE))
		bits |= PTE_NX;
	switch (rights & (3u << PURLIN_MAP_CACHE_SHIFT)) {
	case PURLIN_MAP_WRITE_COMBINING:
		return bits | PTE_PWT;
	case PURLIN_MAP_UNCACHED:
		return bits | PTE_PWT | PTE_PCD;
	default:
		return bits;
	}
}

uint64_t *table_entry(uint64_t *root, uint64_t virtual_address, unsigned int level,
		      struct account *account, bool *large)
{
	uint64_t *table = root;

	for (unsigned int at = TABLE_LEVELS - 1; at > level; at--) {
		uint64_t *entry = &table[table_index(virtual_address, at)];

		if (!(*entry & PTE_PRESENT)) {
			struct physical page;

			if (!account)
				return NULL;
			page = account_page(account);
			if (!physical_valid(page))
				return NULL;
			/* Rights are decided by the last level. */
			*entry = page.value | PTE_PRESENT | PTE_WRITE | PTE_USER;
		} else if (*entry & PTE_LARGE) {
			if (large)
				*large = true;
			return NULL;
		}
		table = table_below(*entry);
	}
	return &table[table_index(virtual_address, level)];
}

struct physical root_create(struct account *account)
{
	struct physical page = account_page(account);

	if (physical_valid(page)) {
		const uint64_t *from = table_at(kernel_root);
		uint64_t *root = table_at(page);

		for (unsigned int slot = KERNEL_SLOT_FIRST; slot < GUEST_PML4_FIRST; slot++)
			root[slot] = from[slot];
	}
	return page;
}

static bool table_empty(const uint64_t *table)
{
	for (unsigned int i = 0; i < TABLE_ENTRIES; i += TABLE_GROUP) {
		if (!table_group_empty(&table[i]))
			return false;
	}
	return true;
}

struct taking {
	uint64_t region, end; /* numbers of 2 MiB */
	struct table_list *taken;
};

/* So many are left for the tables above the one taken last. */
static bool list_full(const struct table_list *taken)
{
	return taken->count > TABLES_AT_ONCE - TABLE_LEVELS + 1;
}

static bool table_take(struct taking *taking, uint64_t *table, unsigned int level);

/* What one entry of a table of this level leads to; false: no room in the list for all of it. */
static bool entry_take(struct taking *taking, uint64_t *entry, unsigned int level)
{
	struct table_list *taken = taking->taken;

	if (level == 1 && list_full(taken))
		return false;
	if (!(*entry & PTE_LARGE)) {
		uint64_t *table = table_below(*entry);

		if (level > 1) {
			if (!table_take(taking, table, level - 1))
				return false;
			/* Something lies in front of where the taking began. */
			if (!table_empty(table))
				return true;
		}
		taken->table[taken->count++] = (struct physical){ *entry & PTE_ADDRESS };
	}
	*entry = 0;
	return true;
}

static bool table_take(struct taking *taking, uint64_t *table, unsigned int level)
{
	unsigned int shift = 9 * (level - 1);
	uint64_t base = taking->region >> shift & ~(uint64_t)(TABLE_ENTRIES - 1);

	while (taking->region < taking->end && taking->region >> shift < base + TABLE_ENTRIES) {
		uint64_t index = (taking->region >> shift) - base;
		uint64_t step = 1;

		if (index % TABLE_GROUP == 0 && table_group_empty(&table[index]))
			step = TABLE_GROUP;
		else if ((table[index] & PTE_PRESENT) && !entry_take(taking, &table[index], level))
			return false;
		taking->region = (base + index + step) << shift;
	}
	return true;
}

bool tables_take(uint64_t *root, uint64_t *region, uint64_t end, struct table_list *taken)
{
	struct taking taking = { *region, end, taken };
	bool all = table_take(&taking, root, TABLE_LEVELS - 1);

	*region = taking.region;
	return all;
}

void table_list_free(const struct table_list *taken, struct account *account)
{
	for (unsigned int i = 0; i < taken->count; i++)
		account_page_free(account, taken->table[i]);
}

status tables_free(uint64_t *root, unsigned int first, unsigned int last, struct account *account)
{
	uint64_t region = first * REGIONS_IN_SLOT, end = (last + 1) * REGIONS_IN_SLOT;
	bool all;

	do {
		struct table_list taken = { .count = 0 };

		all = tables_take(root, &region, end, &taken);
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
	tables->id = root_new_id();
	tables->cr3 = root_value(tables->root, tables->id);
	return PURLIN_OK;
}

status arch_tables_destroy(struct page_tables *tables)
{
	if (!physical_valid(tables->root))
		return PURLIN_OK;
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
	uint64_t *root = table_at(tables->root);
	uint64_t *entry;

	if (page_level(virtual_address, value & PTE_ADDRESS, pages)) {
		entry = table_entry(root, virtual_address, 1, tables->account, NULL);
		if (!entry)
			return 0;
		/* Else a table left by an earlier, smaller mapping: fill it. */
		if (!(*entry & PTE_PRESENT)) {
			*entry = value | PTE_LARGE;
			return TABLE_ENTRIES;
		}
	}
	entry = table_entry(root, virtual_address, 0, tables->account, NULL);
	if (!entry)
		return 0;
	pages = pages_in_table(virtual_address, pages);
	for (uint64_t i = 0; i < pages; i++, value += PAGE_SIZE)
		entry[i] = value;
	return pages;
}

status arch_tables_map(struct page_tables *tables, uint64_t virtual_address,
		       struct physical address, uint64_t pages, uint32_t rights)
{
	uint64_t value = address.value | pte_bits(rights);
	uint64_t done = 0;

	while (done < pages) {
		uint64_t some = map_some(tables, virtual_address + done * PAGE_SIZE,
					 value + done * PAGE_SIZE, pages - done);

		if (!some) {
			arch_tables_unmap(tables, virtual_address, done);
			return PURLIN_NO_MEMORY;
		}
		done += some;
	}
	return PURLIN_OK;
}

static void entry_clear(uint64_t *entry, uint64_t virtual_address, struct tlb_batch *gone)
{
	if (!(*entry & PTE_PRESENT))
		return;
	*entry = 0;
	tlb_batch_add(gone, virtual_address);
}

/* As many pages as one look-up finds: how many. */
static uint64_t unmap_some(struct page_tables *tables, uint64_t virtual_address, uint64_t pages,
			   struct tlb_batch *gone)
{
	uint64_t *root = table_at(tables->root);
	bool large = false;
	uint64_t *entry = table_entry(root, virtual_address, 0, NULL, &large);

	if (large) {
		entry_clear(table_entry(root, virtual_address, 1, NULL, NULL), virtual_address,
			    gone);
		return TABLE_ENTRIES;
	}
	pages = pages_in_table(virtual_address, pages);
	for (uint64_t i = 0; entry && i < pages; i++)
		entry_clear(&entry[i], virtual_address + i * PAGE_SIZE, gone);
	return pages;
}

void arch_tables_unmap(struct page_tables *tables, uint64_t virtual_address, uint64_t pages)
{
	struct tlb_batch gone;
	uint64_t done = 0;

	gone.count = 0;
	gone.everything = false;
	while (done < pages)
		done += unmap_some(tables, virtual_address + done * PAGE_SIZE, pages - done, &gone);
	if (gone.count)
		tlb_flush(&tables->cpus, tables->id, 0, &gone);
}
