/* SPDX-License-Identifier: MIT */
/* Which IOMMU the machine has, if any: the domain type that sessions get. */
#ifndef PLATFORM_IOMMU_H
#define PLATFORM_IOMMU_H

#include "dma_domain.h"

/*
 * Start the IOMMU. No function may be bus master, and all have been drained. Tree and description
 * have to stay where they are: functions are looked up in the tree, and no domain maps memory over
 * a window of the description. *type is set when the IOMMU works.
 */
enum iommu_start iommu_start(struct pci_tree *tree, const struct acpi_description *acpi,
			     const struct dma_domain_type **type);

#endif
