/* SPDX-License-Identifier: MIT */
/* Free and reserved addresses of domains. */
#include "dma_range.h"

#define PAGE 0x1000ull
#define LARGE_PAGE 0x200000ull
#define LOWEST 0x100000ull /* below: where PCs have legacy memory of devices */
#define INTERRUPTS 0xfee00000ull
#define INTERRUPTS_END 0xfef00000ull

uint64_t dma_range_limit = 1ull << 52;

static struct {
	uint64_t base;
	uint64_t end;
} reserved[ACPI_WINDOWS + 1] = { { INTERRUPTS, INTERRUPTS_END } };
static unsigned int reserved_count = 1;

void dma_ranges_reserve(const struct acpi_description *acpi)
{
	reserved_count = 1;
	dma_range_limit = 1ull << 52;
	/*
	 * A bridge above a function may pass such an address to another function rather than to the
	 * IOMMU, so memory at one of these would not be reached.
	 */
	for (unsigned int i = 0; i < acpi->windows; i++) {
		const struct acpi_window *window = &acpi->window[i];

		if (window->ports)
			continue;
		reserved[reserved_count].base = window->base;
		reserved[reserved_count++].end = window->base + window->size;
	}
}

/* End of something that lies in [address, end); 0: nothing does. */
static uint64_t obstacle(const struct dma_ranges *ranges, uint64_t address, uint64_t end)
{
	for (unsigned int i = 0; i < reserved_count; i++)
		if (address < reserved[i].end && reserved[i].base < end)
			return reserved[i].end;
	for (unsigned int i = 0; i < PCI_DMA_MOST; i++) {
		const struct dma_range *range = &ranges->range[i];
		uint64_t range_end = range->address + range->pages * PAGE;

		if (range->pages && address < range_end && range->address < end)
			return range_end;
	}
	return 0;
}

/* Large entries need both addresses to be multiples of their size. */
static uint64_t next_place(uint64_t address, const struct pin *pin)
{
	uint64_t align = pin->pages * PAGE >= LARGE_PAGE && pin->physical % LARGE_PAGE == 0 ?
				 LARGE_PAGE :
				 PAGE;

	return (address + align - 1) & ~(align - 1);
}

struct dma_range dma_range_place(const struct dma_ranges *ranges, uint64_t wanted,
				 const struct pin *pin)
{
	static const struct dma_range none;
	bool anywhere = wanted == PCI_DMA_ANYWHERE;
	uint64_t address = anywhere ? next_place(LOWEST, pin) : wanted, behind;

	if (!pin->pages || pin->pages > dma_range_limit / PAGE || address % PAGE)
		return none;
	for (;;) {
		if (address > dma_range_limit - pin->pages * PAGE)
			return none;
		behind = obstacle(ranges, address, address + pin->pages * PAGE);
		if (!behind)
			return (struct dma_range){ address, pin->pages };
		if (!anywhere || behind > dma_range_limit)
			return none;
		address = next_place(behind, pin);
	}
}

void dma_range_add(struct dma_ranges *ranges, struct dma_range range)
{
	unsigned int i = 0;

	/* There is room: a session has no more mappings than a domain ranges. */
	while (ranges->range[i].pages)
		i++;
	ranges->range[i] = range;
}

void dma_range_remove(struct dma_ranges *ranges, uint64_t address)
{
	for (unsigned int i = 0; i < PCI_DMA_MOST; i++)
		if (ranges->range[i].pages && ranges->range[i].address == address)
			ranges->range[i].pages = 0;
}
