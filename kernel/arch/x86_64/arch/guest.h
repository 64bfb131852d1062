/* SPDX-License-Identifier: MIT */
/* Page tables of guests: the kernel half and the lower halves. */
#ifndef ARCH_GUEST_H
#define ARCH_GUEST_H

#include "arch/paging.h"
#include "object/guest.h"
#include "object/space.h"

struct cpu;
struct vcpu;

/* Take it from the guest's list and let its memory go, in rounds; no table has it any more. */
status attachment_forget(struct attachment *attachment);

/*
 * Walk the present entries of a range in steps of one table; `pages` is lowered to
 * what was done when an interrupt waits.
 */
enum range_work { RANGE_UNMAP, RANGE_WRITE_PROTECT };
void range_change(uint64_t *root, uint64_t virtual_address, uint64_t *pages, enum range_work work,
		  struct tlb_batch *gone);

/*
 * Map contiguous pages with 4 KiB entries (or large ones where `large` allows and all fits); a
 * large page in the way is split. PURLIN_NO_MEMORY: some may be mapped.
 */
status kernel_half_map(struct guest *guest, uint64_t virtual_address, uint64_t physical_address,
		       uint64_t pages, uint64_t bits, bool large, struct tlb_batch *gone);
status lower_half_map(struct space *space, uint64_t virtual_address, uint64_t physical_address,
		      uint64_t pages, uint64_t bits, struct tlb_batch *gone);

/* Flush kernel-half addresses on all processors that ran the guest. */
void kernel_half_flush(struct guest *guest, const struct tlb_batch *gone);
/* Make room in the account: drop the mappings of a space, not those of `keep`. False: nothing left
 * to drop. */
bool guest_reclaim(struct guest *guest, const struct space *keep);

/* Reload CR3 and the direct switch's roots from vcpu->space; in guest kernel mode. */
void vcpu_roots(struct cpu *cpu, struct vcpu *vcpu);

#endif
