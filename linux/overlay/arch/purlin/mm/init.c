// SPDX-License-Identifier: GPL-2.0
/* Zones and free memory. The linear map is init's work, nothing is mapped here. */
#include <linux/init.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <asm/page.h>
#include <asm/pgtable.h>

/* By this name newer trees ask for it themselves. */
void __init arch_zone_limits_init(unsigned long *max_zone_pfn)
{
#ifdef CONFIG_ZONE_DMA32
	max_zone_pfn[ZONE_DMA32] = min(max_low_pfn, 1UL << (32 - PAGE_SHIFT));
#endif
	max_zone_pfn[ZONE_NORMAL] = max_low_pfn;
}

#ifdef PURLIN_TREE_INITS_ZONES
static void __init purlin_zones_init(void)
{
}
#else
static void __init purlin_zones_init(void)
{
	unsigned long max_zone_pfn[MAX_NR_ZONES] = { 0 };

	arch_zone_limits_init(max_zone_pfn);
	free_area_init(max_zone_pfn);
}

void __init mem_init(void)
{
	high_memory = __va(max_low_pfn << PAGE_SHIFT);
	set_max_mapnr(max_low_pfn);
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
