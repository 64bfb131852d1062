/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries of the level above the last that map a page of 2 MiB: of transparent huge pages and of
 * hugetlbfs. An entry is handed over by itself (purlin_note_large), under the rules of a small one:
 * present and young, writable only if dirty. Whether the microkernel maps it by one entry of its
 * own, or by small pages, is its business.
 */
#ifndef _ASM_PURLIN_PGTABLE_LARGE_H
#define _ASM_PURLIN_PGTABLE_LARGE_H

static inline pte_t pmd_pte(pmd_t pmd)
{
	return __pte(pmd_val(pmd));
}

static inline pmd_t pte_pmd(pte_t pte)
{
	return __pmd(pte_val(pte));
}

#define pmd_leaf pmd_leaf
static inline bool pmd_leaf(pmd_t pmd)
{
	return pmd_val(pmd) & _PAGE_LARGE;
}

static inline pte_t pte_mkhuge(pte_t pte)
{
	return __pte(pte_val(pte) | _PAGE_LARGE);
}

static inline int pte_huge(pte_t pte)
{
	return pte_val(pte) & _PAGE_LARGE;
}

static inline bool pmd_handed_over(pmd_t pmd)
{
	return pmd_leaf(pmd) && pte_handed_over(pmd_pte(pmd));
}

static inline void set_pmd_at(struct mm_struct *mm, unsigned long address, pmd_t *entry,
			      pmd_t pmd)
{
	set_pmd(entry, pmd);
	if (pmd_handed_over(pmd))
		purlin_note_large(mm, address, entry);
}

/* A large page, or a table with what it maps. */
static inline void pmd_gone(struct mm_struct *mm, unsigned long address, pmd_t old)
{
	if (pmd_val(old) & _PAGE_PRESENT)
		batch_stale(mm, address & PMD_MASK, PMD_SIZE);
}

static inline pmd_t pmd_exchange(pmd_t *entry, pmd_t pmd)
{
	return __pmd(xchg(&entry->pmd, pmd_val(pmd)));
}

/* Only fork does this, and calls flush_tlb_mm() after the last. */
static inline void pmd_set_wrprotect(struct mm_struct *mm, unsigned long address, pmd_t *entry)
{
	clear_bit(_PAGE_BIT_RW, &entry->pmd);
	purlin_protect_from(mm, address & PMD_MASK, PMD_SIZE);
}

static inline int pmd_set_access_flags(struct mm_struct *mm, unsigned long address, pmd_t *entry,
				       pmd_t pmd, int dirty)
{
	if (pmd_val(READ_ONCE(*entry)) == pmd_val(pmd))
		return 0;
	if (dirty) {
		set_pmd_at(mm, address, entry, pmd);
	} else {
		set_bit(_PAGE_BIT_ACCESSED, &entry->pmd);
		purlin_note_large(mm, address, entry);
	}
	return 1;
}

#ifdef CONFIG_TRANSPARENT_HUGEPAGE

#define PMD_FROM_PTE(name)				\
static inline pmd_t pmd_##name(pmd_t pmd)		\
{							\
	return pte_pmd(pte_##name(pmd_pte(pmd)));	\
}

PMD_FROM_PTE(mkclean)
PMD_FROM_PTE(mkdirty)
PMD_FROM_PTE(mkold)
PMD_FROM_PTE(mkyoung)
PMD_FROM_PTE(mkhuge)
PMD_FROM_PTE(wrprotect)
PMD_FROM_PTE(mkwrite_novma)
#undef PMD_FROM_PTE

#ifndef PURLIN_TREE_HAS_MKWRITE_NOVMA
#define pmd_mkwrite(pmd) pmd_mkwrite_novma(pmd)
#endif

#define pmd_write(pmd)	pte_write(pmd_pte(pmd))
#define pmd_dirty pmd_dirty
static inline int pmd_dirty(pmd_t pmd)		{ return pte_dirty(pmd_pte(pmd)); }
#define pmd_young pmd_young
static inline int pmd_young(pmd_t pmd)		{ return pte_young(pmd_pte(pmd)); }
static inline int pmd_trans_huge(pmd_t pmd)	{ return pmd_leaf(pmd); }

static inline pmd_t pfn_pmd(unsigned long pfn, pgprot_t prot)
{
	return pte_pmd(pfn_pte(pfn, prot));
}

#define mk_pmd(page, prot)	pfn_pmd(page_to_pfn(page), (prot))

static inline pmd_t pmd_modify(pmd_t pmd, pgprot_t prot)
{
	return pte_pmd(pte_modify(pmd_pte(pmd), prot));
}

/* Still there for Linux, but maps nothing: see pmd_present(). */
static inline pmd_t pmd_mkinvalid(pmd_t pmd)
{
	return __pmd(pmd_val(pmd) & ~(_PAGE_PRESENT | _PAGE_PROTNONE));
}

#define pmdp_establish pmdp_establish
static inline pmd_t pmdp_establish(struct vm_area_struct *vma, unsigned long address,
				   pmd_t *entry, pmd_t pmd)
{
	pmd_t old = pmd_exchange(entry, pmd);

	pmd_gone(vma->vm_mm, address, old);
	return old;
}

#define __HAVE_ARCH_PMDP_HUGE_GET_AND_CLEAR
static inline pmd_t pmdp_huge_get_and_clear(struct mm_struct *mm, unsigned long address,
					    pmd_t *entry)
{
	pmd_t old = pmd_exchange(entry, __pmd(0));

	pmd_gone(mm, address, old);
	return old;
}

#define __HAVE_ARCH_PMDP_SET_WRPROTECT
static inline void pmdp_set_wrprotect(struct mm_struct *mm, unsigned long address, pmd_t *entry)
{
	pmd_set_wrprotect(mm, address, entry);
}

#define __HAVE_ARCH_PMDP_SET_ACCESS_FLAGS
static inline int pmdp_set_access_flags(struct vm_area_struct *vma, unsigned long address,
					pmd_t *entry, pmd_t pmd, int dirty)
{
	return pmd_set_access_flags(vma->vm_mm, address, entry, pmd, dirty);
}

#define __HAVE_ARCH_PMDP_TEST_AND_CLEAR_YOUNG
static inline int pmdp_test_and_clear_young(struct vm_area_struct *vma, unsigned long address,
					    pmd_t *entry)
{
	if (!pmd_young(READ_ONCE(*entry)) ||
	    !test_and_clear_bit(_PAGE_BIT_ACCESSED, &entry->pmd))
		return 0;
	if (pmd_present(READ_ONCE(*entry)))
		purlin_note_unmap(vma->vm_mm, address & PMD_MASK, PMD_SIZE >> PAGE_SHIFT);
	return 1;
}

/* A table of small pages is to become a large one: nobody may name the table after this. */
#define pmdp_collapse_flush pmdp_collapse_flush
pmd_t pmdp_collapse_flush(struct vm_area_struct *vma, unsigned long address, pmd_t *entry);

#endif /* CONFIG_TRANSPARENT_HUGEPAGE */
#endif
