/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Linux's page tables: x86-64 entries in four levels, but data only. What
 * processes really see are the microkernel's tables, which follow by batches
 * (mm/batch.c). They are a cache: the microkernel may drop entries of the lower
 * half. Only entries that are present and young are handed over, writable
 * only if dirty; the fault handler sets both bits, as hardware would.
 */
#ifndef _ASM_PURLIN_PGTABLE_H
#define _ASM_PURLIN_PGTABLE_H

#include <asm/page.h>

#define PGDIR_SHIFT	39
#define PTRS_PER_PGD	512
#define PUD_SHIFT	30
#define PTRS_PER_PUD	512
#define PMD_SHIFT	21
#define PTRS_PER_PMD	512
#define PTRS_PER_PTE	512
#define PGDIR_SIZE	(_AC(1, UL) << PGDIR_SHIFT)
#define PGDIR_MASK	(~(PGDIR_SIZE - 1))
#define PUD_SIZE	(_AC(1, UL) << PUD_SHIFT)
#define PUD_MASK	(~(PUD_SIZE - 1))
#define PMD_SIZE	(_AC(1, UL) << PMD_SHIFT)
#define PMD_MASK	(~(PMD_SIZE - 1))
#define USER_PTRS_PER_PGD	256

/* Intel SDM volume 3, 4.5.4; bit 9 is for software. */
#define _PAGE_PRESENT	_AC(0x001, UL)
#define _PAGE_RW	_AC(0x002, UL)
#define _PAGE_USER	_AC(0x004, UL)
#define _PAGE_PWT	_AC(0x008, UL)	/* alone: write-combining */
#define _PAGE_PCD	_AC(0x010, UL)	/* uncached */
#define _PAGE_ACCESSED	_AC(0x020, UL)
#define _PAGE_DIRTY	_AC(0x040, UL)
#define _PAGE_LARGE	_AC(0x080, UL)	/* in the level above the last */
#define _PAGE_PROTNONE	_AC(0x100, UL)	/* in entries without PRESENT */
#define _PAGE_SPECIAL	_AC(0x200, UL)
#define _PAGE_NX	(_AC(1, UL) << 63)

#define _PAGE_BIT_RW		1
#define _PAGE_BIT_ACCESSED	5

#define _PAGE_CACHE	(_PAGE_PWT | _PAGE_PCD)
#define _PAGE_TABLE	(_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED | _PAGE_DIRTY)
#define PTE_PFN_MASK	_AC(0x000ffffffffff000, UL)
#define PFN_PTE_SHIFT	PAGE_SHIFT
#define _PAGE_CHG_MASK	(PTE_PFN_MASK | _PAGE_CACHE | _PAGE_SPECIAL | \
			 _PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_LARGE)

#define _PAGE_BASE	(_PAGE_PRESENT | _PAGE_USER | _PAGE_ACCESSED)
#define _PAGE_KERNEL	(_PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY)

#define PAGE_NONE		__pgprot(_PAGE_PROTNONE | _PAGE_ACCESSED)
#define PAGE_READONLY		__pgprot(_PAGE_BASE | _PAGE_NX)
#define PAGE_READONLY_EXEC	__pgprot(_PAGE_BASE)
#define PAGE_COPY		PAGE_READONLY
#define PAGE_SHARED		__pgprot(_PAGE_BASE | _PAGE_RW | _PAGE_NX)
#define PAGE_SHARED_EXEC	__pgprot(_PAGE_BASE | _PAGE_RW)
#define PAGE_KERNEL		__pgprot(_PAGE_KERNEL | _PAGE_NX)
#define PAGE_KERNEL_RO		__pgprot((_PAGE_KERNEL & ~_PAGE_RW) | _PAGE_NX)
#define PAGE_KERNEL_EXEC	__pgprot(_PAGE_KERNEL)
#define PAGE_KERNEL_ROX		__pgprot(_PAGE_KERNEL & ~_PAGE_RW)
#define PAGE_KERNEL_NOCACHE	__pgprot(_PAGE_KERNEL | _PAGE_NX | _PAGE_CACHE)
#define _PAGE_IOREMAP		(_PAGE_KERNEL | _PAGE_NX | _PAGE_CACHE)

#ifndef __ASSEMBLY__

#include <asm-generic/pgtable-nop4d.h>
#include <linux/bitops.h>
#include <linux/mm_types.h>
#include <asm/batch.h>
#include <asm/vcpu.h>

extern pgd_t swapper_pg_dir[PTRS_PER_PGD];
#ifndef PURLIN_TREE_INITS_ZONES
void arch_zone_limits_init(unsigned long *max_zone_pfn);
#endif

#ifndef PURLIN_TREE_HAS_ZERO_PAGE
extern unsigned long empty_zero_page[PAGE_SIZE / sizeof(unsigned long)];
#define ZERO_PAGE(vaddr)	((void)(vaddr), virt_to_page(empty_zero_page))
#endif

#define vmemmap		((struct page *)VMEMMAP_START)

void paging_init(void);

/* mm/batch.c: write rights are gone from here on; forget a range. */
void purlin_protect_from(struct mm_struct *mm, unsigned long address, unsigned long bytes);
void purlin_note_unmap(struct mm_struct *mm, unsigned long address, unsigned long pages);

#define pte_ERROR(e)	pr_err("%s:%d: bad pte %016lx\n", __FILE__, __LINE__, pte_val(e))
#define pmd_ERROR(e)	pr_err("%s:%d: bad pmd %016lx\n", __FILE__, __LINE__, pmd_val(e))
#define pud_ERROR(e)	pr_err("%s:%d: bad pud %016lx\n", __FILE__, __LINE__, pud_val(e))
#define pgd_ERROR(e)	pr_err("%s:%d: bad pgd %016lx\n", __FILE__, __LINE__, pgd_val(e))

/* Upper levels. */
static inline int pmd_none(pmd_t pmd)		{ return !pmd_val(pmd); }
/* A large page that pmd_mkinvalid() took out of reach is there, as one of PROT_NONE is. */
static inline int pmd_present(pmd_t pmd)
{
	return pmd_val(pmd) & (_PAGE_PRESENT | _PAGE_PROTNONE | _PAGE_LARGE);
}

static inline int pmd_bad(pmd_t pmd)
{
	return (pmd_val(pmd) & ~PTE_PFN_MASK) != _PAGE_TABLE;
}

static inline int pud_none(pud_t pud)		{ return !pud_val(pud); }
static inline int pud_present(pud_t pud)	{ return pud_val(pud) & _PAGE_PRESENT; }
static inline int pud_bad(pud_t pud)
{
	return (pud_val(pud) & ~PTE_PFN_MASK) != _PAGE_TABLE;
}

static inline int p4d_none(p4d_t p4d)		{ return !p4d_val(p4d); }
static inline int p4d_present(p4d_t p4d)	{ return p4d_val(p4d) & _PAGE_PRESENT; }
static inline int p4d_bad(p4d_t p4d)
{
	return (p4d_val(p4d) & ~PTE_PFN_MASK) != _PAGE_TABLE;
}

static inline void set_pmd(pmd_t *entry, pmd_t pmd)	{ WRITE_ONCE(*entry, pmd); }
static inline void set_pud(pud_t *entry, pud_t pud)	{ WRITE_ONCE(*entry, pud); }
static inline void set_p4d(p4d_t *entry, p4d_t p4d)	{ WRITE_ONCE(*entry, p4d); }
static inline void pmd_clear(pmd_t *entry)		{ set_pmd(entry, __pmd(0)); }
static inline void pud_clear(pud_t *entry)		{ set_pud(entry, __pud(0)); }
static inline void p4d_clear(p4d_t *entry)		{ set_p4d(entry, __p4d(0)); }

static inline unsigned long pmd_page_vaddr(pmd_t pmd)
{
	return (unsigned long)__va(pmd_val(pmd) & PTE_PFN_MASK);
}

static inline pmd_t *pud_pgtable(pud_t pud)
{
	return __va(pud_val(pud) & PTE_PFN_MASK);
}

static inline pud_t *p4d_pgtable(p4d_t p4d)
{
	return __va(p4d_val(p4d) & PTE_PFN_MASK);
}

#define pmd_pfn(pmd)	((pmd_val(pmd) & PTE_PFN_MASK) >> PAGE_SHIFT)
#define pud_pfn(pud)	((pud_val(pud) & PTE_PFN_MASK) >> PAGE_SHIFT)
#define pmd_page(pmd)	pfn_to_page(pmd_pfn(pmd))
#define pud_page(pud)	pfn_to_page(pud_pfn(pud))
#define p4d_page(p4d)	pfn_to_page((p4d_val(p4d) & PTE_PFN_MASK) >> PAGE_SHIFT)

/* Entries of pages. */
static inline int pte_none(pte_t pte)		{ return !pte_val(pte); }
static inline int pte_present(pte_t pte)
{
	return pte_val(pte) & (_PAGE_PRESENT | _PAGE_PROTNONE);
}

static inline int pte_write(pte_t pte)		{ return pte_val(pte) & _PAGE_RW; }
static inline int pte_dirty(pte_t pte)		{ return pte_val(pte) & _PAGE_DIRTY; }
static inline int pte_young(pte_t pte)		{ return pte_val(pte) & _PAGE_ACCESSED; }
static inline int pte_exec(pte_t pte)		{ return !(pte_val(pte) & _PAGE_NX); }
static inline int pte_special(pte_t pte)	{ return pte_val(pte) & _PAGE_SPECIAL; }
static inline int pte_same(pte_t a, pte_t b)	{ return pte_val(a) == pte_val(b); }
#define __HAVE_ARCH_PTE_SAME
/* Also what mprotect or NUMA balancing has taken away, but not flushed yet. */
#define pte_accessible(mm, pte)						\
	((pte_val(pte) & _PAGE_PRESENT) ||				\
	 ((pte_val(pte) & _PAGE_PROTNONE) &&				\
	  atomic_read(&(mm)->tlb_flush_pending)))

/* Whether the microkernel may hold this entry. */
static inline bool pte_handed_over(pte_t pte)
{
	return (~pte_val(pte) & (_PAGE_PRESENT | _PAGE_ACCESSED)) == 0;
}

#define PTE_CHANGE(name, operation)			\
static inline pte_t pte_##name(pte_t pte)		\
{							\
	return __pte(pte_val(pte) operation);		\
}

PTE_CHANGE(mkclean, & ~_PAGE_DIRTY)
PTE_CHANGE(mkdirty, | _PAGE_DIRTY)
PTE_CHANGE(mkold, & ~_PAGE_ACCESSED)
PTE_CHANGE(mkyoung, | _PAGE_ACCESSED)
PTE_CHANGE(wrprotect, & ~_PAGE_RW)
PTE_CHANGE(mkwrite_novma, | _PAGE_RW)
PTE_CHANGE(mkspecial, | _PAGE_SPECIAL)
#undef PTE_CHANGE

#ifndef PURLIN_TREE_HAS_MKWRITE_NOVMA
#define pte_mkwrite(pte) pte_mkwrite_novma(pte)
#endif

static inline unsigned long pte_pfn(pte_t pte)
{
	return (pte_val(pte) & PTE_PFN_MASK) >> PAGE_SHIFT;
}

#define pte_page(pte)	pfn_to_page(pte_pfn(pte))

static inline pte_t pfn_pte(unsigned long pfn, pgprot_t prot)
{
	return __pte((pfn << PAGE_SHIFT) | pgprot_val(prot));
}

#ifndef PURLIN_TREE_HAS_MK_PTE
#define mk_pte(page, prot)	pfn_pte(page_to_pfn(page), (prot))
#endif

static inline pte_t pte_modify(pte_t pte, pgprot_t prot)
{
	return __pte((pte_val(pte) & _PAGE_CHG_MASK) |
		     (pgprot_val(prot) & ~_PAGE_CHG_MASK));
}

#define pte_pgprot pte_pgprot
static inline pgprot_t pte_pgprot(pte_t pte)
{
	return __pgprot(pte_val(pte) & ~PTE_PFN_MASK);
}

static inline void set_pte(pte_t *entry, pte_t pte)
{
	WRITE_ONCE(*entry, pte);
}

#define set_ptes set_ptes
static inline void set_ptes(struct mm_struct *mm, unsigned long address, pte_t *entry,
			    pte_t pte, unsigned int pages)
{
	unsigned int i;

	for (i = 0; i < pages; i++)
		set_pte(entry + i, __pte(pte_val(pte) + i * PAGE_SIZE));
	if (pte_handed_over(pte))
		purlin_note_entries(mm, address, entry, pages);
}

#define set_pte_at(mm, addr, ptep, pte) set_ptes(mm, addr, ptep, pte, 1)

/* The entry `old` at `address` is gone; the next flush has to say so. */
static inline void pte_gone(struct mm_struct *mm, unsigned long address, pte_t old)
{
	if (!pte_handed_over(old))
		return;
	if (address >= PAGE_OFFSET) {
		purlin_note_unmap(mm, address, 1);
		return;
	}
	batch_stale(mm, address & PAGE_MASK, PAGE_SIZE);
}

/* The fault handler of another vCPU may be setting its accessed and dirty bits (hand_over). */
static inline pte_t pte_take(pte_t *entry)
{
	return __pte(xchg(&entry->pte, 0));
}

#define __HAVE_ARCH_PTEP_GET_AND_CLEAR
static inline pte_t ptep_get_and_clear(struct mm_struct *mm, unsigned long address, pte_t *entry)
{
	pte_t old = pte_take(entry);

	pte_gone(mm, address, old);
	return old;
}

/* full: the whole space goes; nothing is noted, it is destroyed later. */
#define __HAVE_ARCH_PTEP_GET_AND_CLEAR_FULL
static inline pte_t ptep_get_and_clear_full(struct mm_struct *mm, unsigned long address,
					    pte_t *entry, int full)
{
	pte_t old;

	if (!full)
		return ptep_get_and_clear(mm, address, entry);
	old = READ_ONCE(*entry);
	set_pte(entry, __pte(0));
	return old;
}

static inline void pte_clear(struct mm_struct *mm, unsigned long address, pte_t *entry)
{
	ptep_get_and_clear(mm, address, entry);
}

/* Only fork does this, and calls flush_tlb_mm() after the last. */
#define __HAVE_ARCH_PTEP_SET_WRPROTECT
static inline void ptep_set_wrprotect(struct mm_struct *mm, unsigned long address, pte_t *entry)
{
	clear_bit(_PAGE_BIT_RW, &entry->pte);
	if (address == mm->context.protect_end)
		mm->context.protect_end += PAGE_SIZE;
	else
		purlin_protect_from(mm, address, PAGE_SIZE);
}

#define __HAVE_ARCH_PTEP_TEST_AND_CLEAR_YOUNG
static inline int ptep_test_and_clear_young(struct vm_area_struct *vma, unsigned long address,
					    pte_t *entry)
{
	if (!pte_young(READ_ONCE(*entry)) ||
	    !test_and_clear_bit(_PAGE_BIT_ACCESSED, &entry->pte))
		return 0;
	if (pte_present(READ_ONCE(*entry)))
		purlin_note_unmap(vma->vm_mm, address & PAGE_MASK, 1);
	return 1;
}

/* mprotect: the new entry is handed over exactly, so that no flush is needed. */
#define __HAVE_ARCH_PTEP_MODIFY_PROT_TRANSACTION
static inline pte_t ptep_modify_prot_start(struct vm_area_struct *vma, unsigned long address,
					   pte_t *entry)
{
	return pte_take(entry);
}

static inline void ptep_modify_prot_commit(struct vm_area_struct *vma, unsigned long address,
					   pte_t *entry, pte_t old, pte_t pte)
{
	if (!pte_handed_over(pte))
		pte_gone(vma->vm_mm, address, old);
	set_ptes(vma->vm_mm, address, entry, pte, 1);
	this_cpu_write(vcpu_batch.removals, true);
}

/*
 * A fault has got the entry it needs. One that is only accessed now must not be written as a whole:
 * another vCPU may just make it dirty.
 */
#define __HAVE_ARCH_PTEP_SET_ACCESS_FLAGS
static inline int ptep_set_access_flags(struct vm_area_struct *vma, unsigned long address,
					pte_t *entry, pte_t pte, int dirty)
{
	if (pte_same(READ_ONCE(*entry), pte))
		return 0;
	if (dirty) {
		set_ptes(vma->vm_mm, address, entry, pte, 1);
	} else {
		set_bit(_PAGE_BIT_ACCESSED, &entry->pte);
		purlin_note_entries(vma->vm_mm, address, entry, 1);
	}
	return 1;
}

#define flush_tlb_fix_spurious_fault(...) do { } while (0)

struct vm_fault;

static inline void update_mmu_cache_range(struct vm_fault *fault, struct vm_area_struct *vma,
					  unsigned long address, pte_t *entry, unsigned int pages)
{
}

#define update_mmu_cache(vma, address, entry)		do { } while (0)
#define update_mmu_cache_pmd(vma, address, entry)	do { } while (0)

#define pgprot_noncached pgprot_noncached
static inline pgprot_t pgprot_noncached(pgprot_t prot)
{
	return __pgprot(pgprot_val(prot) | _PAGE_CACHE);
}

#define pgprot_writecombine pgprot_writecombine
static inline pgprot_t pgprot_writecombine(pgprot_t prot)
{
	return __pgprot((pgprot_val(prot) & ~_PAGE_CACHE) | _PAGE_PWT);
}

#include <asm/pgtable_large.h>

/*
 * Swapped out: PRESENT, PROTNONE and LARGE are 0. Exclusive in bit 2, type in bits
 * 9..13, offset from bit 14 up.
 */
#define _PAGE_SWP_EXCLUSIVE	_PAGE_USER
#define __HAVE_ARCH_PTE_SWP_EXCLUSIVE
#define __swp_type(entry)	(((entry).val >> 9) & 0x1f)
#define __swp_offset(entry)	((entry).val >> 14)
#define __swp_entry(type, offset) \
	((swp_entry_t) { ((unsigned long)(type) << 9) | ((unsigned long)(offset) << 14) })
#define __pte_to_swp_entry(pte)	((swp_entry_t) { pte_val(pte) })
#define __swp_entry_to_pte(swp)	__pte((swp).val)
#define __pmd_to_swp_entry(pmd)	((swp_entry_t) { pmd_val(pmd) })
#define __swp_entry_to_pmd(swp)	__pmd((swp).val)

static inline int pte_swp_exclusive(pte_t pte)
{
	return pte_val(pte) & _PAGE_SWP_EXCLUSIVE;
}

static inline pte_t pte_swp_mkexclusive(pte_t pte)
{
	return __pte(pte_val(pte) | _PAGE_SWP_EXCLUSIVE);
}

static inline pte_t pte_swp_clear_exclusive(pte_t pte)
{
	return __pte(pte_val(pte) & ~_PAGE_SWP_EXCLUSIVE);
}

/* x86_64/mmap.c */
#define HAVE_ARCH_UNMAPPED_AREA
#define HAVE_ARCH_UNMAPPED_AREA_TOPDOWN

#endif /* !__ASSEMBLY__ */
#endif
