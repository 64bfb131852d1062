/* SPDX-License-Identifier: MIT */
/* AMD-Vi: what domains ask of its units. */
#include "amd.h"
#include "amd_device.h"
#include "amd_events.h"
#include "amd_remap.h"
#include "dma_source.h"
#include "hardware.h"

#define CLASS_USB 0x0c03

static int unit_of(const struct pci_function *function)
{
	const struct ivrs_range *range;
	int index = ivrs_unit_of(amd.ivrs, function, &range);

	return index < 0 || !amd.unit[index].usable ? -1 : index;
}

static bool stuck(unsigned int unit)
{
	return amd.unit[unit].stuck;
}

/*
 * Firmware's own use of a USB controller is the emulation of a keyboard, and ends with bus
 * mastering. Whatever else it does by a device with reserved memory, nobody knows.
 */
static const char *refusal(const struct pci_function *function)
{
	struct dma_sources sources = dma_sources(function);

	for (unsigned int i = 0; i < sources.count; i++) {
		/* Its domain would be that of the I/O APIC's messages. */
		if (ivrs_is_special(amd.ivrs, sources.bdf[i]))
			return "an I/O APIC or HPET has the same address before the IOMMU";
		if (ivrs_region_of(amd.ivrs, sources.bdf[i]) &&
		    function->class_revision >> 16 != CLASS_USB)
			return "firmware reserves memory for it";
	}
	return NULL;
}

static uint16_t number_of(unsigned int unit, uint16_t source)
{
	return amd_device_number(&amd.unit[unit], source);
}

static purlin_s64 enter(unsigned int index, const struct pci_function *function, uint16_t source,
			const struct translated_domain *domain)
{
	struct amd_unit *unit = &amd.unit[index];
	const struct amd_route route = { domain->tables.root->physical, domain->tables.levels,
					 domain->number };
	uint64_t table = amd_messages_table(unit, dma_sources(function).message);

	if (!table)
		return PURLIN_NO_MEMORY;
	if (!amd_device_set(unit, source, &route, table))
		return PURLIN_NO_DEVICE;
	/* An entry that was absent may be cached, too. */
	return amd_flush_device(unit, source) && amd_flush_messages(unit, source) ?
		       PURLIN_OK :
		       PURLIN_NO_DEVICE;
}

static bool leave(unsigned int unit, uint16_t source, uint16_t number)
{
	(void)number;
	amd_device_stop(&amd.unit[unit], source);
	return amd_flush_device(&amd.unit[unit], source) &&
	       amd_flush_messages(&amd.unit[unit], source);
}

static bool flush(unsigned int unit, uint16_t number)
{
	return amd_flush_domain(&amd.unit[unit], number);
}

static bool remaps(unsigned int unit)
{
	return amd.unit[unit].remaps;
}

static bool block(unsigned int unit, const struct pci_function *function,
		  struct message_block *wanted)
{
	return amd_remap_block(&amd.unit[unit], function, wanted);
}

static void block_end(unsigned int unit, const struct pci_function *function,
		      const struct message_block *given)
{
	amd_remap_block_end(&amd.unit[unit], function, given);
}

static purlin_s64 message(unsigned int unit, const struct pci_function *function,
			  struct message_interrupt *interrupt)
{
	return amd_remap_message(&amd.unit[unit], function, interrupt);
}

static bool message_end(unsigned int unit, struct message_interrupt *interrupt)
{
	return amd_remap_end(&amd.unit[unit], interrupt);
}

/* The units' own interrupts. They last as long as this component. */
static struct message_interrupt interrupts[IVRS_UNITS];

/* Entries of this format have 8 bits for an APIC id (AMD IOMMU, 2.2.5). */
static bool wide_ids(unsigned int unit)
{
	(void)unit;
	return false;
}

static purlin_s64 watch(purlin_u64 signal)
{
	purlin_s64 status = PURLIN_OK;

	for (unsigned int i = 0; !status && i < amd.ivrs->units; i++) {
		const struct pci_function *function =
			pci_tree_find(amd.tree, amd.ivrs->unit[i].bdf);
		struct message_interrupt *own = &interrupts[i];
		purlin_u64 data;

		if (!amd.unit[i].usable)
			continue;
		status = resource_claim_msi(&own->resource, 0, false, &own->address, &data);
		own->data = (uint32_t)data;
		if (!status)
			status = resource_bind(&own->resource, signal);
		/* Without its log a unit stops devices all the same: nobody is refused for that. */
		if (!status && !amd_events_start(function, own))
			hardware_log("IOMMU at 0x%llx cannot tell what it stops",
				     (unsigned long long)amd.ivrs->unit[i].registers);
	}
	return status;
}

static bool fault_next(struct dma_fault *fault)
{
	for (unsigned int i = 0; i < amd.ivrs->units; i++)
		if (amd.unit[i].usable && amd_event_next(&amd.unit[i], fault))
			return true;
	return false;
}

/* What the unit has cached may tell once more. */
static void unwatch(const struct pci_function *function)
{
	struct dma_sources sources = dma_sources(function);
	int index = unit_of(function);

	for (unsigned int i = 0; index >= 0 && i < sources.count; i++) {
		if (!number_of((unsigned int)index, sources.bdf[i]))
			continue;
		amd_device_quiet(&amd.unit[index], sources.bdf[i]);
		(void)amd_flush_device(&amd.unit[index], sources.bdf[i]);
	}
}

const struct iommu_kind amd_kind = {
	.name = "amd",
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
