// SPDX-License-Identifier: MIT
/* Capability tables, and the calls on them. */
#include "object/capability.h"

#include "base/arch.h"
#include "base/call.h"
#include "object/account.h"
#include "object/pd.h"
#include "object/thread.h"

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
	if (object_drop(capability->object) == CALL_RESTART)
		return CALL_RESTART;
	capability->object = NULL;
	return PURLIN_OK;
}

status capability_of(const struct thread *caller, uint64_t slot, uint8_t type, uint32_t rights,
		     struct capability **found)
{
	struct capability *capability = capability_find(&caller->pd->capabilities, slot);

	if (!capability || capability->object->type != type)
		return PURLIN_BAD_CAPABILITY;
	if (capability->object->dead)
		return PURLIN_DEAD;
	if ((capability->rights & rights) != rights)
		return PURLIN_NO_RIGHT;
	*found = capability;
	return PURLIN_OK;
}

status capability_argument(const struct call *call, unsigned int argument, uint8_t type,
			   uint32_t rights, struct capability **found)
{
	uint64_t slot = call->arguments->word[argument - 1];

	return call_refuse(argument, capability_of(call->caller, slot, type, rights, found));
}

status capability_slot(const struct call *call, struct capability **found)
{
	struct pd *pd = call->caller->pd;

	return call_refuse(2, capability_vacancy(&pd->capabilities, pd->object.account,
						 call->arguments->word[1], found));
}

status capability_create(const struct call *call, struct account *account, uint8_t type,
			 size_t bytes, struct object **created)
{
	struct capability *slot;
	status result = capability_slot(call, &slot);

	if (result != PURLIN_OK)
		return result;
	*created = account_allocate(account, bytes);
	if (!*created)
		return PURLIN_NO_MEMORY;
	object_init(*created, type, account);
	capability_fill(slot, *created, PURLIN_RIGHT_ALL, 0);
	return PURLIN_OK;
}

CALL_HANDLER(cap_copy)
{
	const struct cap_copy_arguments *arguments = &call->arguments->cap_copy;
	struct pd *pd = pd_of(call->object);
	struct capability *from =
		capability_find(&call->caller->pd->capabilities, arguments->from_slot);
	struct capability *slot;
	uint64_t badge = arguments->badge;
	status result;

	if (!from)
		return call_refuse(3, PURLIN_BAD_CAPABILITY);
	if (from->object->dead)
		return call_refuse(3, PURLIN_DEAD);
	if (badge && (from->badge || (from->object->type != PURLIN_TYPE_ENDPOINT &&
				      from->object->type != PURLIN_TYPE_SIGNAL)))
		return call_refuse(5, PURLIN_BAD_ARGUMENT);
	result = capability_vacancy(&pd->capabilities, pd->object.account, arguments->pd_slot,
				    &slot);
	if (result != PURLIN_OK)
		return call_refuse(2, result);
	capability_fill(slot, from->object, from->rights & (uint32_t)arguments->rights_mask,
			badge ? badge : from->badge);
	return PURLIN_OK;
}

CALL_HANDLER(cap_delete)
{
	const struct cap_delete_arguments *arguments = &call->arguments->cap_delete;
	struct pd *pd = pd_of(call->object);
	struct capability *found = capability_find(&pd->capabilities, arguments->slot);

	if (arguments->slot >= pd->capabilities.slots)
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	return found ? capability_clear(found) : PURLIN_OK;
}

CALL_HANDLER(cap_info)
{
	struct thread *caller = call->caller;
	const struct cap_info_arguments *arguments = &call->arguments->cap_info;
	struct capability *found = capability_find(&caller->pd->capabilities, arguments->slot);

	if (arguments->slot >= caller->pd->capabilities.slots)
		return call_refuse(1, PURLIN_BAD_ARGUMENT);
	if (found && found->object->dead)
		return PURLIN_DEAD;
	arch_call_result(caller, 0, found ? found->object->type : PURLIN_TYPE_NONE);
	arch_call_result(caller, 1, found ? found->rights : 0);
	arch_call_result(caller, 2, found ? found->badge : 0);
	return PURLIN_OK;
}
