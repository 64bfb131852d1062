/* SPDX-License-Identifier: MIT */
/* VT-d: what domains ask of its units. */
#include "vtd.h"

#include <stdlib.h>
#include <string.h>

#include "dma_source.h"
#include "pci_config.h"
#include "vtd_faults.h"
#include "vtd_registers.h"
#include "vtd_remap.h"
#include "vtd_state.h"

#define CLASS_USB 0x0c03

static int unit_of(const struct pci_function *function)
{
	int index = dmar_unit_of(vtd.dmar, vtd.tree, function);

	return index < 0 || !vtd.unit[index].usable ? -1 : index;
}

static bool stuck(unsigned int unit)
{
	return vtd.unit[unit].stuck;
}

/*
 * Firmware's own use of a USB controller is the emulation of a keyboard, and ends with bus
 * mastering. Whatever else it does by a device with reserved memory, nobody knows.
 */
static const char *refusal(const struct pci_function *function)
{
	return dmar_region_of(vtd.dmar, vtd.tree, function) &&
			       function->class_revision >> 16 != CLASS_USB ?
		       "firmware reserves memory for it" :
		       NULL;
}

static uint64_t context_low(const struct translated_domain *domain)
{
	return domain->tables.root->physical | VTD_PRESENT;
}

static uint64_t context_high(const struct translated_domain *domain)
{
	return (uint64_t)domain->number << 8 | (domain->tables.levels - 2);
}

static uint16_t number_of(unsigned int unit, uint16_t source)
{
	return vtd_context_low(&vtd.unit[unit], source) ?
		       (uint16_t)(vtd_context_high(&vtd.unit[unit], source) >> 8) :
		       0;
}

static purlin_s64 enter(unsigned int index, const struct pci_function *function, uint16_t source,
			const struct translated_domain *domain)
{
	struct vtd_unit *unit = &vtd.unit[index];
	/* A unit in caching mode has noted an absent entry under domain 0 (VT-d 6.1). */
	uint16_t noted = dma_translation.caches_absent ? 0 : domain->number;

	(void)function;
	if (!vtd_context_set(unit, source, context_low(domain), context_high(domain)))
		return PURLIN_NO_MEMORY;
	return vtd_flush_context(unit, source, noted) ? PURLIN_OK : PURLIN_NO_DEVICE;
}

/* The flush names the domain that the entry had: by it the unit finds what it has cached of it. */
static bool leave(unsigned int unit, uint16_t source, uint16_t number)
{
	(void)vtd_context_set(&vtd.unit[unit], source, 0, 0);
	return vtd_flush_context(&vtd.unit[unit], source, number);
}

static bool flush(unsigned int unit, uint16_t number)
{
	return vtd_flush_domain(&vtd.unit[unit], number);
}

static bool wide_ids(unsigned int unit)
{
	return vtd.unit[unit].remaps && vtd.unit[unit].wide;
}

static bool remaps(unsigned int unit)
{
	return vtd.unit[unit].remaps;
}

static bool block(unsigned int unit, const struct pci_function *function,
		  struct message_block *wanted)
{
	(void)function;
	return vtd_remap_block(&vtd.unit[unit], wanted);
}

static void block_end(unsigned int unit, const struct pci_function *function,
		      const struct message_block *given)
{
	(void)function;
	vtd_remap_block_end(&vtd.unit[unit], given);
}

static purlin_s64 message(unsigned int unit, const struct pci_function *function,
			  struct message_interrupt *interrupt)
{
	return vtd_remap_message(&vtd.unit[unit], function, interrupt);
}

static bool message_end(unsigned int unit, struct message_interrupt *interrupt)
{
	return vtd_remap_end(&vtd.unit[unit], interrupt);
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
		status = resource_claim_msi(&own->resource, 0, false, &own->address, &data);
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
	int index = unit_of(function);
	struct vtd_unit *unit = &vtd.unit[index < 0 ? 0 : index];
	struct dma_sources sources = dma_sources(function);

	for (unsigned int i = 0; index >= 0 && i < sources.count; i++) {
		uint64_t low = vtd_context_low(unit, sources.bdf[i]);
		uint64_t high = vtd_context_high(unit, sources.bdf[i]);

		if (!low || !vtd_context_set(unit, sources.bdf[i], low | VTD_FAULTS_OFF, high))
			continue;
		(void)vtd_flush_context(unit, sources.bdf[i], (uint16_t)(high >> 8));
	}
}

const struct iommu_kind vtd_kind = {
	.name = "vtd",
	.unit_of = unit_of,
	.stuck = stuck,
	.refusal = refusal,
	.number_of = number_of,
	.enter = enter,
	.leave = leave,
	.flush = flush,
	.remaps = remaps,
	.wide_ids = wide_ids,
	.block = block,
	.block_end = block_end,
	.message = message,
	.message_end = message_end,
	.watch = watch,
	.fault = fault_next,
	.unwatch = unwatch,
};
