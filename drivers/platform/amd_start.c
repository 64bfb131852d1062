/* SPDX-License-Identifier: MIT */
/* Finding out what all units can do, and making them translate. */
#include <string.h>

#include "amd.h"
#include "amd_registers.h"
#include "amd_remap.h"
#include "hardware.h"
#include "pci_config.h"

#define BUS_SOURCES 256u
#define LEVELS 4u /* 48 bits, which all units can walk: more would only make walks longer */

struct amd_state amd;

/* What is absent names a level nevertheless, which units ignore; QEMU reports a fault only then. */
static const struct dma_table_format amd_tables = {
	.read = AMD_PAGE_PRESENT | AMD_PAGE_READ,
	.write = AMD_PAGE_WRITE,
	.table = AMD_PAGE_PRESENT | AMD_PAGE_READ | AMD_PAGE_WRITE,
	.level = AMD_PAGE_LEVEL,
	.kind = AMD_PAGE_PRESENT | AMD_PAGE_LEVELS,
	.large = AMD_PAGE_PRESENT,
	.absent = AMD_PAGE_LEVEL,
};

/* Numbers of functions, and of what else sends messages. The unit stops all that are greater. */
static unsigned int sources(void)
{
	unsigned int last = 0;

	for (unsigned int i = 0; i < amd.tree->count; i++) {
		const struct pci_function *function = &amd.tree->function[i];

		if (PCI_BUS(function->bdf) > last)
			last = PCI_BUS(function->bdf);
		if (PCI_BUS(function->alias) > last)
			last = PCI_BUS(function->alias);
		if (function->bridge && function->subordinate > last)
			last = function->subordinate;
	}
	for (unsigned int i = 0; i < amd.ivrs->specials; i++)
		if (PCI_BUS(amd.ivrs->special[i].source) > last)
			last = PCI_BUS(amd.ivrs->special[i].source);
	return (last + 1) * BUS_SOURCES;
}

static void learn_aliases(void)
{
	for (unsigned int i = 0; i < amd.tree->count; i++) {
		struct pci_function *function = &amd.tree->function[i];
		const struct ivrs_range *range = NULL;

		(void)ivrs_unit_of(amd.ivrs, function, &range);
		if (range && range->has_alias && function->bdf >= range->first &&
		    function->bdf <= range->last && range->alias != function->bdf)
			function->alias = range->alias;
	}
}

/* False: it is at work and cannot be taken over. */
static bool prepare(unsigned int index, unsigned int count)
{
	const struct ivrs_unit *description = &amd.ivrs->unit[index];
	struct amd_unit *unit = &amd.unit[index];
	bool held;
	const char *problem = amd_unit_prepare(unit, amd.ivrs, description, count, &held);

	if (!problem)
		return true;
	unit->devices = NULL;
	hardware_log("IOMMU at 0x%llx cannot be used: %s",
		     (unsigned long long)description->registers, problem);
	return !held;
}

static bool begin(unsigned int index)
{
	struct amd_unit *unit = &amd.unit[index];
	bool held = (amd_read(unit, AMD_CONTROL) & AMD_TRANSLATE) != 0;

	return amd_unit_begin(unit) || !held;
}

/* The tables of a domain may be used by all units: they are what the least of them can read. */
static unsigned int join(void)
{
	unsigned int usable = 0;

	dma_translation.common.levels = LEVELS;
	for (unsigned int i = 0; i < amd.ivrs->units; i++) {
		if (!amd.unit[i].usable)
			continue;
		usable++;
		dma_translation.caches_absent |= amd.unit[i].caches_absent;
	}
	if (amd.ivrs->address_bits && amd.ivrs->address_bits < 48)
		dma_range_limit = 1ull << amd.ivrs->address_bits;
	else
		dma_range_limit = 1ull << 48;
	return usable;
}

static enum iommu_start start_units(void)
{
	unsigned int count = sources(), usable;
	const char *problem;

	/*
	 * All are prepared first: while one is found that cannot be taken over, the others
	 * translate.
	 */
	for (unsigned int i = 0; i < amd.ivrs->units; i++)
		if (!amd.ivrs->unit[i].segment && !prepare(i, count))
			return IOMMU_HELD;
	problem = amd_remap_prepare(amd.unit, amd.ivrs);
	for (unsigned int i = 0; i < amd.ivrs->units; i++)
		if (amd.unit[i].devices && !begin(i))
			return IOMMU_HELD;
	usable = join();
	if (!usable)
		return IOMMU_NONE;
	if (problem)
		hardware_log("IOMMU: interrupts are not remapped: %s", problem);
	hardware_log("IOMMU: AMD-Vi, units: %u, tables of %u levels, large pages%s%s", usable,
		     dma_translation.common.levels,
		     dma_translation.caches_absent ? ", absent entries cached" : "",
		     problem ? "" : ", interrupts remapped");
	return IOMMU_RUNNING;
}

enum iommu_start amd_start(const struct ivrs *ivrs, struct pci_tree *tree,
			   const struct acpi_description *acpi)
{
	memset(&amd, 0, sizeof(amd));
	amd.ivrs = ivrs;
	amd.tree = tree;
	dma_translation_start(&amd_kind, acpi);
	dma_translation.common.format = &amd_tables;
	dma_translation.common.leaf_bits = AMD_PAGE_COHERENT;
	learn_aliases();
	return start_units();
}
