/* SPDX-License-Identifier: MIT */
/*
 * Errors that functions report. Firmware may have made them system errors, which reach the
 * processors as an NMI: then any device could stop the machine (PCI Express 5.0, 6.2.6). So no
 * function reports any (pci_tree.c), and no bridge passes one on, until a root port hears of them
 * in another way (port_errors.h).
 *
 * Nor does a port take its link down when it hears of an error (Downstream Port
 * Containment, 6.2.10): the owners of what is behind it are told, and stay in charge.
 *
 * Nor does a bridge pass the legacy ranges of VGA on: these are no BAR, so nobody has them, and
 * two graphics cards with different owners would both answer there (PCI-to-PCI Bridge 1.2, 12.1).
 */
#ifndef PLATFORM_PCI_ERRORS_H
#define PLATFORM_PCI_ERRORS_H

#include <stdint.h>

/* root_port: where its PCI Express capability is, if the bridge is one; else 0. */
void pci_errors_quiet(uint16_t bridge, unsigned int root_port);

/*
 * For bridges with a PCI Express capability. A port that takes its link down by itself, and tells
 * firmware of it, would take devices from their owners without a word. What it took down before
 * this comes up again.
 */
void pci_errors_contain_nothing(uint16_t bridge);

#endif
