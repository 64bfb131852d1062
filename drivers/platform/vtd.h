/* SPDX-License-Identifier: MIT */
/* The IOMMUs of a machine with VT-d. */
#ifndef PLATFORM_VTD_H
#define PLATFORM_VTD_H

#include "dma_translated.h"
#include "dmar.h"
#include "vtd_unit.h"

/* As iommu_start; dmar has to stay where it is, too. */
enum iommu_start vtd_start(const struct dmar *dmar, const struct pci_tree *tree,
			   const struct acpi_description *acpi);

/* For tests. */
struct vtd_unit *vtd_unit_at(unsigned int index);

extern const struct iommu_kind vtd_kind;

#endif
