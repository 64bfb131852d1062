/* SPDX-License-Identifier: MIT */
/* Addresses for BARs of functions that come at run time, have lost theirs, or share a page. */
#ifndef PLATFORM_BAR_PLACE_H
#define PLATFORM_BAR_PLACE_H

#include "pci_state.h"

/*
 * Give each BAR of all functions behind the port a free place in the windows of the bridge above
 * it. Memory BARs share no page with others. Bridges on the way get windows that hold just these
 * BARs. A BAR that finds no room has no address afterwards, and the log says so. What the registers
 * held before does not count.
 */
void bars_place(struct pci_server *server, const struct pci_function *port);

/*
 * The same for each function of which no BAR has an address, in the windows of the bridge above it
 * or of the root bridge: the component before this one died while it reset the function, and only
 * that one knew its addresses (pci_settings.h: where nothing is kept for the next life).
 */
void bars_place_lost(struct pci_server *server);

/*
 * The function's new owner maps whole pages. So a BAR smaller than a page that shares its page with
 * registers of functions that others own, or nobody does, moves to a free one in the windows above
 * the function. Where there is none it stays, and cannot be mapped (bar_requests.h). For functions
 * whose owner has not seen them yet.
 */
void bars_part(struct pci_server *server, struct pci_function *function);

#endif
