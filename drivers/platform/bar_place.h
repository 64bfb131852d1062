/* SPDX-License-Identifier: MIT */
/* Addresses for BARs of functions that come at run time. */
#ifndef PLATFORM_BAR_PLACE_H
#define PLATFORM_BAR_PLACE_H

#include "pci_state.h"

/*
 * Give each BAR of all that is behind the port a place in the windows of the bridge above it, where
 * nothing else is; pages of memory are shared with nobody. Bridges on the way get windows that hold
 * just that. What finds no room has no address afterwards, and the log says so. What the registers
 * held before does not count.
 */
void bars_place(struct pci_server *server, const struct pci_function *port);

#endif
