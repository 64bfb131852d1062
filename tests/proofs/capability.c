/* SPDX-License-Identifier: MIT */
/* No slot number, however large, reaches beyond the capability table. */
#include "kernel/object/capability.c"
#include "proof.h"

static struct capability page[CAPABILITIES_PER_PAGE];
static struct capability *pages[CAPABILITY_PAGES_MAX];

void *account_allocate(struct account *account, size_t bytes)
{
	(void)account;
	prove(bytes == PAGE_SIZE, "a page of capabilities");
	return any_bool() ? page : NULL;
}

int main(void)
{
	struct capability_table table = { .pages = pages };
	struct capability *found;
	uint64_t slot = any(), there = any();
	status result;

	table.slots = (uint32_t)any();
	assume(table.slots >= CAPABILITY_SLOTS_MIN && table.slots <= CAPABILITY_SLOTS_MAX);
	assume(there < CAPABILITY_PAGES_MAX);
	pages[there] = page;
	page[any() % CAPABILITIES_PER_PAGE].object = (struct object *)page;
	found = capability_find(&table, slot);
	prove(!found || (slot < table.slots && found == &page[slot % CAPABILITIES_PER_PAGE] &&
			 found->object),
	      "found: the slot asked for, and filled");
	result = capability_vacancy(&table, NULL, slot, &found);
	prove(result != PURLIN_OK || (slot && slot < table.slots && !found->object),
	      "vacant: in range, not slot 0, and empty");
	prove(slot < table.slots || result == PURLIN_BAD_ARGUMENT, "out of range is said");
	return 0;
}
