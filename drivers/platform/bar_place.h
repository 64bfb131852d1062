/* SPDX-License-Identifier: MIT */
/* Addresses for BARs of functions that come at run time. */
#ifndef PLATFORM_BAR_PLACE_H
#define PLATFORM_BAR_PLACE_H

#include "pci_state.h"

/*
 * Give each BAR of the function a place in the windows of the bridge above, or of the root bridge,
 * where nothing else is; pages of memory are shared with nobody. One that finds no room has no
 * address afterwards, and the log says so. What the registers held before does not count.
 */
void bars_place(const struct pci_server *server, struct pci_function *function);

#endif
