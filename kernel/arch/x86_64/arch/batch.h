/* SPDX-License-Identifier: MIT */
/* One run through a guest's batch (abi/purlin/vcpu.h), and the entries that map. */
#ifndef ARCH_BATCH_H
#define ARCH_BATCH_H

#include "arch/guest.h"
#include "object/vcpu.h"

#define NO_REGION (~0ull)

struct batch_run {
	struct vcpu *vcpu;
	struct guest *guest;
	struct space *space; /* NULL: none chosen, only the kernel half */
	struct tlb_batch lower, upper;
	uint64_t work;		       /* since the last look for an interrupt, in pages */
	const struct account *account; /* pays for tables */
	uint64_t used;		       /* its pages, as of the last entry that mapped */
};

/* Which half a range of pages lies in. */
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

/* The table filled last is another one now, or may be gone. */
static inline void batch_forget_table(struct batch_run *run)
{
	run->vcpu->last.region = NO_REGION;
}

/*
 * PURLIN_BATCH_MAP and PURLIN_BATCH_TABLE, word 1 as the guest gave it. PURLIN_BAD_ARGUMENT: the
 * guest may not; PURLIN_NO_MEMORY: no table, even after dropping what could be dropped.
 */
status batch_map(struct batch_run *run, uint64_t virtual_address, uint64_t pages, uint64_t word);
status batch_table(struct batch_run *run, uint64_t virtual_address, uint64_t pages, uint64_t word);

#endif
