/* SPDX-License-Identifier: MIT */
/* Calls on the memory of a guest: attachments and the kernel half. */
#include "arch/guest.h"
#include "base/arch.h"
#include "base/call.h"
#include "object/account.h"
#include "object/memory.h"
#include "object/pd.h"
#include "purlin/vcpu.h"

#define GUEST_PHYSICAL_END (1ull << 52)

static bool page_range(uint64_t address, uint64_t pages, uint64_t end)
{
	return !(address % PAGE_SIZE) && pages && address < end &&
	       pages <= (end - address) >> PAGE_SHIFT;
}

/* Where an attachment of the range would go in the sorted array; false: it meets another. */
static bool attachment_place(const struct guest *guest, uint64_t address, uint64_t pages,
			     unsigned int *place)
{
	unsigned int i = 0;

	while (i < guest->attachments && guest->attachment[i]->address < address)
		i++;
	*place = i;
	if (i < guest->attachments && guest->attachment[i]->address - address < pages * PAGE_SIZE)
		return false;
	return !i || address - guest->attachment[i - 1]->address >=
			     guest->attachment[i - 1]->pages * PAGE_SIZE;
}

/* Rights of the attachment from the call and the capability; false: more than there are. */
static bool attach_rights(const struct memory *memory, uint64_t wanted, uint32_t held,
			  uint32_t *rights)
{
	uint32_t cache = (uint32_t)wanted & MEMORY_CACHE_MASK;

	if ((wanted & ~(uint64_t)PURLIN_MAP_VALID) || !(wanted & PURLIN_MAP_READ))
		return false;
	if (!(held & PURLIN_RIGHT_READ) ||
	    ((wanted & PURLIN_MAP_WRITE) && !(held & PURLIN_RIGHT_WRITE)) ||
	    ((wanted & PURLIN_MAP_EXECUTE) && !(held & PURLIN_RIGHT_EXECUTE)))
		return false;
	if (!memory_cache_allowed(memory, wanted))
		return false;
	*rights =
		(uint32_t)(wanted & ~(uint64_t)MEMORY_CACHE_MASK) | (cache ? cache : memory->cache);
	return true;
}

CALL_HANDLER(guest_attach)
{
	const struct guest_attach_arguments *arguments = &call->arguments->guest_attach;
	struct pd *pd = pd_of(call->object);
	struct account *account = pd->object.account;
	uint64_t address = arguments->guest_address, offset = arguments->offset_pages,
		 pages = arguments->pages;
	struct capability *found;
	struct attachment *attachment;
	struct memory *memory;
	struct guest *guest;
	unsigned int place;
	uint32_t rights;
	status result;

	if (!pd_is_guest(pd))
		return call_refuse(1, PURLIN_BUSY);
	result = call_capability(call, 3, PURLIN_TYPE_MEMORY, 0, &found);
	if (result)
		return result;
	memory = memory_of(found->object);
	if (!page_range(address, pages, GUEST_PHYSICAL_END))
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	if (!memory_contiguous(memory))
		return call_refuse(3, PURLIN_BAD_ARGUMENT);
	if (offset >= memory->pages || pages > memory->pages - offset)
		return call_refuse(4, PURLIN_BAD_ARGUMENT);
	if (!attach_rights(memory, arguments->rights, found->rights, &rights))
		return call_refuse(6, PURLIN_BAD_ARGUMENT);
	guest = guest_of(pd);
	if (!guest || guest->attachments == GUEST_ATTACHMENTS)
		return PURLIN_NO_MEMORY;
	if (!attachment_place(guest, address, pages, &place))
		return call_refuse(2, PURLIN_OVERLAP);
	attachment = account_allocate(account, sizeof(*attachment));
	if (!attachment)
		return PURLIN_NO_MEMORY;

	*attachment = (struct attachment){
		.guest = guest,
		.memory = memory,
		.address = address,
		.pages = pages,
		.base = memory_physical(memory, offset),
		.rights = rights,
	};
	object_get(&memory->object);
	list_append(&memory->attachments, &attachment->memory_link);
	for (unsigned int i = guest->attachments++; i > place; i--)
		guest->attachment[i] = guest->attachment[i - 1];
	guest->attachment[place] = attachment;
	return PURLIN_OK;
}

/* Dying or not. */
static struct attachment *attachment_at(const struct guest *guest, uint64_t address)
{
	for (unsigned int i = 0; i < guest->attachments; i++) {
		if (guest->attachment[i]->address == address)
			return guest->attachment[i];
	}
	return NULL;
}

CALL_HANDLER(guest_detach)
{
	struct pd *pd = pd_of(call->object);
	struct attachment *attachment;

	if (!pd->guest)
		return call_refuse(1, PURLIN_BUSY);
	attachment = attachment_at(pd->guest, call->arguments->guest_detach.guest_address);
	if (!attachment)
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	if (attachment->holders)
		return call_refuse(2, PURLIN_BUSY);
	return attachment_remove(attachment);
}

static bool kernel_half_range(uint64_t address, uint64_t pages)
{
	return !(address % PAGE_SIZE) && pages && address >= PURLIN_GUEST_KERNEL_BASE &&
	       pages <= (0 - address) >> PAGE_SHIFT;
}

/* Pages up to the next border of 2 MiB: one large page, or less than a table of small ones. */
static uint64_t map_step(uint64_t virtual_address, uint64_t pages)
{
	uint64_t step = TABLE_ENTRIES - table_index(virtual_address, 0);

	return pages < step ? pages : step;
}

/* In steps, since small pages can be very many. */
static status map_range(struct guest *guest, uint64_t virtual_address, uint64_t address,
			uint64_t pages, uint64_t bits, uint64_t *done, struct tlb_batch *gone)
{
	while (*done < pages) {
		uint64_t offset = *done * PAGE_SIZE;
		uint64_t step = map_step(virtual_address + offset, pages - *done);
		status result = kernel_half_map(guest, virtual_address + offset, address + offset,
						step, bits, true, gone);

		if (result == PURLIN_OK)
			*done += step;
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
	uint32_t rights;
	status result;

	if (!guest)
		return call_refuse(1, PURLIN_BAD_ARGUMENT);
	if (!kernel_half_range(arguments->virtual_address, arguments->pages))
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	at = guest_find(guest, arguments->guest_address, arguments->pages);
	if (!at || arguments->guest_address % PAGE_SIZE)
		return call_refuse(3, PURLIN_BAD_ARGUMENT);
	if (arguments->rights > PURLIN_MAP_VALID ||
	    !attachment_rights(at, (uint32_t)arguments->rights, &rights))
		return call_refuse(5, PURLIN_BAD_ARGUMENT);
	result = call_progress(call, &progress);
	if (result)
		return result;
	result = map_range(guest, arguments->virtual_address,
			   at->base.value + (arguments->guest_address - at->address),
			   arguments->pages, pte_bits(rights), &progress->done, &gone);
	kernel_half_flush(guest, &gone);
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

	if (!pd->guest || !kernel_half_range(arguments->virtual_address, arguments->pages))
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	result = call_progress(call, &progress);
	if (result)
		return result;
	pages = arguments->pages - progress->done;
	range_change(table_at(pd->guest->root),
		     arguments->virtual_address + progress->done * PAGE_SIZE, &pages, RANGE_UNMAP,
		     &gone);
	kernel_half_flush(pd->guest, &gone);
	progress->done += pages;
	return progress->done < arguments->pages ? CALL_RESTART : PURLIN_OK;
}
