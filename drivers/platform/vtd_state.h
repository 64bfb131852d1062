/* SPDX-License-Identifier: MIT */
/* What the files of VT-d share. Called with the turn taken, or before there are threads. */
#ifndef PLATFORM_VTD_STATE_H
#define PLATFORM_VTD_STATE_H

#include "dmar.h"
#include "vtd_unit.h"

struct vtd_state {
	const struct dmar *dmar;
	const struct pci_tree *tree;
	struct vtd_unit unit[DMAR_UNITS];
};

extern struct vtd_state vtd;

#endif
