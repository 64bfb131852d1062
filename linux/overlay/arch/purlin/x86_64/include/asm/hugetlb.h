/* SPDX-License-Identifier: GPL-2.0 */
/* Pages of hugetlbfs: an entry of the level above the last, which generic code calls a pte. */
#ifndef _ASM_PURLIN_HUGETLB_H
#define _ASM_PURLIN_HUGETLB_H

#include <asm/page.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>

/* Newer trees say how large the page is; all are of 2 MiB. */
#ifdef PURLIN_TREE_HUGE_SET_HAS_SIZE
#define HUGE_SIZE	, unsigned long size
#else
#define HUGE_SIZE
#endif
#ifdef PURLIN_TREE_HUGE_GET_HAS_SIZE
#define HUGE_GET_SIZE	, unsigned long size
#else
#define HUGE_GET_SIZE
#endif

#define __HAVE_ARCH_HUGE_SET_HUGE_PTE_AT
static inline void set_huge_pte_at(struct mm_struct *mm, unsigned long address, pte_t *entry,
				   pte_t pte HUGE_SIZE)
{
	set_pmd_at(mm, address & PMD_MASK, (pmd_t *)entry, pte_pmd(pte));
}

static inline pte_t huge_pte_take(struct mm_struct *mm, unsigned long address, pte_t *entry)
{
	pmd_t old = pmd_exchange((pmd_t *)entry, __pmd(0));

	pmd_gone(mm, address, old);
	return pmd_pte(old);
}

#define __HAVE_ARCH_HUGE_PTE_CLEAR
static inline void huge_pte_clear(struct mm_struct *mm, unsigned long address, pte_t *entry,
				  unsigned long size)
{
	huge_pte_take(mm, address, entry);
}

#define __HAVE_ARCH_HUGE_PTEP_GET_AND_CLEAR
static inline pte_t huge_ptep_get_and_clear(struct mm_struct *mm, unsigned long address,
					    pte_t *entry HUGE_GET_SIZE)
{
	return huge_pte_take(mm, address, entry);
}

#define __HAVE_ARCH_HUGE_PTEP_CLEAR_FLUSH
static inline pte_t huge_ptep_clear_flush(struct vm_area_struct *vma, unsigned long address,
					  pte_t *entry)
{
	pte_t old = huge_pte_take(vma->vm_mm, address, entry);

	address &= PMD_MASK;
	flush_tlb_range(vma, address, address + PMD_SIZE);
	return old;
}

#define __HAVE_ARCH_HUGE_PTEP_SET_WRPROTECT
static inline void huge_ptep_set_wrprotect(struct mm_struct *mm, unsigned long address,
					   pte_t *entry)
{
	pmd_set_wrprotect(mm, address, (pmd_t *)entry);
}

#define __HAVE_ARCH_HUGE_PTEP_SET_ACCESS_FLAGS
static inline int huge_ptep_set_access_flags(struct vm_area_struct *vma, unsigned long address,
					     pte_t *entry, pte_t pte, int dirty)
{
	return pmd_set_access_flags(vma->vm_mm, address & PMD_MASK, (pmd_t *)entry, pte_pmd(pte),
				    dirty);
}

#undef HUGE_SIZE
#undef HUGE_GET_SIZE

#include <asm-generic/hugetlb.h>

#endif
