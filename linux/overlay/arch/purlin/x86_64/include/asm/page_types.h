/* SPDX-License-Identifier: GPL-2.0 */
/* Where things lie in the guest's kernel half (docs/guest-device-tree.md). */
#ifndef _ASM_PURLIN_PAGE_TYPES_H
#define _ASM_PURLIN_PAGE_TYPES_H

#include <linux/const.h>

#if __has_include(<vdso/page.h>)
#include <vdso/page.h>
#else
#define PAGE_SHIFT		12
#define PAGE_SIZE		(_AC(1, UL) << PAGE_SHIFT)
#define PAGE_MASK		(~(PAGE_SIZE - 1))
#endif

#define HPAGE_SHIFT		21
#define HPAGE_SIZE		(_AC(1, UL) << HPAGE_SHIFT)
#define HPAGE_MASK		(~(HPAGE_SIZE - 1))
#define HUGETLB_PAGE_ORDER	(HPAGE_SHIFT - PAGE_SHIFT)

#define PAGE_OFFSET		_AC(0xffff888000000000, UL)
#define __START_KERNEL_map	_AC(0xffffffff80000000, UL)
#define KERNEL_IMAGE_SIZE	_AC(0x20000000, UL)
#define LOAD_PHYSICAL_ADDR	_AC(0x200000, UL)
#define VMALLOC_START		_AC(0xffffc90000000000, UL)
#define VMALLOC_END		_AC(0xffffe8ffffffffff, UL)
#define VMEMMAP_START		_AC(0xffffea0000000000, UL)
#define MODULES_VADDR		(__START_KERNEL_map + KERNEL_IMAGE_SIZE)
#define MODULES_END		_AC(0xffffffffff000000, UL)

#define TASK_SIZE_MAX		((_AC(1, UL) << 47) - PAGE_SIZE)

#endif
