/* SPDX-License-Identifier: MIT */
/* IOMMUs are found by tables of ACPI: DMAR names those of VT-d, IVRS those of AMD-Vi. */
#include "iommu.h"

#include <stdlib.h>

#include "amd.h"
#include "dmar.h"
#include "hardware.h"
#include "ivrs.h"
#include "vtd.h"

static struct dmar dmar;
static struct ivrs ivrs;

static bool find_vtd(void)
{
	uint8_t *table = malloc(DMAR_BYTES);
	size_t bytes = table ? acpi_table("DMAR", table, DMAR_BYTES) : 0;
	const char *problem = bytes ? dmar_read(&dmar, table, bytes) : NULL;

	if (problem)
		hardware_log("ACPI: DMAR is of no use: %s", problem);
	free(table);
	return bytes && !problem;
}

static bool find_amd(void)
{
	uint8_t *table = malloc(IVRS_BYTES);
	size_t bytes = table ? acpi_table("IVRS", table, IVRS_BYTES) : 0, place = 0;
	const char *problem = bytes ? ivrs_read(&ivrs, table, bytes, &place) : NULL;

	if (problem)
		hardware_log("ACPI: IVRS is of no use: at byte %zu: %s", place, problem);
	free(table);
	return bytes && !problem;
}

enum iommu_start iommu_start(struct pci_tree *tree, const struct acpi_description *acpi,
			     const struct dma_domain_type **type)
{
	enum iommu_start result = IOMMU_NONE;

	if (find_vtd())
		result = vtd_start(&dmar, tree, acpi);
	else if (find_amd())
		result = amd_start(&ivrs, tree, acpi);
	if (result == IOMMU_RUNNING)
		*type = &dma_translated;
	return result;
}
