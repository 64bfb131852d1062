// SPDX-License-Identifier: GPL-2.0
/* Mapping of the vDSO and its data into processes. */
#include <linux/binfmts.h>
#include <linux/elf.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/time_namespace.h>
#include <asm/page.h>
#include <asm/vdso.h>
#include <vdso/datapage.h>
#include <vdso/vsyscall.h>

enum vvar_page {
	VVAR_CLOCK,
	VVAR_TIME_NAMESPACE,
};

static union {
	struct vdso_data data[CS_BASES];
	u8 page[PAGE_SIZE];
} vdso_data_page __page_aligned_data;

struct vdso_data *vdso_data = vdso_data_page.data;

static unsigned long clock_pfn(void)
{
	return __pa_symbol(&vdso_data_page) >> PAGE_SHIFT;
}

/* The page of the process's time namespace, NULL in the initial one. */
static struct page *namespace_page(struct vm_area_struct *vma)
{
#ifdef CONFIG_TIME_NS
	if (likely(vma->vm_mm == current->mm))
		return current->nsproxy->time_ns->vvar_page;
	WARN(1, "vvar page accessed remotely");
#endif
	return NULL;
}

/*
 * In a time namespace its page takes the place of the clock's and refers to the
 * clock's in the second place (kernel/time/namespace.c).
 */
static vm_fault_t vvar_fault(const struct vm_special_mapping *mapping,
			     struct vm_area_struct *vma, struct vm_fault *vmf)
{
	struct page *page = namespace_page(vma);
	unsigned long pfn = clock_pfn();

	if (vmf->pgoff == VVAR_CLOCK && page)
		pfn = page_to_pfn(page);
	else if (vmf->pgoff != VVAR_CLOCK &&
		 !(vmf->pgoff == VVAR_TIME_NAMESPACE && page))
		return VM_FAULT_SIGBUS;

	return vmf_insert_pfn(vma, vmf->address, pfn);
}

static int vdso_mremap(const struct vm_special_mapping *mapping,
		       struct vm_area_struct *vma)
{
	current->mm->context.vdso = (void *)vma->vm_start;
	return 0;
}

static struct vm_special_mapping vvar_mapping __ro_after_init = {
	.name = "[vvar]",
	.fault = vvar_fault,
};

static struct vm_special_mapping vdso_mapping __ro_after_init = {
	.name = "[vdso]",
	.mremap = vdso_mremap,
};

#ifdef CONFIG_TIME_NS
struct vdso_data *arch_get_vdso_data(void *vvar_page)
{
	return vvar_page;
}

/* The process has changed its namespace: fault the right pages in anew. */
int vdso_join_timens(struct task_struct *task, struct time_namespace *ns)
{
	struct mm_struct *mm = task->mm;
	struct vm_area_struct *vma;

	VMA_ITERATOR(vmi, mm, 0);

	mmap_read_lock(mm);
	for_each_vma(vmi, vma) {
		if (vma_is_special_mapping(vma, &vvar_mapping))
			zap_vma_ptes(vma, vma->vm_start,
				     vma->vm_end - vma->vm_start);
	}
	mmap_read_unlock(mm);
	return 0;
}
#endif

static unsigned long vdso_bytes(void)
{
	return vdso_end - vdso_start;
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
	return 0;
}
arch_initcall(vdso_init);

static int map_at(struct mm_struct *mm, unsigned long base)
{
	unsigned long code = base + VVAR_PAGES * PAGE_SIZE;
	struct vm_area_struct *vma;

	vma = _install_special_mapping(mm, base, VVAR_PAGES * PAGE_SIZE,
				       VM_READ | VM_MAYREAD | VM_PFNMAP,
				       &vvar_mapping);
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
