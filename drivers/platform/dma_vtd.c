/* SPDX-License-Identifier: MIT */
/* Domains of VT-d: a set of tables, the number the units know it by, and the functions in it. */
#include "vtd.h"

#include <stdlib.h>
#include <string.h>

#include "dma_range.h"
#include "dma_source.h"
#include "dma_tables.h"
#include "hardware.h"
#include "pci_config.h"
#include "vtd_faults.h"
#include "vtd_registers.h"
#include "vtd_remap.h"
#include "vtd_state.h"

#define TABLES_SPARE 256	   /* pages */
#define TABLE_REACH 512ull	   /* pages that a table of small entries leads to; ... */
#define TABLE_REACH_LARGE 65536ull /* ... a quarter of those by large ones */
#define CLASS_USB 0x0c03

struct vtd_domain {
	struct vtd_domain *next; /* of those kept for good */
	struct dma_tables tables;
	struct dma_ranges ranges;
	uint64_t pages; /* attached */
	uint16_t number;
	uint32_t units; /* that know it, a bit for each */
	bool unconfirmed;
};

static struct vtd_domain *domain_of(const struct dma_domain *domain)
{
	return domain->tables;
}

static uint16_t number_take(void)
{
	/* Not 0: in caching mode a unit notes absent entries under that number (VT-d 6.1). */
	for (unsigned int i = 1; i < vtd.limit; i++) {
		if (vtd.used[i / 64] >> i % 64 & 1)
			continue;
		vtd.used[i / 64] |= 1ull << i % 64;
		return (uint16_t)i;
	}
	return 0;
}

static void number_give(uint16_t number)
{
	vtd.used[number / 64] &= ~(1ull << number % 64);
}

static purlin_s64 start(struct dma_domain *domain)
{
	struct vtd_domain *own = calloc(1, sizeof(*own));

	if (!own)
		return PURLIN_NO_MEMORY;
	own->tables = vtd.common;
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
static struct vtd_domain *kept;

static void end(struct dma_domain *domain)
{
	struct vtd_domain *own = domain_of(domain);

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
	struct vtd_domain *own = domain_of(domain);

	/* All units are asked even after one has failed: the others must not keep anything. */
	for (unsigned int i = 0; i < DMAR_UNITS; i++)
		if (own->units >> i & 1 && !vtd_flush_domain(&vtd.unit[i], own->number))
			own->unconfirmed = true;
	return !own->unconfirmed;
}

static purlin_s64 refuse(const struct pci_function *function, const char *reason)
{
	pci_function_log(function, reason);
	return PURLIN_NO_RIGHT;
}

/*
 * Firmware's own use of a USB controller is the emulation of a keyboard, and ends with bus
 * mastering. Whatever else it does by a device with reserved memory, nobody knows.
 */
static bool reserved(const struct pci_function *function)
{
	return dmar_region_of(vtd.dmar, vtd.tree, function) &&
	       function->class_revision >> 16 != CLASS_USB;
}

static uint64_t context_low(const struct vtd_domain *own)
{
	return own->tables.root->physical | VTD_PRESENT;
}

static uint64_t context_high(const struct vtd_domain *own)
{
	return (uint64_t)own->number << 8 | (own->tables.levels - 2);
}

/* What an interrupted removal left counts as taken, too: low is then 0, but its unit is stuck. */
static bool is_others(const struct vtd_domain *own, const struct vtd_unit *unit, uint16_t source)
{
	return vtd_context_low(unit, source) && vtd_context_high(unit, source) != context_high(own);
}

static bool clear(struct vtd_domain *own, struct vtd_unit *unit,
		  const struct pci_function *function)
{
	struct dma_sources sources = dma_sources(function);
	bool confirmed = true;

	for (unsigned int i = 0; i < sources.count; i++) {
		if (!vtd_context_low(unit, sources.bdf[i]) || is_others(own, unit, sources.bdf[i]))
			continue;
		/* The entry, then what is cached of it, then the translations made by it. */
		(void)vtd_context_set(unit, sources.bdf[i], 0, 0);
		confirmed &= vtd_flush_context(unit, sources.bdf[i], own->number);
	}
	return confirmed & vtd_flush_domain(unit, own->number);
}

static purlin_s64 enter(struct vtd_domain *own, struct vtd_unit *unit,
			const struct pci_function *function)
{
	struct dma_sources sources = dma_sources(function);

	/* All are looked at before the first changes: a refusal leaves nothing to undo. */
	for (unsigned int i = 0; i < sources.count; i++)
		if (is_others(own, unit, sources.bdf[i]))
			return refuse(function, "a device of another component has the same "
						"address before the IOMMU");
	for (unsigned int i = 0; i < sources.count; i++) {
		if (!vtd_context_set(unit, sources.bdf[i], context_low(own), context_high(own)))
			return PURLIN_NO_MEMORY;
		/* A unit in caching mode has noted an absent entry under domain 0 (VT-d 6.1). */
		if (!vtd_flush_context(unit, sources.bdf[i], vtd.caches_absent ? 0 : own->number))
			return refuse(function, "its IOMMU does not answer");
	}
	return PURLIN_OK;
}

static struct vtd_unit *unit_of(const struct pci_function *function)
{
	int index = dmar_unit_of(vtd.dmar, vtd.tree, function);

	return index < 0 ? NULL : &vtd.unit[index];
}

static bool remove_function(struct dma_domain *domain, const struct pci_function *function)
{
	struct vtd_domain *own = domain_of(domain);
	struct vtd_unit *unit = unit_of(function);

	if (!unit || !unit->usable || clear(own, unit, function))
		return true;
	own->unconfirmed = true;
	return false;
}

static purlin_s64 add(struct dma_domain *domain, const struct pci_function *function)
{
	struct vtd_domain *own = domain_of(domain);
	struct vtd_unit *unit = unit_of(function);
	purlin_s64 status;

	if (!unit || !unit->usable || unit->stuck)
		return refuse(function, "no usable IOMMU is between it and memory");
	if (reserved(function))
		return refuse(function, "firmware reserves memory for it");
	/* Before anything can be cached there: from now on every flush asks this unit, too. */
	own->units |= 1u << (unit - vtd.unit);
	status = enter(own, unit, function);
	if (status)
		(void)remove_function(domain, function);
	return status;
}

/*
 * Tables are paid by this component, so that one owner must not take all it has, by odd addresses
 * that need small entries. With large ones, tables for 1 GiB take a page.
 */
static uint64_t tables_most(const struct vtd_domain *own, uint64_t more)
{
	uint64_t pages = own->pages + more;

	return TABLES_SPARE + pages / (own->tables.large ? TABLE_REACH_LARGE : TABLE_REACH);
}

/* Memory in one piece only: core tells no more about its pages. */
static purlin_s64 map(struct dma_domain *domain, const struct pin *pin, uint64_t wanted,
		      uint64_t *address)
{
	struct vtd_domain *own = domain_of(domain);
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
	if (vtd.caches_absent)
		(void)flush(domain);
	return PURLIN_OK;
}

static void unmap(struct dma_domain *domain, const struct pin *pin, uint64_t address)
{
	struct vtd_domain *own = domain_of(domain);

	/* The flush is the caller's, once for all it unmaps; until then the pin stays. */
	dma_tables_unmap(&own->tables, address, pin->pages);
	dma_range_remove(&own->ranges, address);
	own->pages -= pin->pages;
}

static purlin_s64 message(struct dma_domain *domain, const struct pci_function *function,
			  struct message_interrupt *interrupt)
{
	purlin_u64 data = 0;
	purlin_s64 status = resource_claim_msi(&interrupt->resource, domain->processor,
					       &interrupt->address, &data);

	interrupt->data = (purlin_u32)data;
	interrupt->function = function;
	if (status || !unit_of(function)->remaps)
		return status;
	status = vtd_remap_message(unit_of(function), function, interrupt);
	if (status)
		resource_release_irq(&interrupt->resource);
	return status;
}

static void message_end(struct dma_domain *domain, struct message_interrupt *interrupt)
{
	struct vtd_domain *own = domain_of(domain);
	struct vtd_unit *unit = unit_of(interrupt->function);

	if (!unit->remaps || vtd_remap_end(unit, interrupt))
		resource_release_irq(&interrupt->resource);
	else
		own->unconfirmed = true;
}

/* The units' own interrupts. They last as long as this component. */
static struct message_interrupt interrupts[DMAR_UNITS];

static purlin_s64 watch(purlin_u64 signal)
{
	purlin_s64 status = PURLIN_OK;

	for (unsigned int i = 0; !status && i < vtd.dmar->units; i++) {
		struct message_interrupt *own = &interrupts[i];
		purlin_u64 data;

		if (!vtd.unit[i].usable)
			continue;
		status = resource_claim_msi(&own->resource, 0, &own->address, &data);
		own->data = (uint32_t)data;
		if (!status)
			status = resource_bind(&own->resource, signal);
		if (!status)
			vtd_faults_start(&vtd.unit[i], own);
	}
	return status;
}

static bool fault_next(struct dma_fault *fault)
{
	for (unsigned int i = 0; i < vtd.dmar->units; i++)
		if (vtd.unit[i].usable && vtd_fault_next(&vtd.unit[i], fault))
			return true;
	return false;
}

/* What the unit has cached of its contexts may tell once more. */
static void unwatch(const struct pci_function *function)
{
	struct vtd_unit *unit = unit_of(function);
	struct dma_sources sources = dma_sources(function);

	for (unsigned int i = 0; unit && i < sources.count; i++) {
		uint64_t low = vtd_context_low(unit, sources.bdf[i]);
		uint64_t high = vtd_context_high(unit, sources.bdf[i]);

		if (!low || !vtd_context_set(unit, sources.bdf[i], low | VTD_FAULTS_OFF, high))
			continue;
		(void)vtd_flush_context(unit, sources.bdf[i], (uint16_t)(high >> 8));
	}
}

const struct dma_domain_type dma_vtd = {
	.name = "vtd",
	.isolates = true,
	.start = start,
	.end = end,
	.add = add,
	.remove = remove_function,
	.map = map,
	.unmap = unmap,
	.flush = flush,
	.message = message,
	.message_end = message_end,
	.watch = watch,
	.fault = fault_next,
	.unwatch = unwatch,
};
