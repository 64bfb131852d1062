/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_PGALLOC_H
#define _ASM_PURLIN_PGALLOC_H

#include <linux/mm.h>
#include <asm/batch.h>

#define __HAVE_ARCH_PGD_FREE
#include <asm-generic/pgalloc.h>

static inline void pmd_populate_kernel(struct mm_struct *mm, pmd_t *pmd, pte_t *pte)
{
	set_pmd(pmd, __pmd(__pa(pte) | _PAGE_TABLE));
}

static inline void pmd_populate(struct mm_struct *mm, pmd_t *pmd, struct page *pte)
{
	set_pmd(pmd, __pmd(page_to_phys(pte) | _PAGE_TABLE));
}

static inline void pud_populate(struct mm_struct *mm, pud_t *pud, pmd_t *pmd)
{
	set_pud(pud, __pud(__pa(pmd) | _PAGE_TABLE));
}

static inline void p4d_populate(struct mm_struct *mm, p4d_t *p4d, pud_t *pud)
{
	set_p4d(p4d, __p4d(__pa(pud) | _PAGE_TABLE));
}

/* No hardware walks these tables: the kernel half is in swapper_pg_dir only. */
static inline pgd_t *pgd_alloc(struct mm_struct *mm)
{
	return (pgd_t *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
}

static inline void pgd_free(struct mm_struct *mm, pgd_t *pgd)
{
	free_page((unsigned long)pgd);
}

/*
 * Freed after a grace period: software walks the tables with events disabled and no lock. Before
 * that, tlb_flush() sees to it that no batch names them any more.
 */
#ifdef PURLIN_TREE_TLB_FREES_TABLES
#define __pte_free_tlb(tlb, pte, address)	tlb_remove_ptdesc(tlb, page_ptdesc(pte))
#define __pmd_free_tlb(tlb, pmd, address)	tlb_remove_ptdesc(tlb, virt_to_ptdesc(pmd))
#define __pud_free_tlb(tlb, pud, address)	tlb_remove_ptdesc(tlb, virt_to_ptdesc(pud))
#else
#define __pte_free_tlb(tlb, pte, address)	\
	tlb_remove_table(tlb, page_address(pte) + TABLE_OF_PTES)
#define __pmd_free_tlb(tlb, pmd, address)	tlb_remove_table(tlb, (void *)(pmd) + TABLE_OF_PMDS)
#define __pud_free_tlb(tlb, pud, address)	tlb_remove_table(tlb, (void *)(pud) + TABLE_OF_PUDS)
#endif

#endif
