/* SPDX-License-Identifier: MIT */
/*
 * The part of a PD that makes it a guest: guest-physical memory, the kernel half that
 * all its spaces share, its spaces and its vCPUs.
 */
#ifndef OBJECT_GUEST_H
#define OBJECT_GUEST_H

#include "arch/checks.h"
#include "base/list.h"
#include "object/arch_guest.h"
#include "purlin/vcpu.h"

struct attachment;
struct call;
struct capability;
struct pd;

#define GUEST_ATTACHMENTS 128

struct guest {
	struct pd *pd;
	struct arch_guest arch; /* the kernel half */
	/* Grows when tables of spaces or attachments go. What was remembered of them with an older
	 * number is void. */
	uint64_t generation;
	struct list spaces;
	struct list mapped;	/* those that may have tables, in the order of `dropped` */
	struct space *sweeping; /* mapped, being swept; NULL: none */
	struct list vcpus;
	unsigned int attachments;
	struct attachment *attachment[GUEST_ATTACHMENTS]; /* by address */
};

/* The PD's guest part, made when first asked for; NULL without memory. */
struct guest *guest_of(struct pd *pd);

/* For calls that make a part of a guest: its PD, and the slot for the part (base/call.h). */
status guest_slot(const struct call *call, struct capability **slot);

/* Which half of the guest's addresses a range of pages lies in, whole. */
enum half { HALF_NONE, HALF_LOWER, HALF_UPPER };

static inline enum half range_half(uint64_t virtual_address, uint64_t pages)
{
	if (virtual_address < PURLIN_GUEST_USER_END)
		return pages <= (PURLIN_GUEST_USER_END - virtual_address) >> PAGE_SHIFT ?
			       HALF_LOWER :
			       HALF_NONE;
	if (virtual_address >= PURLIN_GUEST_KERNEL_BASE)
		return pages <= (0 - virtual_address) >> PAGE_SHIFT ? HALF_UPPER : HALF_NONE;
	return HALF_NONE;
}

/* Pages from an address to the end of its span, at most `pages`. */
static inline uint64_t span_rest(uint64_t virtual_address, uint64_t pages)
{
	uint64_t rest = ARCH_SPAN_PAGES - (virtual_address >> PAGE_SHIFT) % ARCH_SPAN_PAGES;

	return pages < rest ? pages : rest;
}

/* Map contiguous pages by entries of one table; `value` is the first one. */
static inline void entries_fill(const struct guest *guest, uint64_t *entry,
				uint64_t virtual_address, uint64_t value, uint64_t pages,
				struct tlb_batch *gone)
{
	for (const uint64_t *end = entry + pages; entry < end; entry++) {
		if ((*entry & ARCH_ENTRY_PRESENT) && *entry != value)
			tlb_batch_add(gone, virtual_address);
		checks_guest_entry(guest, value, PAGE_SIZE);
		*entry = value;
		value += PAGE_SIZE;
		virtual_address += PAGE_SIZE;
	}
}

/* The PD dies, its threads are gone: everything here ends, too (guest_life.c). In rounds:
 * CALL_RESTART. */
status guest_destroy(struct pd *pd);

#endif
