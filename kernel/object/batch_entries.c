// SPDX-License-Identifier: MIT
/* Entries of a batch that name pages one by one, or ranges of them (object/batch.h). */
#include "object/batch_target.h"

#include "base/arch.h"
#include "base/call.h"

#define FEW_PAGES 16

/* PURLIN_BATCH_MAP: pages named one by one. */
status batch_map(struct batch *batch, uint64_t virtual_address, uint64_t pages, uint64_t word)
{
	uint64_t address = word & ~(PAGE_SIZE - 1);
	struct target target;

	if (!target_find(batch, virtual_address, pages, &target) ||
	    word % PAGE_SIZE > PURLIN_MAP_VALID)
		return PURLIN_BAD_ARGUMENT;
	while (pages) {
		uint64_t part = pages, offset, bits;
		uint64_t *entry;
		const struct attachment *at = attachment_find(batch, address);

		if (!at || !attachment_bits(at, (uint32_t)(word % PAGE_SIZE), &bits))
			return PURLIN_BAD_ARGUMENT;
		/* The range may go on in the next attachment, whose memory lies elsewhere. */
		offset = address - at->address;
		if (part > at->pages - (offset >> PAGE_SHIFT))
			part = at->pages - (offset >> PAGE_SHIFT);
		entry = entry_find(batch, target.space, virtual_address, &part, true);
		if (!entry)
			return PURLIN_NO_MEMORY;
		entries_fill(batch->guest, entry, virtual_address, (at->base.value + offset) | bits,
			     part, target.gone);
		virtual_address += part * PAGE_SIZE;
		address += part * PAGE_SIZE;
		pages -= part;
	}
	return PURLIN_OK;
}

/* The entries of a few pages in one table, without the search that ranges of any length need. */
static void few_change(struct batch *batch, const struct target *target, uint64_t virtual_address,
		       uint64_t pages, enum range_work work)
{
	uint64_t *entry = entry_find(batch, target->space, virtual_address, &pages, false);

	/* In a lower half the search has taken a large page away. */
	if (!entry && !target->space)
		arch_guest_change(batch->guest, NULL, virtual_address, &pages, work, target->gone);
	for (; entry && pages; pages--, entry++, virtual_address += PAGE_SIZE) {
		uint64_t value = work == RANGE_UNMAP ? 0 : arch_entry_protected(*entry);

		/* Nothing that a TLB could hold, or nothing taken away: no flush. */
		if (!(*entry & ARCH_ENTRY_PRESENT) || *entry == value)
			continue;
		*entry = value;
		tlb_batch_add(target->gone, virtual_address);
	}
}

/* PURLIN_BATCH_UNMAP and PURLIN_BATCH_WRITE_PROTECT: the only ones that may take long. */
status batch_range(struct batch *batch, uint64_t virtual_address, uint64_t pages,
		   enum range_work work)
{
	struct vcpu *vcpu = batch->vcpu;
	/* If the guest has replaced an interrupted entry by a shorter one, that is done. */
	uint64_t done = vcpu->batch_pages < pages ? vcpu->batch_pages : pages;
	uint64_t rest = pages - done, left = rest;
	struct target target;

	if (!target_find(batch, virtual_address, pages, &target))
		return PURLIN_BAD_ARGUMENT;
	if (pages <= FEW_PAGES && span_rest(virtual_address, pages) == pages)
		few_change(batch, &target, virtual_address, pages, work);
	else if (!target.space || target.space->mapped)
		arch_guest_change(batch->guest, target.space, virtual_address + done * PAGE_SIZE,
				  &left, work, target.gone);
	if (left > 1)
		batch->work += left < CHECK_EVERY ? left - 1 : CHECK_EVERY;
	/* Interrupted within the entry: the restarted call goes on after these pages. */
	if (left < rest) {
		vcpu->batch_pages += left;
		return CALL_RESTART;
	}
	vcpu->batch_pages = 0;
	return PURLIN_OK;
}
