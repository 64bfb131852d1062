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
	sources->whole_bus = bridge->pcie != 0;
	sources->message = bridge->pcie ? PCI_BDF(bridge->secondary, 0, 0) : bridge->bdf;
	if (bridge->pcie)
		add(sources, sources->message);
	add(sources, bridge->bdf);
}

/* On the way up it may be one of a bridge's numbers, which is there already. */
static void add_alias(struct dma_sources *sources, uint16_t alias)
{
	for (unsigned int i = 0; i < sources->count; i++)
		if (sources->bdf[i] == alias)
			return;
	add(sources, alias);
	if (!sources->whole_bus)
		sources->message = alias;
}

struct dma_sources dma_sources(const struct pci_function *function)
{
	struct dma_sources sources = { .message = function->bdf };

	add(&sources, function->bdf);
	for (const struct pci_function *bridge = function->parent; bridge; bridge = bridge->parent)
		pass(&sources, bridge);
	if (function->alias)
		add_alias(&sources, function->alias);
	return sources;
}
