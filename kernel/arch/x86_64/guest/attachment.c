/* SPDX-License-Identifier: MIT */
/*
 * Taking guest-physical memory away from a guest. Nothing is mapped from a dying attachment any
 * more, so what was looked through stays clean, and an interrupted removal goes on where it was.
 */
#include "arch/cursor.h"
#include "arch/guest.h"
#include "arch/layout.h"
#include "base/arch.h"
#include "base/call.h"
#include "object/account.h"
#include "object/pd.h"
#include "object/vcpu.h"

#define SPANS_AT_ONCE 2 /* between looks for an interrupt */

static void span_clear(const struct attachment *attachment, uint64_t *span)
{
	uint64_t first = attachment->base.value;
	uint64_t last = first + attachment->pages * PAGE_SIZE - 1;
	uint64_t *table = table_below(*span);

	if (*span & PTE_LARGE) {
		uint64_t address = *span & PTE_ADDRESS;

		if (address + LARGE_PAGE_SIZE > first && address <= last)
			*span = 0;
		return;
	}
	for (unsigned int i = 0; i < TABLE_ENTRIES; i++) {
		uint64_t address = table[i] & PTE_ADDRESS;

		if ((table[i] & PTE_PRESENT) && address >= first && address <= last)
			table[i] = 0;
	}
}

static status kernel_half_clear(struct attachment *attachment)
{
	uint64_t *root = table_at(attachment->guest->root);
	unsigned int work = 0;
	struct cursor cursor;

	cursor_open(&cursor, root, GUEST_PML4_FIRST * SPANS_IN_SLOT + attachment->cleared,
		    TABLE_ENTRIES * SPANS_IN_SLOT);
	while (cursor_next(&cursor)) {
		if (cursor.level == 1)
			span_clear(attachment, cursor.entry);
		attachment->cleared = cursor.next - GUEST_PML4_FIRST * SPANS_IN_SLOT;
		if (++work % SPANS_AT_ONCE == 0 && arch_preemption_pending())
			return CALL_RESTART;
	}
	attachment->cleared = (TABLE_ENTRIES - GUEST_PML4_FIRST) * SPANS_IN_SLOT;
	return PURLIN_OK;
}

static status spaces_clear(const struct attachment *attachment)
{
	while (!spaces_sweep(attachment->guest, attachment->generation)) {
		if (arch_preemption_pending())
			return CALL_RESTART;
	}
	return PURLIN_OK;
}

/* As for regions: the memory may end here, unless it is dying and we are part of that. */
static status memory_let_go(struct attachment *attachment)
{
	struct memory *memory = attachment->memory;
	bool dying = memory->object.dead && !list_empty(&attachment->memory_link);

	list_remove(&attachment->memory_link);
	if (!dying)
		return object_drop(&memory->object);
	object_put(&memory->object);
	return PURLIN_OK;
}

status attachment_forget(struct attachment *attachment)
{
	struct guest *guest = attachment->guest;
	unsigned int i = 0;

	if (memory_let_go(attachment) == CALL_RESTART)
		return CALL_RESTART;
	while (guest->attachment[i] != attachment)
		i++;
	guest->attachments--;
	for (; i < guest->attachments; i++)
		guest->attachment[i] = guest->attachment[i + 1];
	account_free(guest->pd->object.account, attachment);
	return PURLIN_OK;
}

status attachment_remove(struct attachment *attachment)
{
	const struct tlb_batch everything = { .count = 1, .everything = true };
	struct guest *guest = attachment->guest;

	if (!attachment->dying) {
		attachment->dying = true;
		attachment->generation = ++guest->generation;
	}
	if (spaces_clear(attachment) == CALL_RESTART ||
	    kernel_half_clear(attachment) == CALL_RESTART)
		return CALL_RESTART;
	kernel_half_flush(guest, &everything);
	return attachment_forget(attachment);
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
		if (vcpu->thread.state != THREAD_STOPPED)
			pd_stop(guest->pd, PURLIN_STOP_DOUBLE_FAULT, 0);
		arch_thread_evict(&vcpu->thread);
		timeout_cancel(&vcpu->deadline);
		vcpu->state = NULL;
		vcpu->thread.message = NULL;
		vcpu->attachment = NULL;
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
