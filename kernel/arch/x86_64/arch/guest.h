/* SPDX-License-Identifier: MIT */
/*
 * Guests on x86-64: what object/arch_guest.h wants as types and inline (arch_entry_bits():
 * arch/paging.h).
 *
 * The kernel half lives in the upper slots of the guest's root; each space's kernel root has
 * copies of those slots, so the tables below are shared. A space's two roots share the tables of
 * the lower half: the user root has nothing else, in the kernel root the lower half is not
 * executable.
 */
#ifndef ARCH_GUEST_H
#define ARCH_GUEST_H

#include "arch/cpu.h"
#include "arch/paging.h"
#include "purlin/vcpu.h"

#define WATCHES 4 /* DR0 to DR3 */

struct arch_guest {
	struct physical root; /* the kernel half, and an empty lower half */
	uint64_t id;
	uint64_t cpus;	/* processors that ran a vCPU of this guest */
	uint64_t slots; /* slots of the kernel half that came into use */
};

struct arch_space {
	struct physical user_root, kernel_root;
	uint64_t user_id, kernel_id;
	uint64_t cpus;	/* processors whose TLBs may hold entries of it; grows with the space's lock
			 */
	uint64_t slots; /* the guest's, as of when it got the kernel half's slots */
};

struct arch_vcpu {
	bool in_user;	  /* while it does not run: see object/vcpu.h */
	bool has_watches; /* some of these are enabled */
	uint64_t watch_address[WATCHES], watch_control;
};

static inline bool arch_space_here(const struct arch_space *space)
{
	return space->cpus == cpu_this()->bit;
}

static inline void arch_space_flush_here(const struct arch_space *space,
					 const struct tlb_batch *gone)
{
	tlb_flush_here(space->user_id, space->kernel_id, gone);
}

#define ARCH_SPAN_PAGES TABLE_ENTRIES
#define ARCH_ENTRY_PRESENT PTE_PRESENT
#define ARCH_ENTRY_LARGE PTE_LARGE

static inline uint64_t arch_entry_protected(uint64_t entry)
{
	return entry & ~PTE_WRITE;
}

static inline const uint64_t *arch_guest_table(struct physical table)
{
	return table_at(table);
}

#define ARCH_GUEST_ENTRY_HELD (PURLIN_ENTRY_PRESENT | PURLIN_ENTRY_ACCESSED)
static inline bool arch_guest_entry_held(uint64_t entry)
{
	return !(~entry & ARCH_GUEST_ENTRY_HELD);
}

static inline uint64_t arch_guest_entry_address(uint64_t entry)
{
	return entry & PTE_ADDRESS;
}

static inline uint32_t arch_guest_entry_rights(uint64_t entry)
{
	uint32_t rights = PURLIN_MAP_READ;

	if (!(~entry & (PURLIN_ENTRY_WRITE | PURLIN_ENTRY_DIRTY)))
		rights |= PURLIN_MAP_WRITE;
	if (!(entry & PURLIN_ENTRY_NO_EXECUTE))
		rights |= PURLIN_MAP_EXECUTE;
	if (entry & PURLIN_ENTRY_UNCACHED)
		rights |= PURLIN_MAP_UNCACHED;
	else if (entry & PURLIN_ENTRY_WRITE_COMBINING)
		rights |= PURLIN_MAP_WRITE_COMBINING;
	return rights;
}

#endif
