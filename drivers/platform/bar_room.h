/* SPDX-License-Identifier: MIT */
/* Where a BAR may lie, and where there is room for it. */
#ifndef PLATFORM_BAR_ROOM_H
#define PLATFORM_BAR_ROOM_H

#include "pci_state.h"

/* Empty if last is below first. */
struct bar_window {
	uint64_t first;
	uint64_t last;
	bool ports;
	bool prefetchable;
};

#define BAR_WINDOWS_ABOVE (ACPI_WINDOWS > PCI_BRIDGE_WINDOWS ? ACPI_WINDOWS : PCI_BRIDGE_WINDOWS)

/* What the bridge passes on: PCI_BRIDGE_WINDOWS windows, by their PCI_WINDOW_*. */
void bar_windows_of(const struct pci_function *bridge, struct bar_window *window);

/* Those of the bridge above the function, or of the root: how many, BAR_WINDOWS_ABOVE at most. */
unsigned int bar_windows_above(const struct acpi_description *acpi,
			       const struct pci_function *function, struct bar_window *window);

/* Bytes or ports that it takes: memory in whole pages, since that is what an owner maps. */
uint64_t bar_unit(const struct pci_bar *bar);

/*
 * Gives a BAR of the function that has no address the first place in the windows that is free, and
 * that neither the board uses itself nor memory, and logs if there is none. The register is not
 * written.
 */
void bar_find_room(const struct pci_server *server, struct pci_function *function,
		   struct pci_bar *bar, const struct bar_window *window, unsigned int windows);

#endif
