// SPDX-License-Identifier: MIT
/* The kernel half of a guest: the calls that map and unmap there. */
#include "base/arch.h"
#include "base/call.h"
#include "object/attachment.h"
#include "object/guest.h"
#include "object/pd.h"
#include "object/space.h"

static bool upper_range(uint64_t address, uint64_t pages)
{
	return !(address % PAGE_SIZE) && pages && range_half(address, pages) == HALF_UPPER;
}

/* By a large page if all of a span is mapped, else by entries of its table. */
static status map_span(struct guest *guest, uint64_t virtual_address, uint64_t value,
		       uint64_t pages, struct tlb_batch *gone)
{
	uint64_t *entry = NULL;

	if (pages == ARCH_SPAN_PAGES && !(value / PAGE_SIZE % ARCH_SPAN_PAGES))
		entry = arch_guest_large_entry(guest, NULL, virtual_address);
	if (entry) {
		/*
		 * One address will do: the processor drops a large page as a whole (SDM 3A,
		 * 4.10.4.1).
		 */
		if (*entry & ARCH_ENTRY_PRESENT)
			tlb_batch_add(gone, virtual_address);
		checks_guest_entry(guest, value, ARCH_SPAN_PAGES * PAGE_SIZE);
		*entry = value | ARCH_ENTRY_LARGE;
		return PURLIN_OK;
	}
	entry = arch_guest_entry(guest, NULL, virtual_address, true);
	if (!entry)
		return PURLIN_NO_MEMORY;
	entries_fill(guest, entry, virtual_address, value, pages, gone);
	return PURLIN_OK;
}

/* In steps, since small pages can be very many. */
static status map_range(struct guest *guest, uint64_t virtual_address, uint64_t value,
			uint64_t pages, uint64_t *done, struct tlb_batch *gone)
{
	while (*done < pages) {
		uint64_t offset = *done * PAGE_SIZE;
		uint64_t step = span_rest(virtual_address + offset, pages - *done);
		status result =
			map_span(guest, virtual_address + offset, value + offset, step, gone);

		/* Kept by the call, so that a restarted one does not map these a second time. */
		if (result == PURLIN_OK)
			*done += step;
		/*
		 * The mappings of processes are a cache, so they make room for tables of the kernel
		 * half.
		 */
		else if (!guest_reclaim(guest, NULL))
			return result;
		if (*done < pages && arch_preemption_pending())
			return CALL_RESTART;
	}
	return PURLIN_OK;
}

CALL_IN_ROUNDS(guest_map)
{
	const struct guest_map_arguments *arguments = &call->arguments->guest_map;
	struct pd *pd = pd_of(call->object);
	struct attachment *at;
	struct tlb_batch gone = { 0 };
	struct guest *guest = pd->guest;
	struct call_progress *progress;
	uint64_t bits;
	status result;

	if (!guest)
		return call_refuse(1, PURLIN_BAD_ARGUMENT);
	if (!upper_range(arguments->virtual_address, arguments->pages))
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	/* Looked up in each round: between two of them the attachment may have been taken away. */
	at = guest_find(guest, arguments->guest_address, arguments->pages);
	if (!at || arguments->guest_address % PAGE_SIZE)
		return call_refuse(3, PURLIN_BAD_ARGUMENT);
	if (arguments->rights > PURLIN_MAP_VALID ||
	    !attachment_bits(at, (uint32_t)arguments->rights, &bits))
		return call_refuse(5, PURLIN_BAD_ARGUMENT);
	result = call_progress(call, &progress);
	if (result)
		return result;
	result = map_range(guest, arguments->virtual_address,
			   (at->base.value + (arguments->guest_address - at->address)) | bits,
			   arguments->pages, &progress->done, &gone);
	/* After a refusal, too: what was replaced until then must not stay in a TLB. */
	arch_guest_flush(guest, NULL, &gone);
	return result;
}

CALL_IN_ROUNDS(guest_unmap)
{
	const struct guest_unmap_arguments *arguments = &call->arguments->guest_unmap;
	struct pd *pd = pd_of(call->object);
	struct tlb_batch gone = { 0 };
	struct call_progress *progress;
	uint64_t pages;
	status result;

	if (!pd->guest || !upper_range(arguments->virtual_address, arguments->pages))
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	result = call_progress(call, &progress);
	if (result)
		return result;
	pages = arguments->pages - progress->done;
	arch_guest_change(pd->guest, NULL, arguments->virtual_address + progress->done * PAGE_SIZE,
			  &pages, RANGE_UNMAP, &gone);
	/*
	 * Before the round ends, since the guest may run before the next one, and its memory may be
	 * detached.
	 */
	arch_guest_flush(pd->guest, NULL, &gone);
	progress->done += pages;
	return progress->done < arguments->pages ? CALL_RESTART : PURLIN_OK;
}
