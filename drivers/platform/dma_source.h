/* SPDX-License-Identifier: MIT */
/*
 * Which functions an IOMMU cannot tell from each other. Bridges to conventional PCI put their own
 * number before what passes them (PCI Express to PCI/PCI-X Bridge 1.0, 2.3), so functions behind
 * one look alike. Firmware may name another number that a function uses.
 */
#ifndef PLATFORM_DMA_SOURCE_H
#define PLATFORM_DMA_SOURCE_H

#include "pci_tree.h"

#define DMA_SOURCES 17

struct dma_sources {
	unsigned int count;
	uint16_t bdf[DMA_SOURCES]; /* first the function's own */
	uint16_t message;	   /* of its interrupts; */
	bool whole_bus;		   /* or any other of that bus */
};

struct dma_sources dma_sources(const struct pci_function *function);

#endif
