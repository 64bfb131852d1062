/* SPDX-License-Identifier: MIT */
/* IOMMUs are found by tables of ACPI: DMAR names those of VT-d. */
#include "iommu.h"

#include <stdlib.h>

#include "dmar.h"
#include "hardware.h"
#include "vtd.h"

static struct dmar dmar;

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

enum iommu_start iommu_start(const struct pci_tree *tree, const struct acpi_description *acpi,
			     const struct dma_domain_type **type)
{
	enum iommu_start result = find_vtd() ? vtd_start(&dmar, tree, acpi) : IOMMU_NONE;

	if (result == IOMMU_RUNNING)
		*type = &dma_vtd;
	return result;
}
