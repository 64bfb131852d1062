// SPDX-License-Identifier: GPL-2.0
/* Page protections of the ways to map memory. */
#include <linux/mm.h>
#include <linux/module.h>
#include <asm/pgalloc.h>
#include <asm/pgtable.h>
#include <asm/sections.h>
#include <asm/tlb.h>

pgd_t swapper_pg_dir[PTRS_PER_PGD] __page_aligned_bss;
#ifndef PURLIN_TREE_HAS_ZERO_PAGE
unsigned long empty_zero_page[PAGE_SIZE / sizeof(unsigned long)] __page_aligned_bss;
EXPORT_SYMBOL(empty_zero_page);
#endif

static const pgprot_t protection_map[16] = {
	[VM_NONE]					= PAGE_NONE,
	[VM_READ]					= PAGE_READONLY,
	[VM_WRITE]					= PAGE_COPY,
	[VM_WRITE | VM_READ]				= PAGE_COPY,
	[VM_EXEC]					= PAGE_READONLY_EXEC,
	[VM_EXEC | VM_READ]				= PAGE_READONLY_EXEC,
	[VM_EXEC | VM_WRITE]				= PAGE_READONLY_EXEC,
	[VM_EXEC | VM_WRITE | VM_READ]			= PAGE_READONLY_EXEC,
	[VM_SHARED]					= PAGE_NONE,
	[VM_SHARED | VM_READ]				= PAGE_READONLY,
	[VM_SHARED | VM_WRITE]				= PAGE_SHARED,
	[VM_SHARED | VM_WRITE | VM_READ]		= PAGE_SHARED,
	[VM_SHARED | VM_EXEC]				= PAGE_READONLY_EXEC,
	[VM_SHARED | VM_EXEC | VM_READ]			= PAGE_READONLY_EXEC,
	[VM_SHARED | VM_EXEC | VM_WRITE]		= PAGE_SHARED_EXEC,
	[VM_SHARED | VM_EXEC | VM_WRITE | VM_READ]	= PAGE_SHARED_EXEC,
};
DECLARE_VM_GET_PAGE_PROT

bool __virt_addr_valid(unsigned long address)
{
	if (address < PAGE_OFFSET)
		return false;
	if (address >= VMALLOC_START &&
	    (address < __START_KERNEL_map || address >= (unsigned long)_end))
		return false;
	return pfn_valid(__pa(address) >> PAGE_SHIFT);
}
EXPORT_SYMBOL(__virt_addr_valid);

#ifndef PURLIN_TREE_TLB_FREES_TABLES
void __tlb_remove_table(void *table)
{
	unsigned long level = (unsigned long)table & ~PAGE_MASK;
	void *address = table - level;

	if (level == TABLE_OF_PTES)
		pte_free(NULL, virt_to_page(address));
	else if (level == TABLE_OF_PMDS)
		pmd_free(NULL, address);
	else
		pud_free(NULL, address);
}
#endif
