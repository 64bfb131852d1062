/* SPDX-License-Identifier: MIT */
/* Base address registers, and the expansion ROM, as they are found. */
#ifndef PLATFORM_PCI_BARS_H
#define PLATFORM_PCI_BARS_H

#include "pci_function.h"

/* Where and how large they are. command: what the function's register is to hold afterwards. */
void pci_bars_read(struct pci_function *function, uint32_t command);

/* The sizes that firmware chose, where they can be chosen. */
void pci_bar_sizes_read(struct pci_function *function);

/*
 * Is there such a BAR, and does the function decode it? Not if firmware gave this one or another
 * of its kind no address: decoding is switched for all of a kind. The ROM has a switch of its own
 * and blocks no other device.
 */
bool pci_bar_usable(const struct pci_function *function, unsigned int index);

#endif
