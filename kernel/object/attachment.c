// SPDX-License-Identifier: MIT
/*
 * Giving guest-physical memory to a guest and taking it away. Nothing is mapped from a dying
 * attachment any more, so tables that were searched once need not be searched again, and an
 * interrupted removal goes on where it stopped.
 */
#include "object/attachment.h"

#include "base/arch.h"
#include "base/call.h"
#include "object/account.h"
#include "object/guest.h"
#include "object/pd.h"
#include "object/space.h"

struct attachment *guest_find(const struct guest *guest, uint64_t address, uint64_t pages)
{
	unsigned int low = 0, high = guest->attachments;

	/*
	 * A binary search, since a batch comes here with every page whose attachment is not
	 * known.
	 */
	while (low < high) {
		unsigned int middle = (low + high) / 2;
		struct attachment *at = guest->attachment[middle];
		uint64_t offset = (address - at->address) >> PAGE_SHIFT;

		if (address < at->address)
			high = middle;
		else if (offset >= at->pages)
			low = middle + 1;
		else
			return pages <= at->pages - offset && !at->dying ? at : NULL;
	}
	return NULL;
}

static status spaces_clear(const struct attachment *attachment)
{
	while (!spaces_sweep(attachment->guest, attachment->generation)) {
		if (arch_preemption_pending())
			return CALL_RESTART;
	}
	return PURLIN_OK;
}

status attachment_forget(struct attachment *attachment)
{
	struct guest *guest = attachment->guest;
	unsigned int i = 0;

	/* May take rounds; the attachment stays in its place until the memory has let go of it. */
	if (memory_let_go(attachment->memory, &attachment->memory_link) == CALL_RESTART)
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
		/*
		 * Now whatever vCPUs remember of it is void, and all that was mapped from it is
		 * older than this generation.
		 */
		attachment->generation = ++guest->generation;
	}
	if (spaces_clear(attachment) == CALL_RESTART ||
	    arch_guest_revoke(guest, attachment->base, attachment->pages, &attachment->cleared) ==
		    CALL_RESTART)
		return CALL_RESTART;
	/*
	 * arch_guest_revoke() does not say which pages it found. The spaces were flushed as they
	 * were swept.
	 */
	arch_guest_flush(guest, NULL, &everything);
	return attachment_forget(attachment);
}

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

/*
 * Checks for which the call and the memory are enough; finds the rights that the attachment will
 * have.
 */
static status check_attach(const struct guest_attach_arguments *arguments,
			   const struct capability *capability, uint32_t *rights)
{
	const struct memory *memory = memory_of(capability->object);
	uint64_t offset = arguments->offset_pages, pages = arguments->pages;

	if (!page_range(arguments->guest_address, pages, GUEST_PHYSICAL_END))
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	/*
	 * In contiguous memory guest-physical and physical addresses differ by one constant, so a
	 * look-up is an addition.
	 */
	if (!memory_contiguous(memory))
		return call_refuse(3, PURLIN_BAD_ARGUMENT);
	if (offset >= memory->pages || pages > memory->pages - offset)
		return call_refuse(4, PURLIN_BAD_ARGUMENT);
	if (!attach_rights(memory, arguments->rights, capability->rights, rights))
		return call_refuse(6, PURLIN_BAD_ARGUMENT);
	return PURLIN_OK;
}

static void attachment_insert(struct attachment *attachment, unsigned int place)
{
	struct guest *guest = attachment->guest;
	struct memory *memory = attachment->memory;

	object_get(&memory->object);
	list_append(&memory->attachments, &attachment->memory_link);
	for (unsigned int i = guest->attachments++; i > place; i--)
		guest->attachment[i] = guest->attachment[i - 1];
	guest->attachment[place] = attachment;
}

CALL_HANDLER(guest_attach)
{
	const struct guest_attach_arguments *arguments = &call->arguments->guest_attach;
	struct pd *pd = pd_of(call->object);
	struct capability *found;
	struct attachment *attachment;
	struct guest *guest;
	unsigned int place;
	uint32_t rights;
	status result;

	if (!pd_is_guest(pd))
		return call_refuse(1, PURLIN_BUSY);
	result = call_capability(call, 3, PURLIN_TYPE_MEMORY, 0, &found);
	if (result == PURLIN_OK)
		result = check_attach(arguments, found, &rights);
	if (result)
		return result;
	guest = guest_of(pd);
	/* A bound, since each new one moves those after it (attachment_insert). */
	if (!guest || guest->attachments == GUEST_ATTACHMENTS)
		return PURLIN_NO_MEMORY;
	if (!attachment_place(guest, arguments->guest_address, arguments->pages, &place))
		return call_refuse(2, PURLIN_OVERLAP);
	attachment = account_allocate(pd->object.account, sizeof(*attachment));
	if (!attachment)
		return PURLIN_NO_MEMORY;

	*attachment = (struct attachment){
		.guest = guest,
		.memory = memory_of(found->object),
		.address = arguments->guest_address,
		.pages = arguments->pages,
		.base = memory_physical(memory_of(found->object), arguments->offset_pages),
		.rights = rights,
	};
	attachment_insert(attachment, place);
	return PURLIN_OK;
}

/* Finds an attachment whether it is dying or not. */
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
	/* A vCPU has its state page there. Its owner has to move or destroy it first. */
	if (attachment->holders)
		return call_refuse(2, PURLIN_BUSY);
	return attachment_remove(attachment);
}
