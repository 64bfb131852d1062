/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The "TLB" is the microkernel's page tables. What Linux takes away is noted in
 * the batch by these calls; see mm/flush.c for when it takes effect.
 */
#ifndef _ASM_PURLIN_TLBFLUSH_H
#define _ASM_PURLIN_TLBFLUSH_H

#include <linux/mm_types.h>

void purlin_flush_range(struct mm_struct *mm, unsigned long start, unsigned long end);
/* Of mmu_gather: what it cleared is known, unless it has to do for others (`all`). */
void purlin_flush_gathered(struct mm_struct *mm, unsigned long start, unsigned long end, bool all);
void purlin_flush_kernel(void);

void flush_tlb_mm(struct mm_struct *mm);

#define flush_tlb_range(vma, start, end) \
	purlin_flush_range((vma)->vm_mm, start, end)

static inline void flush_tlb_page(struct vm_area_struct *vma, unsigned long address)
{
	address &= PAGE_MASK;
	purlin_flush_range(vma->vm_mm, address, address + PAGE_SIZE);
}

/* Kernel entries are noted when they are cleared. */
static inline void flush_tlb_kernel_range(unsigned long start, unsigned long end)
{
	purlin_flush_kernel();
}

static inline void flush_tlb_all(void)
{
	purlin_flush_kernel();
}

#endif
