/* SPDX-License-Identifier: MIT */
/* Where a function's interrupt pin leads, by what _PRT of all bridges said. */
#include "acpi.h"
#include "pci_config.h"

struct acpi_routes acpi_found;

static bool look_up(unsigned int bus, unsigned int slot, unsigned int pin, struct route *route)
{
	for (unsigned int i = 0; i < acpi_found.count; i++) {
		if (acpi_found.entry[i].bus != bus || acpi_found.entry[i].slot != slot ||
		    acpi_found.entry[i].pin != pin)
			continue;
		*route = acpi_found.entry[i].route;
		return true;
	}
	return false;
}

bool acpi_route_find(const struct pci_function *function, struct route *route)
{
	unsigned int pin = function->pin;

	if (!pin)
		return false;
	pin--;
	while (function) {
		unsigned int bus = PCI_BUS(function->bdf), slot = PCI_SLOT(function->bdf);

		/*
		 * A bridge without a table of its own passes the pins on, turned by the device
		 * number (PCI-to-PCI Bridge 1.2, 9.1).
		 */
		if (acpi_found.bus_has_table[bus])
			return look_up(bus, slot, pin, route);
		pin = (pin + slot) & 3;
		function = function->parent;
	}
	return false;
}
