// SPDX-License-Identifier: MIT
/*
 * Capability tables. Their pages come when a slot in them is first filled, so that a large table
 * costs what is used of it. They stay until the table goes: a page that went with its last slot
 * would make filling a slot fail later that had been filled before.
 */
#include "object/capability.h"

#include "base/arch.h"
#include "base/call.h"
#include "object/account.h"

/* Only the kernel's own slabs are page-sized here: one allocation, one page. */
status capability_table_create(struct capability_table *table, struct account *account,
			       uint32_t slots)
{
	table->pages = account_allocate(account, PAGE_SIZE);
	if (!table->pages)
		return PURLIN_NO_MEMORY;
	table->slots = slots;
	return PURLIN_OK;
}

/*
 * Each capability may be the last one of an object, whose end takes long: look for interrupts after
 * each.
 */
static status page_clear(struct capability *page)
{
	for (unsigned int i = 0; i < CAPABILITIES_PER_PAGE; i++) {
		if (!page[i].object)
			continue;
		if (capability_clear(&page[i]) == CALL_RESTART || arch_preemption_pending())
			return CALL_RESTART;
	}
	return PURLIN_OK;
}

status capability_table_destroy(struct capability_table *table, struct account *account)
{
	if (!table->pages)
		return PURLIN_OK;
	for (unsigned int i = 0; i < CAPABILITY_PAGES_MAX; i++) {
		if (!table->pages[i])
			continue;
		if (page_clear(table->pages[i]) == CALL_RESTART)
			return CALL_RESTART;
		/* The next round must not find it again. */
		account_free(account, table->pages[i]);
		table->pages[i] = NULL;
	}
	table->slots = 0;
	account_free(account, table->pages);
	table->pages = NULL;
	return PURLIN_OK;
}

status capability_vacancy(struct capability_table *table, struct account *account, uint64_t slot,
			  struct capability **found)
{
	struct capability **page, *capability;

	/* Slot 0 stays empty, so that a slot number that was never set names nothing. */
	if (slot == 0 || slot >= table->slots)
		return PURLIN_BAD_ARGUMENT;
	page = &table->pages[slot / CAPABILITIES_PER_PAGE];
	if (!*page)
		*page = account_allocate(account, PAGE_SIZE);
	if (!*page)
		return PURLIN_NO_MEMORY;
	capability = &(*page)[slot % CAPABILITIES_PER_PAGE];
	if (capability->object)
		return PURLIN_SLOT_IN_USE;
	*found = capability;
	return PURLIN_OK;
}

void capability_fill(struct capability *capability, struct object *object, uint32_t rights,
		     uint64_t badge)
{
	object_get(object);
	capability->object = object;
	capability->rights = rights;
	capability->badge = badge;
}

status capability_clear(struct capability *capability)
{
	/* The slot stays filled until the object is gone: a restarted call finds it there. */
	if (object_drop(capability->object) == CALL_RESTART)
		return CALL_RESTART;
	capability->object = NULL;
	return PURLIN_OK;
}
