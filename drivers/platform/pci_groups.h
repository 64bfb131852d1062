/* SPDX-License-Identifier: MIT */
/*
 * Groups of functions that can reach each other without an IOMMU between them, because a switch or
 * a device passes writes of one on to registers of the other. So a group belongs to one session.
 * Access Control Services (PCI Express 5.0, 6.12) send all such requests up to the IOMMU; they are
 * switched on wherever there are any.
 *
 * Root ports, and what is integrated in the root complex, are taken to be apart from each other if
 * they are different devices: what passes between those passes the IOMMU.
 */
#ifndef PLATFORM_PCI_GROUPS_H
#define PLATFORM_PCI_GROUPS_H

#include "pci_tree.h"

/* Form the groups, once the tree is whole and aliases are known. */
void pci_groups_form(struct pci_tree *tree);

/* Form the groups anew after functions behind the port have come or gone. */
void pci_groups_change(struct pci_tree *tree, struct pci_function *port);

/*
 * Another function of the same group that a session other than `but` has, or that may still reach
 * somebody's memory; NULL: there is none.
 */
const struct pci_function *pci_group_holder(const struct pci_tree *tree,
					    const struct pci_function *function, const void *but);

#endif
