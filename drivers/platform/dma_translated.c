/* SPDX-License-Identifier: MIT */
/* The life of functions, memory and messages in a domain, whatever the kind of IOMMU. */
#include "dma_translated.h"

#include <stdlib.h>
#include <string.h>

#include "dma_source.h"

#define TABLES_SPARE 256	   /* pages */
#define TABLE_REACH 512ull	   /* pages that a table of small entries leads to; ... */
#define TABLE_REACH_LARGE 65536ull /* ... a quarter of those by large ones */

struct dma_translation dma_translation;

void dma_translation_start(const struct iommu_kind *kind, const struct acpi_description *acpi)
{
	memset(&dma_translation, 0, sizeof(dma_translation));
	dma_translation.kind = kind;
	dma_translated.name = kind->name;
	dma_translation.limit = DMA_DOMAIN_NUMBERS;
	dma_translation.common.large = true;
	dma_ranges_reserve(acpi);
}

static struct translated_domain *domain_of(const struct dma_domain *domain)
{
	return domain->tables;
}

static uint16_t number_take(void)
{
	/* Not 0: in caching mode a unit notes absent entries under that number (VT-d 6.1). */
	for (unsigned int i = 1; i < dma_translation.limit; i++) {
		if (dma_translation.used[i / 64] >> i % 64 & 1)
			continue;
		dma_translation.used[i / 64] |= 1ull << i % 64;
		return (uint16_t)i;
	}
	return 0;
}

static void number_give(uint16_t number)
{
	dma_translation.used[number / 64] &= ~(1ull << number % 64);
}

static purlin_s64 start(struct dma_domain *domain)
{
	struct translated_domain *own = calloc(1, sizeof(*own));

	if (!own)
		return PURLIN_NO_MEMORY;
	/*
	 * The table of the highest level is there before the first function is: an empty domain
	 * lets nothing pass.
	 */
	own->tables = dma_translation.common;
	own->tables.most = TABLES_SPARE;
	own->number = number_take();
	if (!own->number || dma_tables_start(&own->tables)) {
		if (own->number)
			number_give(own->number);
		free(own);
		return PURLIN_NO_MEMORY;
	}
	domain->tables = own;
	return PURLIN_OK;
}

/* What a unit may still use stays for good: tables, and the number that its caches know. */
static struct translated_domain *kept;

static void end(struct dma_domain *domain)
{
	struct translated_domain *own = domain_of(domain);

	if (own->unconfirmed) {
		own->next = kept;
		kept = own;
		return;
	}
	dma_tables_end(&own->tables);
	number_give(own->number);
	free(own);
}

static bool flush(struct dma_domain *domain)
{
	struct translated_domain *own = domain_of(domain);

	/* All units are asked even after one has failed: the others must not keep anything. */
	for (unsigned int i = 0; i < IOMMU_UNITS; i++)
		if (own->units >> i & 1 && !dma_translation.kind->flush(i, own->number))
			own->unconfirmed = true;
	return !own->unconfirmed;
}

static purlin_s64 refuse(const struct pci_function *function, const char *reason)
{
	pci_function_log(function, reason);
	return PURLIN_NO_RIGHT;
}

static bool clear(struct translated_domain *own, unsigned int unit,
		  const struct pci_function *function)
{
	struct dma_sources sources = dma_sources(function);
	bool confirmed = true;

	/* The entry, then what is cached of it, then the translations made by it. */
	for (unsigned int i = 0; i < sources.count; i++)
		if (dma_translation.kind->number_of(unit, sources.bdf[i]) == own->number)
			confirmed &= dma_translation.kind->leave(unit, sources.bdf[i], own->number);
	return confirmed & dma_translation.kind->flush(unit, own->number);
}

static purlin_s64 enter(struct translated_domain *own, unsigned int unit,
			const struct pci_function *function)
{
	struct dma_sources sources = dma_sources(function);

	/* All are looked at before the first changes: a refusal leaves nothing to undo. */
	for (unsigned int i = 0; i < sources.count; i++) {
		uint16_t number = dma_translation.kind->number_of(unit, sources.bdf[i]);

		if (number && number != own->number)
			return refuse(function, "a device of another component has the same "
						"address before the IOMMU");
	}
	for (unsigned int i = 0; i < sources.count; i++) {
		purlin_s64 status =
			dma_translation.kind->enter(unit, function, sources.bdf[i], own);

		if (status)
			return status == PURLIN_NO_MEMORY ?
				       status :
				       refuse(function, "its IOMMU does not answer");
	}
	return PURLIN_OK;
}

static bool remove_function(struct dma_domain *domain, const struct pci_function *function)
{
	struct translated_domain *own = domain_of(domain);
	int unit = dma_translation.kind->unit_of(function);

	if (unit < 0 || clear(own, (unsigned int)unit, function))
		return true;
	own->unconfirmed = true;
	return false;
}

static purlin_s64 add(struct dma_domain *domain, const struct pci_function *function)
{
	struct translated_domain *own = domain_of(domain);
	int unit = dma_translation.kind->unit_of(function);
	const char *reason;
	purlin_s64 status;

	if (unit < 0 || dma_translation.kind->stuck((unsigned int)unit))
		return refuse(function, "no usable IOMMU is between it and memory");
	reason = dma_translation.kind->refusal(function);
	if (reason)
		return refuse(function, reason);
	/* Before anything can be cached there: from now on every flush asks this unit, too. */
	own->units |= 1u << unit;
	status = enter(own, (unsigned int)unit, function);
	if (status)
		(void)remove_function(domain, function);
	return status;
}

/*
 * Tables are paid by this component, so that one owner must not take all it has, by odd addresses
 * that need small entries. With large ones, tables for 1 GiB take a page.
 */
static uint64_t tables_most(const struct translated_domain *own, uint64_t more)
{
	uint64_t pages = own->pages + more;

	return TABLES_SPARE + pages / (own->tables.large ? TABLE_REACH_LARGE : TABLE_REACH);
}

/* Memory in one piece only: of other memory core tells no addresses. */
static purlin_s64 map(struct dma_domain *domain, const struct pin *pin, uint64_t wanted,
		      uint64_t *address)
{
	struct translated_domain *own = domain_of(domain);
	struct dma_range range;
	purlin_s64 status;

	if (pin->physical == PIN_SCATTERED)
		return PURLIN_BAD_ARGUMENT;
	range = dma_range_place(&own->ranges, wanted, pin);
	if (!range.pages)
		return PURLIN_BAD_ARGUMENT;
	/*
	 * Tables that a refused mapping left stay: the next one uses them, and the end frees
	 * them.
	 */
	own->tables.most = tables_most(own, range.pages);
	status = dma_tables_map(&own->tables, range.address, pin->physical, range.pages,
				pin->writable);
	if (status)
		return status;
	dma_range_add(&own->ranges, range);
	own->pages += range.pages;
	*address = range.address;
	/* Unconfirmed, it is not seen by devices, or too long: then the pin never ends. */
	if (dma_translation.caches_absent)
		(void)flush(domain);
	return PURLIN_OK;
}

static void unmap(struct dma_domain *domain, const struct pin *pin, uint64_t address)
{
	struct translated_domain *own = domain_of(domain);

	/* The flush is the caller's, once for all it unmaps; until then the pin stays. */
	dma_tables_unmap(&own->tables, address, pin->pages);
	dma_range_remove(&own->ranges, address);
	own->pages -= pin->pages;
}

static bool has_wide_ids(const struct pci_function *function)
{
	return dma_translation.kind->wide_ids(
		(unsigned int)dma_translation.kind->unit_of(function));
}

/* The function is in the domain, so that it has a unit. */
static bool remaps(const struct pci_function *function)
{
	return dma_translation.kind->remaps((unsigned int)dma_translation.kind->unit_of(function));
}

static purlin_s64 message(struct dma_domain *domain, const struct pci_function *function,
			  struct message_interrupt *interrupt)
{
	purlin_u64 data = 0;
	purlin_s64 status = resource_claim_msi(&interrupt->resource, domain->processor,
					       has_wide_ids(function), &interrupt->address, &data);

	interrupt->data = (purlin_u32)data;
	interrupt->function = function;
	/* Without remapping the device gets the address and data of the vector itself. */
	if (status || !remaps(function))
		return status;
	status = dma_translation.kind->message(
		(unsigned int)dma_translation.kind->unit_of(function), function, interrupt);
	if (status)
		resource_release_irq(&interrupt->resource);
	return status;
}

static void message_end(struct dma_domain *domain, struct message_interrupt *interrupt)
{
	struct translated_domain *own = domain_of(domain);
	unsigned int unit = (unsigned int)dma_translation.kind->unit_of(interrupt->function);

	if (!remaps(interrupt->function) || dma_translation.kind->message_end(unit, interrupt))
		resource_release_irq(&interrupt->resource);
	else
		/* The unit may still lead to the vector: so it is not given to anybody else. */
		own->unconfirmed = true;
}

/* These are asked before the function is in the domain, too. */
static bool any_message(const struct pci_function *function)
{
	return dma_translation.kind->unit_of(function) >= 0 && remaps(function);
}

static bool block(const struct pci_function *function, struct message_block *wanted)
{
	return any_message(function) &&
	       dma_translation.kind->block((unsigned int)dma_translation.kind->unit_of(function),
					   function, wanted);
}

static void block_end(const struct pci_function *function, const struct message_block *given)
{
	dma_translation.kind->block_end((unsigned int)dma_translation.kind->unit_of(function),
					function, given);
}

static purlin_s64 watch(purlin_u64 signal)
{
	return dma_translation.kind->watch(signal);
}

static bool fault_next(struct dma_fault *fault)
{
	return dma_translation.kind->fault(fault);
}

static void unwatch(const struct pci_function *function)
{
	dma_translation.kind->unwatch(function);
}

struct dma_domain_type dma_translated = {
	.isolates = true,
	.start = start,
	.end = end,
	.add = add,
	.remove = remove_function,
	.map = map,
	.unmap = unmap,
	.flush = flush,
	.block = block,
	.block_end = block_end,
	.message = message,
	.message_end = message_end,
	.any_message = any_message,
	.watch = watch,
	.fault = fault_next,
	.unwatch = unwatch,
};
