// SPDX-License-Identifier: MIT
/*
 * Page tables as lists of pages. They are charged as on the machine: one page for each 2 MiB
 * that has been touched, until the space goes.
 */
#include <stdlib.h>

#include "debug/log.h"
#include "arch/frame.h"
#include "host.h"
#include "object/account.h"

struct host_mapping {
	struct host_mapping *next;
	uint64_t address, physical;
	uint32_t rights;
	bool table; /* marks that the table of this 2 MiB is paid for */
};

status arch_tables_create(struct page_tables *tables, struct account *account)
{
	if (account_charge(account, 1) != PURLIN_OK)
		return PURLIN_NO_MEMORY;
	*tables = (struct page_tables){ .account = account, .charged = 1, .alive = true };
	return PURLIN_OK;
}

status arch_tables_destroy(struct page_tables *tables)
{
	if (!tables->alive)
		return PURLIN_OK;
	while (tables->mappings) {
		struct host_mapping *mapping = tables->mappings;

		kernel_assert(mapping->table); /* regions go first */
		tables->mappings = mapping->next;
		free(mapping);
	}
	account_credit(tables->account, tables->charged);
	tables->alive = false;
	return PURLIN_OK;
}

static struct host_mapping *find(const struct page_tables *tables, uint64_t address, bool table)
{
	struct host_mapping *mapping = tables->mappings;

	while (mapping && (mapping->address != address || mapping->table != table))
		mapping = mapping->next;
	return mapping;
}

static void add(struct page_tables *tables, struct host_mapping mapping)
{
	struct host_mapping *added = malloc(sizeof(*added));

	kernel_assert(added);
	mapping.next = tables->mappings;
	*added = mapping;
	tables->mappings = added;
}

static status map_page(struct page_tables *tables, uint64_t address, uint64_t physical,
		       uint32_t rights)
{
	uint64_t large = address / LARGE_PAGE_SIZE * LARGE_PAGE_SIZE;

	if (!find(tables, large, true)) {
		if (account_charge(tables->account, 1) != PURLIN_OK)
			return PURLIN_NO_MEMORY;
		tables->charged++;
		add(tables, (struct host_mapping){ .address = large, .table = true });
	}
	kernel_assert(!find(tables, address, false));
	add(tables,
	    (struct host_mapping){ .address = address, .physical = physical, .rights = rights });
	return PURLIN_OK;
}

status arch_tables_map(struct page_tables *tables, uint64_t virtual_address,
		       struct physical address, uint64_t pages, uint32_t rights)
{
	for (uint64_t i = 0; i < pages; i++) {
		status result = map_page(tables, virtual_address + i * PAGE_SIZE,
					 address.value + i * PAGE_SIZE, rights);

		if (result != PURLIN_OK) {
			arch_tables_unmap(tables, virtual_address, i);
			return result;
		}
	}
	return PURLIN_OK;
}

void arch_tables_unmap(struct page_tables *tables, uint64_t virtual_address, uint64_t pages)
{
	struct host_mapping **link = &tables->mappings;

	host.unmaps++;
	while (*link) {
		struct host_mapping *mapping = *link;

		if (mapping->table || mapping->address < virtual_address ||
		    mapping->address >= virtual_address + pages * PAGE_SIZE) {
			link = &mapping->next;
			continue;
		}
		*link = mapping->next;
		free(mapping);
	}
}

bool host_translate(const struct page_tables *tables, uint64_t address, struct physical *physical,
		    uint32_t *rights)
{
	const struct host_mapping *mapping = find(tables, address, false);

	if (!mapping)
		return false;
	physical->value = mapping->physical;
	*rights = mapping->rights;
	return true;
}

uint64_t host_mapped(const struct page_tables *tables)
{
	uint64_t pages = 0;

	for (const struct host_mapping *at = tables->mappings; at; at = at->next)
		pages += !at->table;
	return pages;
}
