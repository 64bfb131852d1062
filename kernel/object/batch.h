/* SPDX-License-Identifier: MIT */
/*
 * One run through a guest's batch (abi/purlin/vcpu.h): batch.c reads the entries, batch_follow.c
 * and batch_entries.c do what they say. Where the run ends is in the vCPU (object/vcpu.h).
 */
#ifndef OBJECT_BATCH_H
#define OBJECT_BATCH_H

#include "object/attachment.h"
#include "object/vcpu.h"

/*
 * Work is counted in pages; when it reaches CHECK_EVERY, the run looks for an interrupt. A page
 * takes some 30 instructions and a look takes a hundred, so the looks cost little, and an interrupt
 * waits for some 15,000 instructions at most.
 */
#define CHECK_EVERY 512
#define ENTRY_WORK 8 /* an entry, besides its pages */
#define FLUSH_WORK 64
#define TABLE_WORK 32		 /* zeroing a new table */
#define RECLAIM_WORK CHECK_EVERY /* look right afterwards */

struct batch {
	struct vcpu *vcpu;
	struct guest *guest;
	struct space *space; /* locked; NULL: none chosen, only the kernel half */
	bool alone;	     /* without the kernel's lock */
	/* What was removed from tables of either half, but may still be in TLBs. */
	struct tlb_batch lower, upper;
	uint64_t work; /* since the last look for an interrupt */
};

static inline uint64_t entry_pages(uint64_t word0)
{
	return ((word0 >> 4) & 0xff) + 1;
}

/*
 * Functions for each kind of entry. Words and addresses are as the guest gave them, unchecked.
 * PURLIN_BAD_ARGUMENT: the guest may not do this; PURLIN_NO_MEMORY: there was no memory even after
 * mappings of the guest's processes were dropped.
 */
status batch_table(struct batch *batch, uint64_t virtual_address, uint64_t pages, uint64_t word);
status batch_map(struct batch *batch, uint64_t virtual_address, uint64_t pages, uint64_t word);
status batch_large(struct batch *batch, uint64_t virtual_address, uint64_t word);
/* The only kind that may take long. CALL_RESTART: the vCPU knows how far it has come. */
status batch_range(struct batch *batch, uint64_t virtual_address, uint64_t pages,
		   enum range_work work);

#endif
