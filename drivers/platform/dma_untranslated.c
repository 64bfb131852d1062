/* SPDX-License-Identifier: MIT */
/*
 * DMA without an IOMMU. Nothing stands between functions and memory: a domain is only bookkeeping,
 * and what keeps pages from reuse is the pin alone. Sessions therefore need `trusted-dma`.
 */
#include "dma_domain.h"

static purlin_s64 start(struct dma_domain *domain)
{
	(void)domain;
	return PURLIN_OK;
}

static void end(struct dma_domain *domain)
{
	(void)domain;
}

static purlin_s64 add(struct dma_domain *domain, const struct pci_function *function)
{
	(void)domain;
	(void)function;
	return PURLIN_OK;
}

static bool remove_function(struct dma_domain *domain, const struct pci_function *function)
{
	(void)domain;
	(void)function;
	return true;
}

/* One address stands for all of it, so that the pages have to lie in one piece. */
static purlin_s64 map(struct dma_domain *domain, const struct pin *pin, uint64_t wanted,
		      uint64_t *address)
{
	(void)domain;
	(void)wanted;
	*address = pin->physical;
	return pin->physical == PIN_SCATTERED ? PURLIN_BAD_ARGUMENT : PURLIN_OK;
}

static void unmap(struct dma_domain *domain, const struct pin *pin, uint64_t address)
{
	(void)domain;
	(void)pin;
	(void)address;
}

/* No translation is cached; the session has drained its functions where it has to. */
static bool flush(struct dma_domain *domain)
{
	(void)domain;
	return true;
}

static purlin_s64 message(struct dma_domain *domain, const struct pci_function *function,
			  struct message_interrupt *interrupt)
{
	purlin_u64 data = 0;
	purlin_s64 status = resource_claim_msi(&interrupt->resource, domain->processor, false,
					       &interrupt->address, &data);

	(void)function;
	interrupt->data = (purlin_u32)data;
	return status;
}

static void message_end(struct dma_domain *domain, struct message_interrupt *interrupt)
{
	(void)domain;
	resource_release_irq(&interrupt->resource);
}

/* A processor's vectors are given out one by one, so that no two follow each other for certain. */
static bool block(const struct pci_function *function, struct message_block *wanted)
{
	(void)function;
	(void)wanted;
	return false;
}

/* Its owner is trusted with all that its devices can write. */
static bool any_message(const struct pci_function *function)
{
	(void)function;
	return true;
}

const struct dma_domain_type dma_untranslated = {
	.name = "none",
	.isolates = false,
	.start = start,
	.end = end,
	.add = add,
	.remove = remove_function,
	.map = map,
	.unmap = unmap,
	.flush = flush,
	.block = block,
	.message = message,
	.message_end = message_end,
	.any_message = any_message,
};
