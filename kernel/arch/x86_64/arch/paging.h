/* SPDX-License-Identifier: MIT */
/* Page tables (SDM 3A, 4.5) and what the TLBs hold of them. */
#ifndef ARCH_PAGING_H
#define ARCH_PAGING_H

#include "arch/frame.h"
#include "arch/layout.h"
#include "base/tlb_batch.h"
#include "base/types.h"

#define PTE_PRESENT (1ull << 0)
#define PTE_WRITE (1ull << 1)
#define PTE_USER (1ull << 2)
#define PTE_PWT (1ull << 3) /* PAT index bit 0: write combining, see layout.h */
#define PTE_PCD (1ull << 4) /* PAT index bit 1: uncached */
#define PTE_LARGE (1ull << 7)
#define PTE_NX (1ull << 63)
#define PTE_ADDRESS 0x000ffffffffff000ull

#define TABLE_ENTRIES 512
#define TABLE_LEVELS 4 /* level 0: 4 KiB entries ... level 3: PML4 */

/* paging_boot.c: the root every other root takes the kernel's slots from. */
extern struct physical kernel_root;

static inline unsigned int table_index(uint64_t virtual_address, unsigned int level)
{
	return (unsigned int)(virtual_address >> (PAGE_SHIFT + 9 * level)) & (TABLE_ENTRIES - 1);
}

/* The table at a physical address. */
static inline uint64_t *table_at(struct physical address)
{
	return (uint64_t *)(DIRECT_MAP_BASE + address.value);
}

/* Tables are mostly empty: their entries are looked at in groups first, and four groups at once. */
#define TABLE_GROUP 8
#define TABLE_GROUPS (4 * TABLE_GROUP)
static inline uint64_t table_group_any(const uint64_t *group)
{
	return group[0] | group[1] | group[2] | group[3] | group[4] | group[5] | group[6] |
	       group[7];
}

static inline bool table_group_empty(const uint64_t *group)
{
	return !table_group_any(group);
}

static inline bool table_groups_empty(const uint64_t *group)
{
	return !(table_group_any(group) | table_group_any(group + TABLE_GROUP) |
		 table_group_any(group + 2 * TABLE_GROUP) |
		 table_group_any(group + 3 * TABLE_GROUP));
}

/* Page-table bits of PURLIN_MAP_* rights (cache bits resolved) for ring 3. */
static inline uint64_t arch_entry_bits(uint32_t rights)
{
	uint64_t bits = PTE_PRESENT | PTE_USER;

	if (rights & PURLIN_MAP_WRITE)
		bits |= PTE_WRITE;
	if (!(rights & PURLIN_MAP_EXECUTE))
		bits |= PTE_NX;
	switch (rights & (3u << PURLIN_MAP_CACHE_SHIFT)) {
	case PURLIN_MAP_WRITE_COMBINING:
		return bits | PTE_PWT;
	case PURLIN_MAP_UNCACHED:
		return bits | PTE_PWT | PTE_PCD;
	default:
		return bits;
	}
}

/* A zeroed root with the kernel's slots; PHYSICAL_NONE without memory. */
struct physical root_create(struct account *account);
/*
 * Tables that no other one leads to any more. They may be freed when no processor can have kept the
 * way to them.
 */
#define TABLES_AT_ONCE 16
#define LARGE_AT_ONCE 512
struct table_list {
	unsigned int count;
	unsigned int large; /* entries of large pages that went with them */
	struct physical table[TABLES_AT_ONCE];
};
/*
 * Take tables (not what they map) out of a root, from the one of `*span` up to `end`
 * (arch/cursor.h). False: the list was full before, or enough was done; `*span` is where it goes
 * on.
 */
bool tables_take(uint64_t *root, uint64_t *span, uint64_t end, struct table_list *taken);
void table_list_free(const struct table_list *taken, struct account *account);
/* Free the tables below slots first..last of a root that no processor uses, in rounds. */
status tables_free(uint64_t *root, unsigned int first, unsigned int last, struct account *account);

/*
 * Flush on every processor in *processors whose TLB may hold entries of the roots with
 * these ids (second_id 0: only one root) and wait until all have. Processors
 * that do not run the space forget it wholly and leave the set.
 */
void tlb_flush(uint64_t *processors, uint64_t id, uint64_t second_id,
	       const struct tlb_batch *batch);
/* On this processor, which runs one of them. Needs no lock. */
void tlb_flush_here(uint64_t id, uint64_t second_id, const struct tlb_batch *batch);
/* All processors leave these roots (loading the kernel's) and forget them. */
void tlb_leave(uint64_t *processors, uint64_t id, uint64_t second_id);
/* The kernel half of a guest changed: these pages in every space, on these processors. */
void tlb_flush_kernel_half(uint64_t processors, const struct tlb_batch *batch);
/* All processors in the set have entered the kernel and wait for the lock. */
void tlb_gather(uint64_t processors);

/* What the TLB of a processor may hold, by PCID: the id whose entries they are; 0: none. */
#define PCIDS 1024
struct tlb_held {
	uint64_t owner[PCIDS];
};
struct tlb_held *tlb_held_by(unsigned int cpu);

/*
 * Value for CR3: root plus, with PCID, the id's number, whose entries are kept. Before it is loaded
 * on a processor the id has to be marked as held there.
 */
uint64_t root_value(struct physical root, uint64_t id);
#define CR3_PCID 0xfffull
/* Mark the id; what another one with its PCID left in the TLB goes. */
void root_claim(uint64_t id);
/* Both in one. */
uint64_t root_value_claimed(struct physical root, uint64_t id);
/* An id for a new root, never used before. */
uint64_t root_new_id(void);

#endif
