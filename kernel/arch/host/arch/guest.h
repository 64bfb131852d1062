/* SPDX-License-Identifier: MIT */
/*
 * Guests on the host architecture: what object/arch_guest.h wants as types and inline. A half is a
 * list of tables; an entry has the page's address and its PURLIN_MAP_* rights.
 */
#ifndef ARCH_GUEST_H
#define ARCH_GUEST_H

#include "base/arch.h"
#include "base/tlb_batch.h"
#include "purlin/vcpu.h"

#define ARCH_SPAN_PAGES 512
#define ARCH_ENTRY_PRESENT 1ull
#define ARCH_ENTRY_LARGE (1ull << 11)
#define HOST_RIGHTS_SHIFT 1
#define HOST_ADDRESS 0x000ffffffffff000ull

/* What one span of addresses maps: a table, or a large page. */
struct host_span {
	struct host_span *next; /* by number */
	uint64_t number;
	uint64_t *table;
	uint64_t large;
};

struct host_half {
	struct host_span *spans;
	struct physical root; /* a page that is paid for, as on a machine */
};

struct arch_guest {
	struct host_half half;
};

struct arch_space {
	struct host_half half;
};

bool arch_space_here(const struct arch_space *space);
void arch_space_flush_here(const struct arch_space *space, const struct tlb_batch *gone);

struct arch_vcpu {
	uint64_t second_argument;
	uint64_t watch_control;
	unsigned int configured, spaces; /* calls of the functions of these names */
};

static inline uint64_t arch_entry_bits(uint32_t rights)
{
	return ARCH_ENTRY_PRESENT | (uint64_t)rights << HOST_RIGHTS_SHIFT;
}

static inline uint64_t arch_entry_protected(uint64_t entry)
{
	return entry & ~((uint64_t)PURLIN_MAP_WRITE << HOST_RIGHTS_SHIFT);
}

static inline const uint64_t *arch_guest_table(struct physical table)
{
	return arch_physical_to_kernel(table);
}

#define ARCH_GUEST_ENTRY_HELD (PURLIN_ENTRY_PRESENT | PURLIN_ENTRY_ACCESSED)
static inline bool arch_guest_entry_held(uint64_t entry)
{
	return (entry & PURLIN_ENTRY_PRESENT) && (entry & PURLIN_ENTRY_ACCESSED);
}

static inline uint64_t arch_guest_entry_address(uint64_t entry)
{
	return entry & HOST_ADDRESS;
}

static inline uint32_t arch_guest_entry_rights(uint64_t entry)
{
	bool write = (entry & PURLIN_ENTRY_WRITE) && (entry & PURLIN_ENTRY_DIRTY);
	uint32_t cache = entry & PURLIN_ENTRY_UNCACHED	      ? PURLIN_MAP_UNCACHED :
			 entry & PURLIN_ENTRY_WRITE_COMBINING ? PURLIN_MAP_WRITE_COMBINING :
								0;

	return PURLIN_MAP_READ | (write ? PURLIN_MAP_WRITE : 0) |
	       (entry & PURLIN_ENTRY_NO_EXECUTE ? 0 : PURLIN_MAP_EXECUTE) | cache;
}

#endif
