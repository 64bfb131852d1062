/* SPDX-License-Identifier: MIT */
/* What every component starts with: account, protection domain, first slots. */
#include "create.h"

#include "purlin/calls.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"

purlin_s64 component_create_pd(struct component *component, purlin_u64 pages,
			       purlin_u64 capability_slots, purlin_u64 flags)
{
	purlin_u64 slot = slot_reserve();
	purlin_s64 status = purlin_account_create(component->payer, slot, pages);

	if (status) {
		slot_release(slot);
		return status;
	}
	/* Recorded at once, so that cleaning up finds it whatever fails next. */
	component->account = slot;
	slot = slot_reserve();
	message_put_text(0, PURLIN_NAME_BYTES, component->description->name);
	/* Can only be passed on by who has it: init has it from core, for this one component. */
	if (component->description->hardware)
		flags |= PURLIN_PD_PINS;
	/* Paid by its own account, which takes everything along when it ends. */
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

/*
 * Guests write early messages and panics to the kernel's log. Only the component that drives its
 * UART gets CONTROL, which could take the UART, and the notifications about the log, from another.
 */
static purlin_u64 log_rights(const struct component_description *wanted)
{
	if (wanted->console_log)
		return PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE | PURLIN_RIGHT_CONTROL;
	return (wanted->read_log ? PURLIN_RIGHT_READ : 0) | (wanted->log ? PURLIN_RIGHT_WRITE : 0);
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
		status = component_give(component, PURLIN_SLOT_THREAD,
					component->processors[0].thread, ALL_BUT_DESTROY, 0);
	if (!status)
		status = component_give(component, PURLIN_SLOT_PARENT, component->endpoint,
					PURLIN_RIGHT_WRITE, component->generation);
	if (!status && log)
		status = component_give(component, PURLIN_SLOT_LOG, PURLIN_SLOT_LOG, log, 0);
	return status;
}
