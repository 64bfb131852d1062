/* SPDX-License-Identifier: MIT */
/*
 * Addresses at which a domain's devices find memory. None lies where a device's write would not
 * reach the IOMMU as one to memory: in the range of interrupts, or in a window of the root bridges,
 * whose addresses go to other devices.
 */
#ifndef PLATFORM_DMA_RANGE_H
#define PLATFORM_DMA_RANGE_H

#include "acpi.h"
#include "pin.h"
#include "session/pci.h"

struct dma_range {
	uint64_t address;
	uint64_t pages; /* 0: none */
};

struct dma_ranges {
	struct dma_range range[PCI_DMA_MOST];
};

/* One past the last address that all IOMMUs translate. */
extern uint64_t dma_range_limit;

void dma_ranges_reserve(const struct acpi_description *acpi);

/* Where the pinned memory goes: where it is wanted, or at the first place that is free. */
struct dma_range dma_range_place(const struct dma_ranges *ranges, uint64_t wanted,
				 const struct pin *pin);
void dma_range_add(struct dma_ranges *ranges, struct dma_range range);
void dma_range_remove(struct dma_ranges *ranges, uint64_t address);

#endif
