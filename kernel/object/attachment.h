/* SPDX-License-Identifier: MIT */
/* Attachments: pages of a memory object as guest-physical memory. */
#ifndef OBJECT_ATTACHMENT_H
#define OBJECT_ATTACHMENT_H

#include "object/arch_guest.h"
#include "object/memory.h"

struct guest;

struct attachment {
	struct guest *guest;
	struct list memory_link;
	struct memory *memory; /* referenced */
	uint64_t address;      /* guest-physical */
	uint64_t pages;
	struct physical base;
	uint32_t rights;      /* PURLIN_MAP_*, cache bits resolved */
	unsigned int holders; /* vCPUs whose state page lies here */
	/*
	 * Being removed: nothing is mapped from it any more. `cleared` is how far the kernel half
	 * has been searched; spaces older than `generation` have to drop their mappings.
	 */
	bool dying;
	uint64_t cleared;
	uint64_t generation;
};

/* The attachment that holds all of these guest-physical pages, or NULL; none that is dying. */
struct attachment *guest_find(const struct guest *guest, uint64_t address, uint64_t pages);

/*
 * The bits of an entry that maps pages of the attachment with these PURLIN_MAP_* rights; false: it
 * has not got them. The one place that decides what a guest may map.
 */
static inline bool attachment_bits(const struct attachment *attachment, uint32_t rights,
				   uint64_t *bits)
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
	*bits = arch_entry_bits((rights & access_mask) | cache);
	return true;
}

/* Undo an attachment in which no vCPU's state page lies. CALL_RESTART: an interrupt waits. */
status attachment_remove(struct attachment *attachment);
/* Take it from the guest's list and let its memory go, in rounds; no table has it any more. */
status attachment_forget(struct attachment *attachment);

#endif
