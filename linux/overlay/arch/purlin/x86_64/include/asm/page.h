/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_PAGE_H
#define _ASM_PURLIN_PAGE_H

#include <asm/page_types.h>

#ifndef __ASSEMBLY__

#include <linux/types.h>

typedef struct { unsigned long pte; } pte_t;
typedef struct { unsigned long pmd; } pmd_t;
typedef struct { unsigned long pud; } pud_t;
typedef struct { unsigned long pgd; } pgd_t;
typedef struct { unsigned long pgprot; } pgprot_t;
typedef struct page *pgtable_t;

#define pte_val(x)	((x).pte)
#define pmd_val(x)	((x).pmd)
#define pud_val(x)	((x).pud)
#define pgd_val(x)	((x).pgd)
#define pgprot_val(x)	((x).pgprot)
#define __pte(x)	((pte_t) { (x) })
#define __pmd(x)	((pmd_t) { (x) })
#define __pud(x)	((pud_t) { (x) })
#define __pgd(x)	((pgd_t) { (x) })
#define __pgprot(x)	((pgprot_t) { (x) })

struct page;

static inline void clear_page(void *page)
{
	unsigned long count = PAGE_SIZE / 8;

	asm volatile("rep stosq"
		     : "+D" (page), "+c" (count) : "a" (0UL) : "memory");
}

static inline void copy_page(void *to, const void *from)
{
	unsigned long count = PAGE_SIZE / 8;

	asm volatile("rep movsq"
		     : "+D" (to), "+S" (from), "+c" (count) : : "memory");
}

#define clear_user_page(page, vaddr, pg)	clear_page(page)
#define copy_user_page(to, from, vaddr, pg)	copy_page(to, from)

/*
 * Two windows show guest-physical memory: the linear map from PAGE_OFFSET, and the
 * image's from __START_KERNEL_map. The carry of the subtraction tells which.
 */
static __always_inline unsigned long __virt_to_phys(unsigned long address)
{
	unsigned long offset = address - __START_KERNEL_map;

	return offset + (address > offset ? 0 : __START_KERNEL_map - PAGE_OFFSET);
}

#define __pa(x)			__virt_to_phys((unsigned long)(x))
#define __pa_symbol(x)		((unsigned long)(x) - __START_KERNEL_map)
#define __va(x)			((void *)((unsigned long)(x) + PAGE_OFFSET))
#define __phys_addr_symbol(x)	__pa_symbol(x)

#define virt_to_pfn(x)		(__pa(x) >> PAGE_SHIFT)
#define pfn_to_virt(pfn)	__va((pfn) << PAGE_SHIFT)
#define virt_to_page(x)		pfn_to_page(virt_to_pfn(x))
#define page_to_virt(page)	pfn_to_virt(page_to_pfn(page))

/* Data is executable only for programs that ask for it. */
#define VM_DATA_DEFAULT_FLAGS	VM_DATA_FLAGS_TSK_EXEC

bool __virt_addr_valid(unsigned long address);
#define virt_addr_valid(x)	__virt_addr_valid((unsigned long)(x))

#include <asm-generic/memory_model.h>
#include <asm-generic/getorder.h>

/* Older trees leave these to each architecture. */
#ifndef page_to_phys
#define page_to_phys(page)	((phys_addr_t)page_to_pfn(page) << PAGE_SHIFT)
#define phys_to_page(phys)	pfn_to_page((phys) >> PAGE_SHIFT)
#endif

#endif /* !__ASSEMBLY__ */
#endif
