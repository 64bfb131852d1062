// SPDX-License-Identifier: GPL-2.0
/* The pages of clock data before the vDSO's code, for trees that leave them to the architecture. */
#include <linux/mm.h>
#include <linux/sched.h>
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

static struct vm_special_mapping vvar_mapping __ro_after_init = {
	.name = "[vvar]",
	.fault = vvar_fault,
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

struct vm_area_struct *vdso_install_vvar_mapping(struct mm_struct *mm, unsigned long address)
{
	return _install_special_mapping(mm, address, VVAR_PAGES * PAGE_SIZE,
					VM_READ | VM_MAYREAD | VM_PFNMAP,
					&vvar_mapping);
}
