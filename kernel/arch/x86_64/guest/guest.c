/* SPDX-License-Identifier: MIT */
/* Guests: guest-physical memory and the kernel half of the page tables. */
#include "object/guest.h"

#include "arch/checks.h"
#include "arch/cursor.h"
#include "arch/guest.h"
#include "arch/layout.h"
#include "base/arch.h"
#include "base/call.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/pd.h"
#include "object/vcpu.h"

struct guest *guest_of(struct pd *pd)
{
	struct account *account = pd->object.account;
	struct guest *guest = pd->guest;

	if (guest)
		return guest;
	guest = account_allocate(account, sizeof(*guest));
	if (!guest)
		return NULL;
	guest->root = root_create(account);
	if (!physical_valid(guest->root)) {
		account_free(account, guest);
		return NULL;
	}
	guest->pd = pd;
	guest->id = root_new_id();
	list_init(&guest->spaces);
	list_init(&guest->mapped);
	list_init(&guest->vcpus);
	pd->guest = guest;
	return guest;
}

struct attachment *guest_find(const struct guest *guest, uint64_t address, uint64_t pages)
{
	unsigned int low = 0, high = guest->attachments;

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

bool attachment_rights(const struct attachment *attachment, uint32_t rights, uint32_t *resolved)
{
	const uint32_t access_mask = PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_EXECUTE;
	uint32_t own = attachment->rights & MEMORY_CACHE_MASK;
	uint32_t cache = rights & MEMORY_CACHE_MASK;

	if ((rights & ~(uint32_t)PURLIN_MAP_VALID) || (rights & access_mask & ~attachment->rights))
		return false;
	/* RAM stays write-back, whatever Linux's drivers ask for: the devices snoop. */
	if (own == PURLIN_MAP_WRITE_BACK || !cache)
		cache = own;
	else if (cache == PURLIN_MAP_WRITE_BACK)
		return false; /* device registers must not be cached */
	*resolved = (rights & access_mask) | cache;
	return true;
}

/* A slot of the kernel half is new. */
static void slot_spread(struct guest *guest)
{
	guest->slots++;
	list_for_each(link, &guest->vcpus)
	{
		struct vcpu *vcpu = container_of(link, struct vcpu, guest_link);

		if (vcpu->space)
			space_slots_update(vcpu->space);
	}
}

/*
 * The entry for an address at `*level`, 1 for a large page if one may be there, which becomes 0
 * where small pages were mapped before; NULL without memory.
 */
static uint64_t *kernel_half_entry(struct guest *guest, uint64_t at, unsigned int *level)
{
	struct account *account = guest->pd->object.account;
	uint64_t *slot = &table_at(guest->root)[table_index(at, TABLE_LEVELS - 1)];
	bool was_present = *slot & PTE_PRESENT;
	struct cursor cursor;
	bool there;

	cursor_start(&cursor, table_at(guest->root), at);
	there = cursor_descend(&cursor, *level, account);
	if (!was_present && (*slot & PTE_PRESENT))
		slot_spread(guest);
	/* What is left of the large page keeps its rights; its TLB entry goes with this page's. */
	if (!there && !(cursor_at_large(&cursor) && cursor_split(&cursor, account)))
		return NULL;
	/* Where there are small pages, keep their table. */
	if (cursor.level != *level ||
	    (*level && (*cursor.entry & PTE_PRESENT) && !(*cursor.entry & PTE_LARGE))) {
		*level = 0;
		cursor_descend(&cursor, 0, NULL);
	}
	return cursor.entry;
}

status kernel_half_map(struct guest *guest, uint64_t virtual_address, uint64_t physical_address,
		       uint64_t pages, uint64_t bits, bool large, struct tlb_batch *gone)
{
	uint64_t *entry = NULL;
	unsigned int level = 0;

	for (uint64_t done = 0; done < pages;) {
		uint64_t at = virtual_address + done * PAGE_SIZE;
		uint64_t from = physical_address + done * PAGE_SIZE;

		/* One look-up serves for a whole table of small pages. */
		if (!entry || !table_index(at, 0)) {
			level = large && pages - done >= TABLE_ENTRIES &&
				!((at | from) & (LARGE_PAGE_SIZE - 1));
			entry = kernel_half_entry(guest, at, &level);
		}
		if (!entry)
			return PURLIN_NO_MEMORY;
		if (*entry & PTE_PRESENT)
			tlb_batch_add(gone, at);
		checks_guest_entry(guest, from | bits, level ? LARGE_PAGE_SIZE : PAGE_SIZE);
		*entry++ = from | bits | (level ? PTE_LARGE : 0);
		done += level ? TABLE_ENTRIES : 1;
	}
	return PURLIN_OK;
}

void kernel_half_flush(struct guest *guest, const struct tlb_batch *gone)
{
	if (gone->count && guest->cpus)
		tlb_flush_kernel_half(guest->cpus, gone);
}

bool guest_reclaim(struct guest *guest, const struct space *keep)
{
	struct list *first = guest->mapped.next;

	if (keep && first == &keep->mapped_link)
		first = first->next;
	if (first == &guest->mapped)
		return false;
	trace(PURLIN_TRACE_MEMORY, "%s: account full, mappings of a space dropped\n",
	      guest->pd->name);
	space_reclaim(container_of(first, struct space, mapped_link));
	return true;
}

status guest_destroy(struct pd *pd)
{
	struct account *account = pd->object.account;
	struct guest *guest = pd->guest;

	while (!list_empty(&guest->spaces)) {
		struct space *space = list_first(&guest->spaces, struct space, link);

		if (object_end(&space->object) == CALL_RESTART)
			return CALL_RESTART;
	}
	/* No processor may reach the memory any more before it is let go. */
	tlb_leave(&guest->cpus, guest->id, 0);
	if (tables_free(table_at(guest->root), GUEST_PML4_FIRST, TABLE_ENTRIES - 1, account) ==
	    CALL_RESTART)
		return CALL_RESTART;
	while (guest->attachments) {
		if (attachment_forget(guest->attachment[guest->attachments - 1]) == CALL_RESTART ||
		    arch_preemption_pending())
			return CALL_RESTART;
	}
	account_page_free(account, guest->root);
	pd->guest = NULL;
	account_free(account, guest);
	return PURLIN_OK;
}
