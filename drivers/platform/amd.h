/* SPDX-License-Identifier: MIT */
/* The IOMMUs of a machine of AMD's kind. */
#ifndef PLATFORM_AMD_H
#define PLATFORM_AMD_H

#include "amd_unit.h"
#include "dma_translated.h"
#include "ivrs.h"

/*
 * As iommu_start; ivrs has to stay where it is, too. Functions in the tree get the numbers that the
 * IOMMU knows them by.
 */
enum iommu_start amd_start(const struct ivrs *ivrs, struct pci_tree *tree,
			   const struct acpi_description *acpi);

/* What the files of this kind share. Called with the turn taken, or before there are threads. */
struct amd_state {
	const struct ivrs *ivrs;
	struct pci_tree *tree;
	struct amd_unit unit[IVRS_UNITS];
};

extern struct amd_state amd;

extern const struct iommu_kind amd_kind;

#endif
