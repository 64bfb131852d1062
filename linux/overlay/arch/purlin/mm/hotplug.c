// SPDX-License-Identifier: GPL-2.0
/*
 * RAM that comes and goes while Linux runs: its part of the linear map, and the struct pages for
 * it. Whoever adds it has attached it before, and detaches it when it is removed.
 */
#include <linux/gfp.h>
#include <linux/memblock.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/xarray.h>
#include <asm/session.h>
#include <purlin/boot.h>
#include <purlin/calls.h>
#include "hotplug.h"

#define RIGHTS	(PURLIN_MAP_READ | PURLIN_MAP_WRITE)

/* Pages that hold struct pages, by the address of the first of those: no table of Linux says it. */
static DEFINE_XARRAY(struct_pages);

int __meminit vmemmap_note(unsigned long start, void *pages)
{
	return xa_err(xa_store(&struct_pages, start >> PAGE_SHIFT, pages, GFP_KERNEL));
}

/* Of RAM that Linux was started with nothing was noted, and nobody removes that. */
void __ref vmemmap_free(unsigned long start, unsigned long end, struct vmem_altmap *altmap)
{
	void *pages = xa_erase(&struct_pages, start >> PAGE_SHIFT);

	if (WARN_ON_ONCE(!pages || altmap))
		return;
	purlin_guest_unmap(PURLIN_SLOT_PD, start, (end - start) >> PAGE_SHIFT);
	free_pages((unsigned long)pages, get_order(end - start));
}

/* The linear map ends later from now on; it does not shrink when this goes. */
static void note_end(unsigned long end_pfn)
{
	if (end_pfn <= max_pfn)
		return;
	max_pfn = end_pfn;
	max_low_pfn = end_pfn;
	high_memory = __va(end_pfn << PAGE_SHIFT);
}

int __ref arch_add_memory(int nid, u64 start, u64 size, struct mhp_params *params)
{
	unsigned long linear = (unsigned long)__va(start);
	int ret = purlin_errno(purlin_guest_map(PURLIN_SLOT_PD, linear, start,
						size >> PAGE_SHIFT, RIGHTS));

	if (ret)
		return ret;
	ret = __add_pages(nid, PHYS_PFN(start), size >> PAGE_SHIFT, params);
	if (ret)
		purlin_guest_unmap(PURLIN_SLOT_PD, linear, size >> PAGE_SHIFT);
	else
		note_end(PHYS_PFN(start + size));
	return ret;
}

static void unmap_linear(u64 start, u64 size)
{
	purlin_guest_unmap(PURLIN_SLOT_PD, (unsigned long)__va(start), size >> PAGE_SHIFT);
}

#ifdef PURLIN_TREE_REMOVES_BY_PAGEMAP
void __ref arch_remove_memory(u64 start, u64 size, struct vmem_altmap *altmap,
			      struct dev_pagemap *pgmap)
{
	__remove_pages(PHYS_PFN(start), size >> PAGE_SHIFT, altmap, pgmap);
	unmap_linear(start, size);
}
#else
void __ref arch_remove_memory(u64 start, u64 size, struct vmem_altmap *altmap)
{
	__remove_pages(PHYS_PFN(start), size >> PAGE_SHIFT, altmap);
	unmap_linear(start, size);
}
#endif
