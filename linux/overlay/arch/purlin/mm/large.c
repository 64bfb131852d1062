// SPDX-License-Identifier: GPL-2.0
/* Pages of 2 MiB: see asm/pgtable_large.h. */
#include <linux/hugetlb.h>
#include <linux/mm.h>
#include <asm/batch.h>
#include <asm/pgtable.h>

#ifdef CONFIG_TRANSPARENT_HUGEPAGE
/*
 * The table's pages are copied next, and its entries cleared one by one. What batches have noted of
 * the table is applied before it is taken away: else a vCPU would write to a page that has been
 * copied.
 */
pmd_t pmdp_collapse_flush(struct vm_area_struct *vma, unsigned long address, pmd_t *entry)
{
	pmd_t old = pmd_exchange(entry, __pmd(0));

	batch_tables_unlinked(vma->vm_mm);
	purlin_note_unmap(vma->vm_mm, address, PMD_SIZE >> PAGE_SHIFT);
	batch_apply();
	return old;
}
#endif

#if defined(CONFIG_HUGETLB_PAGE) && defined(PURLIN_TREE_ARCH_PMD_HUGE)
int pmd_huge(pmd_t pmd)
{
	return pmd_leaf(pmd);
}

int pud_huge(pud_t pud)
{
	return 0;
}
#endif
