/* SPDX-License-Identifier: MIT */
/* Resets of a function, in one of the ways that it offers. */
#ifndef PLATFORM_DEVICE_RESET_H
#define PLATFORM_DEVICE_RESET_H

#include "pci_tree.h"

bool reset_possible(const struct pci_function *function);

/*
 * Reset the function, wait until it answers again and restore what firmware had set. False: there
 * is no way. Bus mastering is off, and reset_drain was called.
 */
bool reset_function(const struct pci_function *function);

/*
 * Restore BARs with their sizes and, for PCI Express, the control register with its payload size;
 * error reports stay off.
 */
void reset_restore(const struct pci_function *function);

/*
 * Bus mastering was switched off: wait until none of the function's requests is under way any more.
 */
void reset_drain(const struct pci_function *function);

/*
 * The same for all functions, so that whatever an earlier life of this component let them do has
 * ended.
 */
void reset_drain_all(const struct pci_tree *tree);

/* Note of each function which ways there are to reset it, for those who look. */
void reset_note_all(struct pci_tree *tree);

#endif
