/* SPDX-License-Identifier: MIT */
/* Base address registers, and the expansion ROM, as they are found. */
#ifndef PLATFORM_PCI_BARS_H
#define PLATFORM_PCI_BARS_H

#include "pci_function.h"

/*
 * Find where the BARs are and how large they are. command: what the function's command register is
 * to hold afterwards.
 */
void pci_bars_read(struct pci_function *function, uint32_t command);

/* How many registers there may be, and where the ROM's is. */
unsigned int pci_bar_registers(const struct pci_function *function);
unsigned int pci_rom_offset(const struct pci_function *function);
/* How many BARs have a size that can be chosen; offset: of that capability, or 0. */
unsigned int pci_bar_sizes(uint16_t bdf, unsigned int offset);

/* Set BARs whose size can be chosen to the sizes that firmware chose. */
void pci_bar_sizes_read(struct pci_function *function);

/*
 * Is there such a BAR, and does the function decode it? Not if firmware gave this one or another
 * of its kind no address: decoding is switched for all of a kind. The ROM has a switch of its own
 * and blocks no other device.
 */
bool pci_bar_usable(const struct pci_function *function, unsigned int index);

#endif
