/* SPDX-License-Identifier: MIT */
/* Which IOMMU the machine has, if any: the domain type that sessions get. */
#ifndef PLATFORM_IOMMU_H
#define PLATFORM_IOMMU_H

#include "dma_domain.h"

/*
 * No function is a bus master, and all have been drained. Tree and description stay where they are:
 * functions are looked up in the one, and no domain maps memory over windows of the other. *type is
 * set when it runs.
 */
enum iommu_start iommu_start(struct pci_tree *tree, const struct acpi_description *acpi,
			     const struct dma_domain_type **type);

#endif
