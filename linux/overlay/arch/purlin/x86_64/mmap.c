// SPDX-License-Identifier: GPL-2.0
/* Where new mappings go: as generic code says, but MAP_32BIT is x86-64's. */
#include <linux/elf-randomize.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

/* Addresses that code for the small model can name: the second GiB, as natively. */
#define LOW_BEGIN	0x40000000UL
#define LOW_END		0x80000000UL
#define LOW_RANDOM	0x02000000UL

static bool is_free(unsigned long address, unsigned long length)
{
	struct vm_area_struct *next = find_vma(current->mm, address);

	return !next || address + length <= vm_start_gap(next);
}

static unsigned long low_area(struct file *file, unsigned long hint, unsigned long length,
			      unsigned long page)
{
	struct vm_unmapped_area_info info = {
		.length = length,
		.low_limit = LOW_BEGIN,
		.high_limit = LOW_END,
		.align_offset = page << PAGE_SHIFT,
	};

	if (length > LOW_END)
		return -ENOMEM;
	hint = PAGE_ALIGN(hint);
	if (hint && LOW_END - length >= hint && is_free(hint, length))
		return hint;
	if (current->flags & PF_RANDOMIZE)
		info.low_limit = randomize_page(LOW_BEGIN, LOW_RANDOM);
	return vm_unmapped_area(&info);
}

static bool wants_low(unsigned long flags)
{
	return (flags & (MAP_32BIT | MAP_FIXED)) == MAP_32BIT;
}

/* Trees differ in whether, and as which type, flags of the area come along. */
#if defined(PURLIN_TREE_AREA_VMA_FLAGS)
#define AREA_FLAGS	, vm_flags_t area
#define AREA_PASSED	, legacy_to_vma_flags(area)
#elif defined(PURLIN_TREE_AREA_VM_FLAGS)
#define AREA_FLAGS	, vm_flags_t area
#define AREA_PASSED	, area
#else
#define AREA_FLAGS
#define AREA_PASSED
#endif

unsigned long arch_get_unmapped_area(struct file *file, unsigned long hint, unsigned long length,
				     unsigned long page, unsigned long flags AREA_FLAGS)
{
	if (wants_low(flags))
		return low_area(file, hint, length, page);
	return generic_get_unmapped_area(file, hint, length, page, flags AREA_PASSED);
}

unsigned long arch_get_unmapped_area_topdown(struct file *file, unsigned long hint,
					     unsigned long length, unsigned long page,
					     unsigned long flags AREA_FLAGS)
{
	if (wants_low(flags))
		return low_area(file, hint, length, page);
	return generic_get_unmapped_area_topdown(file, hint, length, page, flags AREA_PASSED);
}
