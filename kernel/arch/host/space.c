// SPDX-License-Identifier: MIT
/*
 * Address spaces as lists of pages. Tables are charged as on the machine: one page for each 2 MiB
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

status arch_space_create(struct address_space *space, struct account *account)
{
	if (account_charge(account, 1) != PURLIN_OK)
		return PURLIN_NO_MEMORY;
	*space = (struct address_space){ .account = account, .tables = 1, .alive = true };
	return PURLIN_OK;
}

status arch_space_destroy(struct address_space *space)
{
	if (!space->alive)
		return PURLIN_OK;
	while (space->mappings) {
		struct host_mapping *mapping = space->mappings;

		kernel_assert(mapping->table); /* regions go first */
		space->mappings = mapping->next;
		free(mapping);
	}
	account_credit(space->account, space->tables);
	space->alive = false;
	return PURLIN_OK;
}

static struct host_mapping *find(const struct address_space *space, uint64_t address, bool table)
{
	struct host_mapping *mapping = space->mappings;

	while (mapping && (mapping->address != address || mapping->table != table))
		mapping = mapping->next;
	return mapping;
}

static void add(struct address_space *space, struct host_mapping mapping)
{
	struct host_mapping *added = malloc(sizeof(*added));

	kernel_assert(added);
	mapping.next = space->mappings;
	*added = mapping;
	space->mappings = added;
}

static status map_page(struct address_space *space, uint64_t address, uint64_t physical,
		       uint32_t rights)
{
	uint64_t large = address / LARGE_PAGE_SIZE * LARGE_PAGE_SIZE;

	if (!find(space, large, true)) {
		if (account_charge(space->account, 1) != PURLIN_OK)
			return PURLIN_NO_MEMORY;
		space->tables++;
		add(space, (struct host_mapping){ .address = large, .table = true });
	}
	kernel_assert(!find(space, address, false));
	add(space,
	    (struct host_mapping){ .address = address, .physical = physical, .rights = rights });
	return PURLIN_OK;
}

status arch_space_map(struct address_space *space, uint64_t virtual_address,
		      struct physical address, uint64_t pages, uint32_t rights)
{
	for (uint64_t i = 0; i < pages; i++) {
		status result = map_page(space, virtual_address + i * PAGE_SIZE,
					 address.value + i * PAGE_SIZE, rights);

		if (result != PURLIN_OK) {
			arch_space_unmap(space, virtual_address, i);
			return result;
		}
	}
	return PURLIN_OK;
}

void arch_space_unmap(struct address_space *space, uint64_t virtual_address, uint64_t pages)
{
	struct host_mapping **link = &space->mappings;

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

bool host_translate(const struct address_space *space, uint64_t address, struct physical *physical,
		    uint32_t *rights)
{
	const struct host_mapping *mapping = find(space, address, false);

	if (!mapping)
		return false;
	physical->value = mapping->physical;
	*rights = mapping->rights;
	return true;
}

uint64_t host_mapped(const struct address_space *space)
{
	uint64_t pages = 0;

	for (const struct host_mapping *at = space->mappings; at; at = at->next)
		pages += !at->table;
	return pages;
}
