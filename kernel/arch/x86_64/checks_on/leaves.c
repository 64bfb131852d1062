// SPDX-License-Identifier: MIT
/* What an entry that maps a page may say: in native PDs, in guests, in the kernel's own tables. */
#include "arch/boot.h"
#include "arch/guest.h"
#include "base/arch.h"
#include "base/pages.h"
#include "checks_on/damage.h"
#include "checks_on/objects.h"
#include "debug/log.h"
#include "object/attachment.h"
#include "object/guest.h"
#include "object/memory.h"
#include "object/pd.h"
#include "object/thread.h"
#include "own.h"

#define CACHE_BITS (PTE_PWT | PTE_PCD)
#define IMAGE_SLOT_END (KERNEL_LINK_BASE + (1ull << 39))

static struct physical message_page(const struct region *region)
{
	list_for_each(link, &region->pd->threads)
	{
		const struct thread *thread = container_of(link, struct thread, pd_link);

		if (thread->message_region == region)
			return arch_kernel_to_physical(thread->message);
	}
	return PHYSICAL_NONE;
}

/* Where the pages of a region lie that an entry for so many maps, from page `first` of it. */
static struct physical region_physical(const struct region *region, uint64_t first, uint64_t pages)
{
	const struct memory *memory = region->memory;
	uint64_t at = region->offset + first;

	if (memory) {
		CHECK(pages == 1 || memory_run(memory, at, at + pages) >= pages);
		return memory_physical(memory, at);
	}
	CHECK(pages == 1);
	return physical_valid(region->spare) ? region->spare : message_page(region);
}

/* Entries come in the order of their addresses, as regions do: `place` moves on with them. */
static const struct region *region_next(const struct pd *pd, const struct list **place,
					uint64_t address)
{
	for (; *place != &pd->regions; *place = (*place)->next) {
		const struct region *region = container_of(*place, struct region, pd_link);

		if (address < region->address + region->pages * PAGE_SIZE)
			return address < region->address ? NULL : region;
	}
	return NULL;
}

void leaf_check_native(const struct pd *pd, const struct list **place, const struct leaf *leaf)
{
	const struct region *region = region_next(pd, place, leaf->address);
	uint64_t first, differs;

	CHECK(region); /* or it maps what no region has */
	first = (leaf->address - region->address) / PAGE_SIZE;
	CHECK(first + leaf->pages <= region->mapped);
	differs = leaf->entry ^ (region_physical(region, first, leaf->pages).value |
				 arch_entry_bits(region->rights));
	/* In an entry for a small page the bit of large ones chooses a cacheability. */
	if (leaf->pages > 1)
		differs ^= PTE_LARGE;
	CHECK(!(differs & PTE_ADDRESS));
	CHECK(!(differs & CACHE_BITS));
	CHECK(!(differs & ~(PTE_ADDRESS | CACHE_BITS | PTE_MARKS)));
}

static bool attachment_allows(const struct attachment *at, const struct leaf *leaf)
{
	uint64_t page = leaf->entry & PTE_ADDRESS;
	bool cached = (at->rights & MEMORY_CACHE_MASK) == PURLIN_MAP_WRITE_BACK;

	return page >= at->base.value &&
	       page + leaf->pages * PAGE_SIZE <= at->base.value + at->pages * PAGE_SIZE &&
	       (!(leaf->entry & PTE_WRITE) || (at->rights & PURLIN_MAP_WRITE)) &&
	       ((leaf->entry & PTE_NX) || (at->rights & PURLIN_MAP_EXECUTE)) &&
	       cached == !(leaf->entry & CACHE_BITS);
}

void leaf_check_guest(const struct guest *guest, bool lower, const struct leaf *leaf)
{
	bool allowed = false;

	CHECK(leaf->entry & PTE_USER);
	CHECK(!(leaf->entry & PTE_GLOBAL) && (leaf->pages > 1 || !(leaf->entry & PTE_LARGE)));
	if (lower)
		CHECK(leaf->address + leaf->pages * PAGE_SIZE <= PURLIN_GUEST_USER_END);
	/* The same memory may be attached at two places, with different rights. */
	for (unsigned int i = 0; i < guest->attachments && !allowed; i++)
		allowed = attachment_allows(guest->attachment[i], leaf);
	CHECK(allowed); /* or it maps a page of no attachment, or more than that allows */
}

static void image_check(const struct leaf *leaf)
{
	uint64_t start = leaf->address, end = start + leaf->pages * PAGE_SIZE;
	bool text = start >= (uint64_t)image_text_start && end <= (uint64_t)image_text_end;

	CHECK((leaf->entry & PTE_ADDRESS) == start - KERNEL_LINK_BASE);
	CHECK(end <= (uint64_t)image_end);
	CHECK(text == !(leaf->entry & PTE_NX));
	CHECK(!(leaf->entry & PTE_WRITE) == (start < (uint64_t)image_data_start));
}

void leaf_check_kernel(const struct leaf *leaf)
{
	uint64_t entry = leaf->entry;
	struct physical page = { entry & PTE_ADDRESS };

	CHECK(!(entry & PTE_USER)); /* or ring 3 reaches the kernel */
	CHECK(!(entry & CACHE_BITS) || !pages_managed(page, leaf->pages));
	if (leaf->address < STACKS_BASE) {
		image_check(leaf);
		return;
	}
	CHECK(entry & PTE_NX);
	if (leaf->address < IMAGE_SLOT_END)
		CHECK(pages_managed(page, leaf->pages));
	else
		CHECK(page.value == leaf->address - DIRECT_MAP_BASE);
}
