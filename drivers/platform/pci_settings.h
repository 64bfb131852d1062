/* SPDX-License-Identifier: MIT */
/* What the registers of functions are meant to hold, known to all lives of this component. */
#ifndef PLATFORM_PCI_SETTINGS_H
#define PLATFORM_PCI_SETTINGS_H

#include "pci_function.h"

/*
 * What a function's registers are meant to hold, in memory that outlives this component: it may die
 * while it sizes or resets the function, or between the two halves of an address.
 */
struct pci_settings {
	uint32_t id; /* 0: none. Written last, so that one that is there is whole. */
	uint16_t bdf;
	uint16_t pcie_control;
	uint32_t has_pcie_control;
	uint32_t bar[PCI_BARS];
	uint32_t rom;
	uint32_t size[PCI_BARS]; /* of BARs whose size can be chosen */
};
_Static_assert(sizeof(struct pci_settings) == 64, "as descriptions count it");

/*
 * The room for that, all zeros in the first life. From now on, what is found first counts; later
 * lives write it again before they look. Without room, what a life finds counts.
 */
void pci_settings_keep(struct pci_settings *room, unsigned int count);
/* A card that has gone. */
void pci_settings_forget(const struct pci_function *function);
/* Now it is meant to be where its BARs say. */
void pci_settings_note(const struct pci_function *function);
/*
 * Before its registers are written for the first time in a life: note them, or write what was
 * noted. Decoding is off.
 */
void pci_settings_settle(const struct pci_function *function);
/* The value for its PCI Express device control, `found` in the first life. */
uint32_t pci_settings_control(const struct pci_function *function, uint32_t found);

#endif
