/* SPDX-License-Identifier: MIT */
/* What the tests of routing share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "machine.h"
#include "route_machine.h"

struct acpi_description description;
struct pci_tree tree;

int route_machine_start(const char *name)
{
	if (!machine_load(name) || !acpi_start(&description))
		return -1;
	for (unsigned int i = 0; i < description.roots; i++)
		pci_tree_scan(&tree, description.root[i].bus);
	acpi_routes(&tree);
	return 0;
}

void functions_without_pin_have_no_route(void **state)
{
	struct pci_function function = { .bdf = PCI_BDF(0, 3, 0), .pin = 0 };
	struct route route;

	(void)state;
	assert_false(acpi_route_find(&function, &route));
}

void windows_are_told(void **state)
{
	bool memory = false, ports = false;

	(void)state;
	for (unsigned int i = 0; i < description.windows; i++) {
		memory |= !description.window[i].ports && description.window[i].size > 0x100000;
		ports |= description.window[i].ports;
	}
	assert_true(memory);
	assert_true(ports);
}
