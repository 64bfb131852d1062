/* SPDX-License-Identifier: MIT */
/* The functions found on the PCI buses of this machine, in bus order. */
#ifndef PLATFORM_PCI_TREE_H
#define PLATFORM_PCI_TREE_H

#include "pci_function.h"

#define PCI_TREE_FUNCTIONS 256

struct pci_tree {
	unsigned int count;
	struct pci_function function[PCI_TREE_FUNCTIONS];
};

/*
 * Add what a root bus and the buses behind its bridges hold. Every function is
 * left with bus mastering off and INTx disabled; BAR sizes are read with
 * decoding off. What is kept here is believed from then on: nothing that decides
 * about addresses is read from a device again.
 */
void pci_tree_scan(struct pci_tree *tree, unsigned int root_bus);

/*
 * Add the card that has come into the slot behind a port and was powered on. Bridges on it get bus
 * numbers out of those that the port has, and the functions behind them are added, too; a bridge
 * for which no number is left passes nothing on.
 */
void pci_tree_add_behind(struct pci_tree *tree, struct pci_function *port);
/* Remove a function that has gone and that nobody has. */
void pci_tree_remove(struct pci_function *function);

struct pci_function *pci_tree_find(struct pci_tree *tree, uint16_t bdf);
struct pci_function *pci_tree_bridge_of(struct pci_tree *tree, unsigned int bus);

#endif
