/* SPDX-License-Identifier: MIT */
/* Finding out what all units can do, and making them translate. */
#include <string.h>

#include "dma_range.h"
#include "hardware.h"
#include "vtd.h"
#include "vtd_registers.h"
#include "vtd_remap.h"
#include "vtd_state.h"

struct vtd_state vtd;

static const struct dma_table_format vtd_tables = {
	.read = 0x1,
	.write = 0x2,
	.table = 0x3,
	.kind = 0x80,
	.large = 0x80,
};

/* The tables of a domain may be used by all units: they are what the least of them can read. */
static void join(const struct vtd_unit *unit, unsigned int *levels)
{
	unsigned int bits = vtd_address_bits(unit);

	*levels &= vtd_levels(unit);
	dma_translation.common.large &= vtd_large_pages(unit);
	dma_translation.common.incoherent |= !vtd_coherent(unit);
	dma_translation.caches_absent |= vtd_caches_absent(unit);
	if (!vtd_snoop_control(unit))
		dma_translation.common.leaf_bits = 0;
	if (vtd_domains(unit) < dma_translation.limit)
		dma_translation.limit = vtd_domains(unit);
	if (1ull << bits < dma_range_limit)
		dma_range_limit = 1ull << bits;
}

static bool start_unit(unsigned int index)
{
	struct vtd_unit *unit = &vtd.unit[index];
	uint64_t registers = vtd.dmar->unit[index].registers;
	bool held;
	const char *problem = vtd_unit_start(unit, registers, &held);

	if (problem)
		hardware_log("IOMMU at 0x%llx cannot be used: %s", (unsigned long long)registers,
			     problem);
	return !problem || !held;
}

struct vtd_unit *vtd_unit_at(unsigned int index)
{
	return &vtd.unit[index];
}

static enum iommu_start use_units(void)
{
	unsigned int levels = 1u << 3 | 1u << 4, usable = 0;
	const char *problem;
	bool held;

	for (unsigned int i = 0; i < vtd.dmar->units; i++) {
		if (!vtd.unit[i].usable)
			continue;
		join(&vtd.unit[i], &levels);
		usable++;
	}
	dma_translation.common.levels = levels >> 4 & 1 ? 4 : 3;
	if (!usable)
		return IOMMU_NONE;
	if (!levels) {
		hardware_log("IOMMU: its units have no common number of levels");
		return IOMMU_NONE;
	}
	problem = vtd_remap_start(vtd.unit, vtd.dmar, vtd.tree, &held);
	if (problem)
		hardware_log("IOMMU: interrupts are not remapped: %s", problem);
	/* Half switched, lines would be lost: better to end, and leave all to the next life. */
	if (problem && held)
		return IOMMU_HELD;
	if (1ull << (12 + 9 * dma_translation.common.levels) < dma_range_limit)
		dma_range_limit = 1ull << (12 + 9 * dma_translation.common.levels);
	hardware_log("IOMMU: VT-d, units: %u, tables of %u levels%s%s%s%s", usable,
		     dma_translation.common.levels,
		     dma_translation.common.large ? ", large pages" : "",
		     dma_translation.caches_absent ? ", caching mode" : "",
		     problem ? "" : ", interrupts remapped",
		     !problem && vtd.unit[0].wide ? " to 32-bit APIC ids" : "");
	return IOMMU_RUNNING;
}

enum iommu_start vtd_start(const struct dmar *dmar, const struct pci_tree *tree,
			   const struct acpi_description *acpi)
{
	memset(&vtd, 0, sizeof(vtd));
	vtd.dmar = dmar;
	vtd.tree = tree;
	dma_translation_start(&vtd_kind, acpi);
	dma_translation.common.format = &vtd_tables;
	dma_translation.common.leaf_bits = VTD_SNOOPED;
	/*
	 * A unit that was translating and cannot be taken over goes on by the tables of the life
	 * before. Their memory must stay then, so nothing may be announced.
	 */
	for (unsigned int i = 0; i < dmar->units; i++)
		if (!dmar->unit[i].segment && !start_unit(i))
			return IOMMU_HELD;
	return use_units();
}
