/* SPDX-License-Identifier: MIT */
/* Starting native components. */
#include "init.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/elf.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"

purlin_s64 component_create_pd(struct component *component, purlin_u64 pages,
			       purlin_u64 capability_slots, purlin_u64 flags)
{
	purlin_u64 slot = slot_reserve();
	purlin_s64 status = purlin_account_create(PURLIN_SLOT_ACCOUNT, slot, pages);

	if (status) {
		slot_release(slot);
		return status;
	}
	component->account = slot;
	slot = slot_reserve();
	message_put_text(0, PURLIN_NAME_BYTES, component->description->name);
	if (component->description->hardware)
		flags |= PURLIN_PD_PINS;
	status = purlin_pd_create(component->account, slot, capability_slots, flags,
				  component->description->processors);
	if (status)
		slot_release(slot);
	else
		component->pd = slot;
	return status;
}

purlin_s64 component_give(struct component *component, purlin_u64 pd_slot, purlin_u64 from,
			  purlin_u64 rights, purlin_u64 badge)
{
	return purlin_cap_copy(component->pd, pd_slot, from, rights, badge);
}

/* Guests write early messages and panics there; only a console driver reads it. */
static purlin_u64 log_rights(const struct component_description *wanted)
{
	if (wanted->console_log)
		return PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE | PURLIN_RIGHT_CONTROL;
	return wanted->log ? PURLIN_RIGHT_WRITE : 0;
}

purlin_s64 component_fill_slots(struct component *component)
{
	purlin_u64 log = log_rights(component->description);
	purlin_s64 status =
		component_give(component, PURLIN_SLOT_PD, component->pd, ALL_BUT_DESTROY, 0);

	if (!status)
		status = component_give(component, PURLIN_SLOT_ACCOUNT, component->account,
					ALL_BUT_DESTROY, 0);
	if (!status)
		status = component_give(component, PURLIN_SLOT_THREAD, component->thread,
					ALL_BUT_DESTROY, 0);
	if (!status)
		status = component_give(component, PURLIN_SLOT_PARENT, component->endpoint,
					PURLIN_RIGHT_WRITE, component->generation);
	if (!status && log)
		status = component_give(component, PURLIN_SLOT_LOG, PURLIN_SLOT_LOG, log, 0);
	return status;
}

static purlin_s64 create_thread(struct component *component)
{
	const struct component_description *wanted = component->description;
	purlin_u64 slot = slot_reserve();
	purlin_s64 status = purlin_thread_create(component->pd, slot, wanted->cpu, wanted->priority,
						 PURLIN_FIRST_MESSAGE);

	if (status)
		slot_release(slot);
	else
		component->thread = slot;
	return status;
}

purlin_s64 native_start(struct component *component)
{
	const struct component_description *wanted = component->description;
	const void *program;
	size_t bytes;
	purlin_u64 entry = 0;
	purlin_s64 status;

	if (!boot_module(wanted->binary, &program, &bytes))
		return PURLIN_NO_DEVICE;
	status = component_create_pd(component, wanted->memory / PURLIN_PAGE_SIZE, COMPONENT_SLOTS,
				     0);
	if (!status)
		status = elf_load(program, bytes, component->account, component->pd,
				  &component->memory, &entry);
	if (!status)
		status = create_thread(component);
	if (!status)
		status = component_fill_slots(component);
	if (!status)
		status = purlin_pd_watch(component->pd, component->watch, WATCH_ENDED);
	if (!status)
		status = purlin_thread_start(component->thread, entry, 0,
					     COMPONENT_ARGUMENT(wanted->cpu, wanted->priority));
	return status;
}
