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

/* The kernel half, empty: NO_MEMORY. */
status arch_guest_create(struct guest *guest);
/* No processor may use it any more when this returns, and all of its tables are free. In rounds:
 * CALL_RESTART. */
status arch_guest_destroy(struct guest *guest);

/* Roots of a lower half, empty, with the guest's kernel half above it: NO_MEMORY. The others of its
 * functions are for a space that has them. */
status arch_space_create(struct space *space);
status arch_space_destroy(struct space *space); /* as arch_guest_destroy() */

/*
 * In all that follows `space` NULL means the kernel half. The entry for an address, the first of
 * those that are left in its span's table. `make`: tables are made as needed, a large page in the
 * way is split; NULL without memory. Else NULL where there is no table. In a lower half a large
 * page goes in both cases. The table stays until guest->generation changes.
 */
uint64_t *arch_guest_entry(struct guest *guest, struct space *space, uint64_t virtual_address,
			   bool make);
/*
 * The entry for a large page; NULL without memory. In the kernel half NULL where there is a table,
 * too; in a lower half the table goes.
 */
uint64_t *arch_guest_large_entry(struct guest *guest, struct space *space,
				 uint64_t virtual_address);

/*
 * Change the present entries of a range; a large page is changed whole. What went is added to
 * `gone`. `pages` is lowered to what was done when an interrupt waits.
 */
enum range_work { RANGE_UNMAP, RANGE_WRITE_PROTECT };
void arch_guest_change(struct guest *guest, struct space *space, uint64_t virtual_address,
		       uint64_t *pages, enum range_work work, struct tlb_batch *gone);

/* All processors forget these pages of the guest. */
void arch_guest_flush(struct guest *guest, struct space *space, const struct tlb_batch *gone);

/*
 * Inline, with the space's lock alone:
 *   bool arch_space_here(const struct arch_space *space): this processor runs in it, and no other
 *     one can hold translations of it;
 *   void arch_space_flush_here(const struct arch_space *space, const struct tlb_batch *gone): then
 *     nobody else has to forget these pages.
 */

/*
 * A bounded number of tables of a lower half goes, from *progress on, which starts with 0, with all
 * processors' ways through them. *all: that was the last. True: the whole half is empty now.
 */
bool arch_space_drop(struct space *space, uint64_t *progress, bool *all);

/*
 * The kernel half maps nothing of these pages any more, but TLBs may. In rounds: CALL_RESTART, with
 * *progress, which starts with 0.
 */
status arch_guest_revoke(struct guest *guest, struct physical base, uint64_t pages,
			 uint64_t *progress);

/* The registers with which a vCPU starts, in guest kernel mode. */
void arch_vcpu_init(struct vcpu *vcpu, const struct vcpu_start_arguments *arguments);
/* The current vCPU, in guest kernel mode, has another space. */
void arch_vcpu_space(struct vcpu *vcpu);
/*
 * Another way of doing this and of setting vcpu->space, with the locks of both alone. False: the
 * space lacks slots of the kernel half.
 */
bool arch_vcpu_space_quick(struct vcpu *vcpu, struct space *space);
/* The current vCPU's watchpoints: BAD_ARGUMENT. */
status arch_vcpu_debug(struct vcpu *vcpu, const struct vcpu_debug_arguments *arguments);
/* The current vCPU has another state page or other entries, and calls from guest kernel mode. */
void arch_vcpu_configured(struct vcpu *vcpu);

#endif
