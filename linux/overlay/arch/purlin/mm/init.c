// SPDX-License-Identifier: GPL-2.0
/*
 * Zones and free memory. The linear map is init's work; what is mapped here are the
 * arrays of struct page.
 */
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/of.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/swiotlb.h>
#include <asm/page.h>
#include <asm/pgtable.h>
#include <asm/session.h>
#include <purlin/boot.h>
#include <purlin/calls.h>
#include "hotplug.h"

#define DMA32_END	(1UL << (32 - PAGE_SHIFT))

/* By this name newer trees ask for it themselves. */
void __init arch_zone_limits_init(unsigned long *max_zone_pfn)
{
#ifdef CONFIG_ZONE_DMA32
	max_zone_pfn[ZONE_DMA32] = min(max_low_pfn, DMA32_END);
#endif
	max_zone_pfn[ZONE_NORMAL] = max_low_pfn;
}

static bool __init has_node(const char *compatible)
{
	struct device_node *node = of_find_compatible_node(NULL, NULL, compatible);

	of_node_put(node);
	return node;
}

/*
 * For devices that address 32 bits only, when there is memory that they do not reach, or may be
 * later: what is added at run time lies above 4 GiB.
 */
static void __init bounce_buffers_init(void)
{
	bool later = has_node("purlin,ram") && has_node("purlin,pci-host");
	unsigned long share = max_pfn / 16 << PAGE_SHIFT;

	/*
	 * Most devices reach all memory. Newer trees make more of it once it is needed; in others
	 * there is less of it while all memory is within reach.
	 */
	if (IS_ENABLED(CONFIG_SWIOTLB_DYNAMIC))
		swiotlb_adjust_size(SZ_4M);
	else if (later && max_pfn <= DMA32_END)
		swiotlb_adjust_size(clamp_t(unsigned long, share, SZ_4M, SZ_64M));
	swiotlb_init(max_pfn > DMA32_END || later, SWIOTLB_VERBOSE);
}

#ifdef PURLIN_TREE_INITS_ZONES
static void __init purlin_zones_init(void)
{
}

void __init arch_mm_preinit(void)
{
	bounce_buffers_init();
}
#else
static void __init purlin_zones_init(void)
{
	unsigned long max_zone_pfn[MAX_NR_ZONES] = { 0 };

	sparse_init();
	arch_zone_limits_init(max_zone_pfn);
	free_area_init(max_zone_pfn);
}

void __init mem_init(void)
{
	high_memory = __va(max_low_pfn << PAGE_SHIFT);
	bounce_buffers_init();
	memblock_free_all();
}
#endif

void __init paging_init(void)
{
	min_low_pfn = PFN_UP(memblock_start_of_DRAM());
	max_low_pfn = PFN_DOWN(memblock_end_of_DRAM());
	max_pfn = max_low_pfn;
	purlin_zones_init();
}

static int __meminit vmemmap_map(unsigned long start, unsigned long end, void *pages)
{
	return purlin_errno(purlin_guest_map(PURLIN_SLOT_PD, start, __pa(pages),
					     (end - start) >> PAGE_SHIFT,
					     PURLIN_MAP_READ | PURLIN_MAP_WRITE));
}

/* For RAM that is added while Linux runs. */
static int __meminit vmemmap_populate_later(unsigned long start, unsigned long end)
{
	unsigned int order = get_order(end - start);
	unsigned long pages = __get_free_pages(GFP_KERNEL | __GFP_NOWARN, order);
	int ret = pages ? vmemmap_note(start, (void *)pages) : -ENOMEM;

	if (!ret)
		ret = vmemmap_map(start, end, (void *)pages);
	if (ret && pages)
		free_pages(pages, order);
	return ret;
}

/*
 * At boot Linux asks for section after section; two of them fill a large page. What is
 * here needs no clearing: every struct page is initialised.
 */
int __meminit vmemmap_populate(unsigned long start, unsigned long end, int node,
			       struct vmem_altmap *altmap)
{
	static unsigned long mapped_ahead;
	unsigned long section = pfn_to_section_nr(page_to_pfn((struct page *)start));
	void *pages;

	if (altmap)
		return -EOPNOTSUPP;
	if (slab_is_available())
		return vmemmap_populate_later(start, end);
	if (start == mapped_ahead)
		return 0;
	if (IS_ALIGNED(start, PMD_SIZE) && present_section_nr(section + 1)) {
		mapped_ahead = end;
		end = start + PMD_SIZE;
	}
	pages = vmemmap_alloc_block_buf(end - start, node, altmap);
	if (!pages || vmemmap_map(start, end, pages))
		return -ENOMEM;
	return 0;
}
