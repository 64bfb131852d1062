/* SPDX-License-Identifier: MIT */
/* The way of a function's requests up to the root. */
#include "dma_source.h"

#include "pci_config.h"
#include "pci_registers.h"

static void add(struct dma_sources *sources, uint16_t bdf)
{
	if (sources->count < DMA_SOURCES)
		sources->bdf[sources->count++] = bdf;
}

/* What is behind a bridge that translates to conventional PCI, seen by its bus and its own number.
 */
static void pass(struct dma_sources *sources, const struct pci_function *bridge)
{
	if (bridge->pcie && bridge->pcie_type != PCIE_TYPE_TO_PCI)
		return;
	if (bridge->pcie)
		add(sources, PCI_BDF(bridge->secondary, 0, 0));
	add(sources, bridge->bdf);
	sources->conventional = true;
	sources->first_bus = (uint8_t)PCI_BUS(bridge->bdf);
	sources->last_bus = bridge->subordinate;
}

struct dma_sources dma_sources(const struct pci_function *function)
{
	struct dma_sources sources = { .count = 0 };

	add(&sources, function->bdf);
	for (const struct pci_function *bridge = function->parent; bridge; bridge = bridge->parent)
		pass(&sources, bridge);
	return sources;
}
