// SPDX-License-Identifier: MIT
/*
 * The kernel's own page tables: image, direct map, stacks. Built while booting
 * and never changed afterwards; every address space shares them from the
 * second level on.
 */
#include "arch/boot.h"
#include "arch/instructions.h"
#include "arch/layout.h"
#include "arch/machine.h"
#include "arch/paging.h"
#include "base/arch.h"
#include "base/pages.h"
#include "base/string.h"
#include "debug/log.h"

#define PTE_ACCESSED_DIRTY 0x60ull
#define PTE_GLOBAL 0x100ull
#define SLOT_BYTES (1ull << 39)

struct physical kernel_root;

/* Where tables come from before there is an allocator: usable ranges, used up to `taken`. */
static const struct purlin_memory_range *boot_ranges;
static unsigned int boot_range_count;
static uint64_t taken;

/* Below 4 GiB: reachable through the tables of start.S. */
static struct physical boot_page(void)
{
	for (unsigned int i = 0; i < boot_range_count; i++) {
		const struct purlin_memory_range *range = &boot_ranges[i];
		uint64_t start = range->base > taken ? range->base : taken;

		if (range->kind != PURLIN_MEMORY_USABLE || start + PAGE_SIZE > 1ull << 32 ||
		    start + PAGE_SIZE > range->base + range->size)
			continue;
		taken = start + PAGE_SIZE;
		return (struct physical){ start };
	}
	return PHYSICAL_NONE;
}

static uint64_t *new_table(void)
{
	struct physical page = boot_ranges ? boot_page() : pages_allocate(1, 1, 0);

	if (!physical_valid(page))
		panic("no memory for page tables");
	return memset(arch_physical_to_kernel(page), 0, PAGE_SIZE);
}

static uint64_t *next_table(uint64_t *entry)
{
	if (!(*entry & PTE_PRESENT))
		*entry = arch_kernel_to_physical(new_table()).value | PTE_PRESENT | PTE_WRITE;
	return arch_physical_to_kernel((struct physical){ *entry & PTE_ADDRESS });
}

static uint64_t entry_bits(unsigned int flags)
{
	/*
	 * Global, since they are the same in each root and never change. Accessed and dirty, so
	 * that the processor never has to write to these tables.
	 */
	uint64_t bits = PTE_PRESENT | PTE_GLOBAL | PTE_ACCESSED_DIRTY;

	if (flags & MAP_WRITE)
		bits |= PTE_WRITE;
	if (flags & MAP_DEVICE)
		bits |= PTE_PCD | PTE_PWT;
	if (flags & MAP_COMBINE)
		bits |= PTE_PWT;
	if (!(flags & MAP_EXECUTE))
		bits |= PTE_NX;
	return bits;
}

/* True if a page of this size starts at both addresses and fits. */
static bool fits(uint64_t virtual_address, uint64_t address, uint64_t bytes, uint64_t size)
{
	return ((virtual_address | address) & (size - 1)) == 0 && bytes >= size;
}

/* Map one page, of the largest size that fits; returns how far the entry reaches from here. */
static uint64_t map_one(uint64_t *table, uint64_t virtual_address, uint64_t address, uint64_t bytes,
			uint64_t bits)
{
	for (unsigned int shift = 39;; shift -= 9) {
		uint64_t *entry = &table[virtual_address >> shift & 511];
		uint64_t size = 1ull << shift;
		bool leaf = shift == 12 ||
			    (shift == 21 && fits(virtual_address, address, bytes, size)) ||
			    (shift == 30 && cpu_features.pages_1g &&
			     fits(virtual_address, address, bytes, size));
		/*
		 * Devices and firmware tables may share pages: the first mapping of a page stays.
		 */
		if (*entry & PTE_PRESENT && (shift == 12 || *entry & PTE_LARGE))
			return size - (virtual_address & (size - 1)); /* mapped already */
		if (leaf && !(*entry & PTE_PRESENT)) {
			*entry = address | bits | (shift > 12 ? PTE_LARGE : 0);
			return size;
		}
		table = next_table(entry);
	}
}

void kernel_map(uint64_t virtual_address, uint64_t address, uint64_t bytes, unsigned int flags)
{
	uint64_t *root = arch_physical_to_kernel(kernel_root);
	uint64_t offset = address & (PAGE_SIZE - 1);
	uint64_t bits = entry_bits(flags);

	virtual_address -= offset;
	address -= offset;
	bytes = (bytes + offset + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
	while (bytes > 0) {
		uint64_t done = map_one(root, virtual_address, address, bytes, bits);
		if (done >= bytes)
			break;
		virtual_address += done;
		address += done;
		bytes -= done;
	}
}

static void *direct_map(uint64_t address, uint64_t bytes, unsigned int flags)
{
	if (address + bytes > DIRECT_MAP_SLOTS * SLOT_BYTES || address + bytes < address)
		panic("firmware names memory at %lx, beyond the direct map", address);
	kernel_map(DIRECT_MAP_BASE + address, address, bytes, flags);
	return arch_physical_to_kernel((struct physical){ address });
}

void *direct_map_firmware(uint64_t address, uint64_t bytes)
{
	return direct_map(address, bytes, 0);
}

void *direct_map_low(uint64_t page)
{
	return direct_map(page, PAGE_SIZE, MAP_WRITE);
}

void *direct_map_device(uint64_t address, uint64_t bytes)
{
	reserved_add(address, bytes);
	return direct_map(address, bytes, MAP_WRITE | MAP_DEVICE);
}

static void map_image(const char *start, const char *end, unsigned int flags)
{
	kernel_map((uint64_t)start, arch_kernel_to_physical(start).value, (uint64_t)(end - start),
		   flags);
}

/*
 * boot_pml4 serves starting processors: their first steps are below 1 MiB. Not before this
 * processor has left it: what the TLB holds of a root in use must stay true.
 */
static void boot_root_complete(void)
{
	const uint64_t *root = arch_physical_to_kernel(kernel_root);

	for (unsigned int slot = 256; slot < GUEST_PML4_FIRST; slot++)
		boot_pml4[slot] = root[slot];
}

uint64_t paging_boot(const struct purlin_memory_range *ranges, unsigned int count)
{
	boot_ranges = ranges;
	boot_range_count = count;
	taken = 0;
	kernel_root = arch_kernel_to_physical(new_table());
	map_image(image_text_start, image_text_end, MAP_EXECUTE);
	map_image(image_text_end, image_data_start, 0);
	map_image(image_data_start, image_end, MAP_WRITE);
	for (unsigned int i = 0; i < count; i++)
		if (ranges[i].kind == PURLIN_MEMORY_USABLE && ranges[i].size > 0)
			direct_map(ranges[i].base, ranges[i].size, MAP_WRITE);
	/*
	 * Not RAM, so the loop above leaves it out; a log in it needs write combining to be fast.
	 */
	if (boot_info.framebuffer.width)
		direct_map(boot_info.framebuffer.base, framebuffer_bytes(&boot_info.framebuffer),
			   MAP_WRITE | MAP_COMBINE);
	/* Tables for all slots now: roots copied from this one share them. */
	for (unsigned int slot = 256; slot <= 256 + DIRECT_MAP_SLOTS; slot++)
		next_table((uint64_t *)arch_physical_to_kernel(kernel_root) + slot);
	cr3_write(kernel_root.value);
	boot_root_complete();
	return taken;
}

void paging_boot_done(void)
{
	boot_ranges = NULL;
}

void *arch_physical_to_kernel(struct physical address)
{
	return (void *)(DIRECT_MAP_BASE + address.value);
}

struct physical arch_kernel_to_physical(const void *address)
{
	uint64_t value = (uint64_t)address;

	return (struct physical){ value -
				  (value >= DIRECT_MAP_BASE ? DIRECT_MAP_BASE : KERNEL_LINK_BASE) };
}
