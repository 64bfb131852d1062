/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_TLB_H
#define _ASM_PURLIN_TLB_H

#define tlb_flush tlb_flush
static inline void tlb_flush(struct mmu_gather *tlb);

#include <asm-generic/tlb.h>

static inline void tlb_flush(struct mmu_gather *tlb)
{
	if (tlb->fullmm)
		purlin_flush_range(tlb->mm, 0, TASK_SIZE_MAX);
	else if (tlb->end)
		purlin_flush_range(tlb->mm, tlb->start, tlb->end);
}

#endif
