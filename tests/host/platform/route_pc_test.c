/* SPDX-License-Identifier: MIT */
/* ACPI tables, enumeration and INTx routing of QEMU's pc, from a dump. */
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
	return route_machine_start("pc");
}

/*
 * pc routes through the PIIX3's router, slot 4 by links D, A, B, C; what firmware chose
 * for A to D (10, 10, 11, 11) stays.
 */
static void pc_routes_through_links(void **state)
{
	static const uint32_t expected[4] = { 11, 10, 10, 11 };

	(void)state;
	for (unsigned int pin = 1; pin <= 4; pin++) {
		struct pci_function function = { .bdf = PCI_BDF(0, 4, 0), .pin = (uint8_t)pin };
		struct route route;

		assert_true(acpi_route_find(&function, &route));
		assert_true(route.level);
		assert_false(route.active_low);
		assert_int_equal(route.gsi, expected[pin - 1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pc_routes_through_links),
		cmocka_unit_test(functions_without_pin_have_no_route),
		cmocka_unit_test(windows_are_told),
	};

	return cmocka_run_group_tests(tests, start_machine, NULL);
}
