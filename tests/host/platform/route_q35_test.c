/* SPDX-License-Identifier: MIT */
/* ACPI tables, enumeration and INTx routing of QEMU's q35, from a dump. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "drivers/platform/acpi.h"
#include "drivers/platform/pci_config.h"
#include "route_machine.h"

static int start_machine(void **state)
{
	(void)state;
	return route_machine_start("q35");
}

static void q35_functions_behind_bridges(void **state)
{
	struct pci_function *edu = NULL;

	(void)state;
	assert_int_equal(description.roots, 1);
	for (unsigned int i = 0; i < tree.count; i++)
		if (tree.function[i].vendor == 0x1234 && tree.function[i].device == 0x11e8)
			edu = &tree.function[i];
	if (!edu || !edu->parent || !edu->parent->parent) {
		fail_msg("no edu device behind two bridges");
		return;
	}
	assert_null(edu->parent->parent->parent);
	assert_int_equal(PCI_SLOT(edu->bdf), 3);
	assert_int_equal(PCI_BUS(edu->bdf), edu->parent->secondary);
}

static void q35_functions_of_a_device_differ(void **state)
{
	struct pci_function *companion = pci_tree_find(&tree, PCI_BDF(0, 29, 0));
	struct pci_function *ehci = pci_tree_find(&tree, PCI_BDF(0, 29, 7));

	(void)state;
	assert_non_null(companion);
	assert_non_null(ehci);
	assert_int_equal(companion->class_revision >> 8, 0x0c0300);
	assert_int_equal(ehci->class_revision >> 8, 0x0c0320);
}

/* In APIC mode q35 routes slot s, pin p to GSI 16 + ... (fixed links GSIA..GSIH), level, high. */
static void q35_routes_to_io_apic(void **state)
{
	struct pci_function function = { .bdf = PCI_BDF(0, 3, 0), .pin = 1 };
	struct route first, second;

	(void)state;
	assert_true(acpi_route_find(&function, &first));
	assert_in_range(first.gsi, 16, 23);
	assert_true(first.level);
	function.pin = 2;
	assert_true(acpi_route_find(&function, &second));
	assert_int_equal(second.gsi, 16 + (first.gsi + 1 - 16) % 4 + (first.gsi - 16) / 4 * 4);
}

/* PCI-to-PCI Bridge 1.2, table 9-1, twice. */
static void q35_swizzles_through_bridges(void **state)
{
	struct pci_function root = { .bdf = PCI_BDF(0, 3, 0), .bridge = true };
	struct pci_function bridge = { .bdf = PCI_BDF(7, 2, 0), .bridge = true, .parent = &root };
	struct pci_function device = { .bdf = PCI_BDF(8, 3, 0), .pin = 4, .parent = &bridge };
	struct pci_function same = { .bdf = PCI_BDF(0, 3, 0), .pin = 1 };
	struct route through, direct;

	(void)state;
	/* INTD of slot 3: INTC at the bridge, slot 2: INTA at the root port. */
	assert_true(acpi_route_find(&device, &through));
	assert_true(acpi_route_find(&same, &direct));
	assert_int_equal(through.gsi, direct.gsi);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(q35_functions_behind_bridges),
		cmocka_unit_test(q35_functions_of_a_device_differ),
		cmocka_unit_test(q35_routes_to_io_apic),
		cmocka_unit_test(q35_swizzles_through_bridges),
		cmocka_unit_test(functions_without_pin_have_no_route),
		cmocka_unit_test(windows_are_told),
	};

	return cmocka_run_group_tests(tests, start_machine, NULL);
}
