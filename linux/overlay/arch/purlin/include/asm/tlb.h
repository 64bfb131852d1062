/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_TLB_H
#define _ASM_PURLIN_TLB_H

#define tlb_flush tlb_flush
static inline void tlb_flush(struct mmu_gather *tlb);

#ifndef PURLIN_TREE_TLB_FREES_TABLES
/* What a table is stands in the low bits of its address. */
enum table_level {
	TABLE_OF_PTES,
	TABLE_OF_PMDS,
	TABLE_OF_PUDS,
};

void __tlb_remove_table(void *table);
#endif

#include <asm-generic/tlb.h>

static inline void tlb_flush(struct mmu_gather *tlb)
{
	if (tlb->fullmm)
		purlin_flush_gathered(tlb->mm, 0, TASK_SIZE_MAX, true);
	else if (tlb->end)
		purlin_flush_gathered(tlb->mm, tlb->start, tlb->end, false);
	if (tlb->freed_tables)
		batch_tables_unlinked(tlb->mm);
}

#endif
