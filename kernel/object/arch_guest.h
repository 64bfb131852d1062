/* SPDX-License-Identifier: MIT */
/*
 * What guests ask of an architecture: page tables for the two halves of their addresses, and the
 * ways in and out of a vCPU. Capabilities, attachments, batches, reclaim and events are not its
 * business: they lie in this folder. Called with the kernel lock held unless said otherwise, and
 * with the lock of the space where tables of its lower half change.
 *
 * Types and what has to be inline come from the architecture's arch/guest.h:
 *   struct arch_guest: of a guest, its kernel half; struct arch_space: of a space, its lower half;
 *   struct arch_vcpu: of a vCPU;
 *   ARCH_SPAN_PAGES: how many entries a table of single pages has. A *span* is the range of
 *     addresses that one such table maps; a *large page* maps a whole one;
 *   an entry is 8 bytes: the page's physical address, or-ed with bits from
 *     uint64_t arch_entry_bits(uint32_t rights): for PURLIN_MAP_* with cache bits resolved;
 *     ARCH_ENTRY_PRESENT: one of them; ARCH_ENTRY_LARGE: to be added for a large page. 0 maps
 *     nothing;
 *     uint64_t arch_entry_protected(uint64_t entry): without the right to write;
 *   entries of the guest's own tables (abi/purlin/vcpu.h) are read by
 *     const uint64_t *arch_guest_table(struct physical table): where the kernel finds them;
 *     bool arch_guest_entry_held(uint64_t entry): it maps a page now, as it has all of the bits
 *       ARCH_GUEST_ENTRY_HELD;
 *     uint64_t arch_guest_entry_address(uint64_t entry): which one, guest-physical;
 *     uint32_t arch_guest_entry_rights(uint64_t entry): PURLIN_MAP_* it asks for. Nothing but the
 *       bits PURLIN_ENTRY_RIGHTS decides about them;
 *   void checks_guest_entry(...): arch/checks.h.
 */
#ifndef OBJECT_ARCH_GUEST_H
#define OBJECT_ARCH_GUEST_H

#include "arch/guest.h"
#include "base/tlb_batch.h"

struct guest;
struct space;
struct vcpu;
struct vcpu_start_arguments;
struct vcpu_debug_arguments;

/* Make the guest's kernel half, empty. NO_MEMORY. */
status arch_guest_create(struct guest *guest);
/*
 * Free all tables of the kernel half; no processor uses it any more when this returns. In rounds:
 * CALL_RESTART.
 */
status arch_guest_destroy(struct guest *guest);

/*
 * Make roots of an empty lower half, with the guest's kernel half above it. NO_MEMORY. The other
 * functions for spaces are only for a space that has roots.
 */
status arch_space_create(struct space *space);
status arch_space_destroy(struct space *space); /* as arch_guest_destroy() */

/*
 * In all that follows `space` NULL means the kernel half. This finds the entry for an address;
 * those behind it in the table are for the rest of the address's span. With `make`, tables are made
 * as needed and a large page in the way is split; NULL means that there is no memory. Without it,
 * NULL means that there is no table. In a lower half a large page is removed in either case. The
 * table stays until guest->generation changes.
 */
uint64_t *arch_guest_entry(struct guest *guest, struct space *space, uint64_t virtual_address,
			   bool make);
/*
 * Find the entry for a large page; NULL without memory. A table of small pages in its place is
 * removed in a lower half; in the kernel half the result is NULL.
 */
uint64_t *arch_guest_large_entry(struct guest *guest, struct space *space,
				 uint64_t virtual_address);

/*
 * Change the present entries of a range; a large page is changed as a whole. What TLBs may still
 * hold of them is added to `gone`. If an interrupt waits, this ends early and lowers `pages` to the
 * number of pages done.
 */
enum range_work { RANGE_UNMAP, RANGE_WRITE_PROTECT };
void arch_guest_change(struct guest *guest, struct space *space, uint64_t virtual_address,
		       uint64_t *pages, enum range_work work, struct tlb_batch *gone);

/* Make all processors forget these pages of the guest. */
void arch_guest_flush(struct guest *guest, struct space *space, const struct tlb_batch *gone);

/*
 * Inline, with the space's lock alone:
 *   bool arch_space_here(const struct arch_space *space): this processor runs in it, and no other
 *     one can hold translations of it;
 *   void arch_space_flush_here(const struct arch_space *space, const struct tlb_batch *gone): then
 *     nobody else has to forget these pages.
 */

/*
 * Free a bounded number of tables of a lower half, and make all processors forget what they mapped.
 * *progress says where to go on; it starts with 0. *all: the last table was reached. True: the
 * whole half is empty now.
 */
bool arch_space_drop(struct space *space, uint64_t *progress, bool *all);

/*
 * Remove all mappings of these pages from the kernel half; TLBs may still hold them. In rounds:
 * CALL_RESTART, with *progress, which starts with 0.
 */
status arch_guest_revoke(struct guest *guest, struct physical base, uint64_t pages,
			 uint64_t *progress);

/* Set the registers with which a vCPU starts, in guest kernel mode. */
void arch_vcpu_init(struct vcpu *vcpu, const struct vcpu_start_arguments *arguments);
/* The current vCPU, which is in guest kernel mode, has another space now: load its roots. */
void arch_vcpu_space(struct vcpu *vcpu);
/*
 * Set vcpu->space and load its roots, with only the locks of vCPU and space held. False: the space
 * lacks slots of the kernel half.
 */
bool arch_vcpu_space_quick(struct vcpu *vcpu, struct space *space);
/* Set the current vCPU's watchpoints. BAD_ARGUMENT. */
status arch_vcpu_debug(struct vcpu *vcpu, const struct vcpu_debug_arguments *arguments);
/*
 * The current vCPU, which calls from guest kernel mode, has another state page or other entry
 * points now.
 */
void arch_vcpu_configured(struct vcpu *vcpu);

#endif
