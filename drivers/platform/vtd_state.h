/* SPDX-License-Identifier: MIT */
/* What the files of VT-d's domain type share. With the turn taken, or before there are threads. */
#ifndef PLATFORM_VTD_STATE_H
#define PLATFORM_VTD_STATE_H

#include "dma_tables.h"
#include "dmar.h"
#include "vtd_unit.h"

#define VTD_DOMAIN_NUMBERS 4096 /* 0 is left out, as units that cache absent entries want it */

struct vtd_state {
	const struct dmar *dmar;
	const struct pci_tree *tree;
	struct vtd_unit unit[DMAR_UNITS];
	struct dma_tables common; /* what all units can do */
	bool caches_absent;	  /* one of them does */
	unsigned int limit;	  /* of domains' numbers */
	uint64_t used[VTD_DOMAIN_NUMBERS / 64];
};

extern struct vtd_state vtd;

#endif
