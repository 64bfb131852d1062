// SPDX-License-Identifier: MIT
/*
 * The end of guests and of what belongs to them. In a file that nobody includes, as life.c is: a
 * space that ends leaves vCPUs without one, memory that ends stops the guests it was attached to.
 */
#include "base/arch.h"
#include "base/call.h"
#include "object/account.h"
#include "object/attachment.h"
#include "object/pd.h"
#include "object/space.h"
#include "object/vcpu.h"

bool space_in_use(const struct space *space)
{
	list_for_each(link, &space->guest->vcpus)
	{
		if (STATE_READ(container_of(link, struct vcpu, guest_link)->space) == space)
			return true;
	}
	return false;
}

status space_kill(struct object *object)
{
	struct space *space = space_of(object);

	list_for_each(link, &space->guest->vcpus)
	{
		vcpu_space_forget(container_of(link, struct vcpu, guest_link), space);
	}
	return space_end(space);
}

/* A vCPU without its state page cannot go on. */
static void state_page_gone(struct attachment *attachment)
{
	struct guest *guest = attachment->guest;

	list_for_each(link, &guest->vcpus)
	{
		struct vcpu *vcpu = container_of(link, struct vcpu, guest_link);

		if (vcpu->attachment != attachment)
			continue;
		/* The direct switch on another processor writes the page without the lock. */
		if (vcpu->thread.state != THREAD_STOPPED)
			pd_stop(guest->pd, PURLIN_STOP_DOUBLE_FAULT, 0);
		arch_thread_evict(&vcpu->thread);
		vcpu_state_forget(vcpu);
		vcpu->thread.message = NULL;
	}
	attachment->holders = 0;
}

status guest_memory_gone(struct memory *memory)
{
	while (!list_empty(&memory->attachments)) {
		struct attachment *attachment =
			list_first(&memory->attachments, struct attachment, memory_link);

		if (attachment->holders)
			state_page_gone(attachment);
		if (attachment_remove(attachment) == CALL_RESTART || arch_preemption_pending())
			return CALL_RESTART;
	}
	return PURLIN_OK;
}

status guest_destroy(struct pd *pd)
{
	struct account *account = pd->object.account;
	struct guest *guest = pd->guest;

	/* Spaces first: their kernel roots lead to the tables of the kernel half. */
	while (!list_empty(&guest->spaces)) {
		struct space *space = list_first(&guest->spaces, struct space, link);

		if (object_end(&space->object) == CALL_RESTART)
			return CALL_RESTART;
	}
	/* No processor may reach the memory any more before it is let go. */
	if (arch_guest_destroy(guest) == CALL_RESTART)
		return CALL_RESTART;
	while (guest->attachments) {
		if (attachment_forget(guest->attachment[guest->attachments - 1]) == CALL_RESTART ||
		    arch_preemption_pending())
			return CALL_RESTART;
	}
	pd->guest = NULL;
	account_free(account, guest);
	return PURLIN_OK;
}
