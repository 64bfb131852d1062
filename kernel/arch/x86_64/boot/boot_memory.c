// SPDX-License-Identifier: MIT
/*
 * From the loader's memory map to the page allocator. The final page tables come first: they take
 * their pages straight from the map, so that the bitmap, which can be large, may lie anywhere.
 */
#include "arch/boot.h"
#include "arch/layout.h"
#include "arch/machine.h"
#include "base/arch.h"
#include "base/pages.h"
#include "base/string.h"
#include "debug/log.h"

#define LOW_MEMORY 0x100000 /* firmware data, start of processors: not for the allocator */
#define LOW_USABLE_END 0xa0000
#define DIRECT_MAP_END ((uint64_t)DIRECT_MAP_SLOTS << 39)

/* Take memory away from the allocator before it exists. */
static void reserve(struct memory_map *map, uint64_t base, uint64_t bytes)
{
	if (!memory_map_add(map, base, bytes, PURLIN_MEMORY_RESERVED))
		panic("the memory map has too many reserved ranges");
}

/* The kernel's own: user level cannot have it by its address either. */
static void keep(struct memory_map *map, uint64_t base, uint64_t bytes)
{
	uint64_t start = base & ~(PAGE_SIZE - 1);

	reserved_add(base, bytes);
	reserve(map, start, base + bytes - start);
}

/*
 * The highest usable page below `end`, not the first of all; what lies there is never handed out.
 * 0: none.
 */
static uint64_t low_page(const struct memory_map *map, uint64_t end)
{
	while (end > 2 * PAGE_SIZE) {
		end -= PAGE_SIZE;
		if (memory_map_usable(map, end, PAGE_SIZE))
			return end;
	}
	return 0;
}

/*
 * The trampoline's page, and a place for a root pointer of which the loader
 * gave us a copy: user level maps it, so not inside the image.
 */
static void low_pages_init(struct boot_data *data)
{
	trampoline_page = low_page(&data->map, LOW_USABLE_END);
	if (data->rsdp_copy_size == 0)
		return;
	data->rsdp = low_page(&data->map, trampoline_page);
	if (data->rsdp)
		memcpy(arch_physical_to_kernel((struct physical){ data->rsdp }), data->rsdp_copy,
		       data->rsdp_copy_size);
}

static void ranges_init(struct boot_data *data)
{
	uint64_t image = arch_kernel_to_physical(image_start).value;

	kernel_image_end = arch_kernel_to_physical(image_end);
	/* RAM that the kernel cannot reach cannot be zeroed: it is left out. */
	memory_map_limit(&data->map, DIRECT_MAP_END);
	keep(&data->map, image, kernel_image_end.value - image);
	if (data->bundle_size)
		keep(&data->map, data->bundle, data->bundle_size);
	/* Firmware may have it in RAM. A component may map it. */
	reserve(&data->map, boot_info.framebuffer.base, framebuffer_bytes(&boot_info.framebuffer));
	reserve(&data->map, 0, LOW_MEMORY);
	boot_info.memory_ranges = memory_map_normalise(&data->map, boot_info.memory, 64);
}

/* The range's number: from the top, since devices need memory below 4 GiB. */
static unsigned int bitmap_range(uint64_t tables_end, uint64_t bytes)
{
	for (unsigned int i = boot_info.memory_ranges; i-- > 0;) {
		const struct purlin_memory_range *range = &boot_info.memory[i];
		uint64_t end = range->base + range->size;

		if (range->kind == PURLIN_MEMORY_USABLE && end > tables_end &&
		    range->size >= bytes && end - bytes >= tables_end)
			return i;
	}
	panic("no memory for the page allocator: %lu KiB in one piece", bytes >> 10);
}

/* All usable ranges but what the tables and the bitmap take. */
static void pages_fill(uint64_t tables_end, uint64_t bitmap, uint64_t bitmap_bytes)
{
	for (unsigned int i = 0; i < boot_info.memory_ranges; i++) {
		const struct purlin_memory_range *range = &boot_info.memory[i];
		uint64_t end = range->base + range->size;

		if (range->kind != PURLIN_MEMORY_USABLE || range->size == 0)
			continue;
		pages_add((struct physical){ range->base }, range->size / PAGE_SIZE);
		if (range->base < tables_end)
			pages_take((struct physical){ range->base },
				   ((end < tables_end ? end : tables_end) - range->base) /
					   PAGE_SIZE);
	}
	pages_take((struct physical){ bitmap }, (bitmap_bytes + PAGE_SIZE - 1) / PAGE_SIZE);
}

void memory_init(struct boot_data *data)
{
	uint64_t highest = 0;

	low_pages_init(data);
	ranges_init(data);
	for (unsigned int i = 0; i < boot_info.memory_ranges; i++) {
		const struct purlin_memory_range *range = &boot_info.memory[i];
		if (range->kind == PURLIN_MEMORY_USABLE && range->size > 0)
			highest = range->base + range->size;
	}

	uint64_t tables_end = paging_boot(boot_info.memory, boot_info.memory_ranges);
	uint64_t bytes = (highest / PAGE_SIZE + 63) / 64 * 8;
	uint64_t whole = (bytes + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
	const struct purlin_memory_range *range =
		&boot_info.memory[bitmap_range(tables_end, whole)];
	uint64_t bitmap = range->base > tables_end ? range->base : tables_end;

	pages_init(arch_physical_to_kernel((struct physical){ bitmap }), highest / PAGE_SIZE);
	pages_fill(tables_end, bitmap, bytes);
	paging_boot_done();
}

/* The bundle becomes a memory object: it must start at a page of its own. */
void bundle_init(const struct boot_data *data)
{
	uint64_t pages = (data->bundle_size + PAGE_SIZE - 1) / PAGE_SIZE;

	boot_info.bundle_size = data->bundle_size;
	if (pages == 0)
		return;
	const void *original = direct_map_firmware(data->bundle, data->bundle_size);
	boot_bundle.value = data->bundle;
	if (data->bundle % PAGE_SIZE == 0)
		return;
	/* Its first page may hold something else, which the object's owners could read. */
	boot_bundle = pages_allocate(pages, 1, 0);
	if (!physical_valid(boot_bundle))
		panic("no memory to move the bundle of %lu bytes", data->bundle_size);
	memcpy(arch_physical_to_kernel(boot_bundle), original, data->bundle_size);
}
