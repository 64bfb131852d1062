// SPDX-License-Identifier: GPL-2.0
/* Mapping of the vDSO and its data into processes. */
#include <linux/binfmts.h>
#include <linux/elf.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/cpuid.h>
#include <asm/page.h>
#include <asm/vdso.h>
#ifdef PURLIN_TREE_HAS_VDSO_DATASTORE
#include <linux/vdso_datastore.h>
#include <vdso/datapage.h>
#endif

static int vdso_mremap(const struct vm_special_mapping *mapping,
		       struct vm_area_struct *vma)
{
	current->mm->context.vdso = (void *)vma->vm_start;
	return 0;
}

static struct vm_special_mapping vdso_mapping __ro_after_init = {
	.name = "[vdso]",
	.mremap = vdso_mremap,
};

#ifdef PURLIN_TREE_HAS_VDSO_DATASTORE
static_assert(VVAR_PAGES == VDSO_NR_PAGES);
#endif

static unsigned long vdso_bytes(void)
{
	return vdso_end - vdso_start;
}

/* CPUID 0x80000001, EDX: RDTSCP, and with it the word that holds the vCPU's number. */
#define CPUID_EXTENDED	0x80000000
#define RDTSCP_BIT	BIT(27)

static bool __init has_number(void)
{
	u32 words[4];

	cpuid(CPUID_EXTENDED, 0, words);
	if (words[0] <= CPUID_EXTENDED)
		return false;
	cpuid(CPUID_EXTENDED + 1, 0, words);
	return words[3] & RDTSCP_BIT;
}

/* The word behind the program headers (vdso/vdso.lds.S). */
static void __init set_switches(void)
{
	const struct elf64_hdr *header = (void *)vdso_start;
	u32 *switches = (void *)(vdso_start + header->e_phoff +
				 header->e_phnum * sizeof(struct elf64_phdr));

	if (has_number())
		*switches |= VDSO_HAS_NUMBER;
}

static int __init vdso_init(void)
{
	unsigned long i, pages = vdso_bytes() >> PAGE_SHIFT;
	unsigned long pfn = __pa_symbol(vdso_start) >> PAGE_SHIFT;
	struct page **list;

	list = kcalloc(pages + 1, sizeof(*list), GFP_KERNEL | __GFP_NOFAIL);
	for (i = 0; i < pages; i++)
		list[i] = pfn_to_page(pfn + i);
	vdso_mapping.pages = list;
	set_switches();
	return 0;
}
arch_initcall(vdso_init);

static int map_at(struct mm_struct *mm, unsigned long base)
{
	unsigned long code = base + VVAR_PAGES * PAGE_SIZE;
	struct vm_area_struct *vma;

	vma = vdso_install_vvar_mapping(mm, base);
	if (IS_ERR(vma))
		return PTR_ERR(vma);

	/* Writable for a debugger's breakpoints, in a private copy. */
	vma = _install_special_mapping(mm, code, vdso_bytes(),
				       VM_READ | VM_EXEC | VM_MAYREAD |
				       VM_MAYWRITE | VM_MAYEXEC,
				       &vdso_mapping);
	if (IS_ERR(vma))
		return PTR_ERR(vma);
	mm->context.vdso = (void *)code;
	return 0;
}

int arch_setup_additional_pages(struct linux_binprm *bprm, int uses_interp)
{
	struct mm_struct *mm = current->mm;
	unsigned long base;
	int ret;

	if (mmap_write_lock_killable(mm))
		return -EINTR;
	base = get_unmapped_area(NULL, 0, VVAR_PAGES * PAGE_SIZE + vdso_bytes(),
				 0, 0);
	ret = IS_ERR_VALUE(base) ? (int)base : map_at(mm, base);
	if (ret)
		mm->context.vdso = NULL;
	mmap_write_unlock(mm);
	return ret;
}
