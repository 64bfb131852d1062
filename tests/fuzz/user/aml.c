// SPDX-License-Identifier: MIT
/*
 * Firmware's AML, as the platform component runs it: tables are loaded, the machine is switched to
 * ACPI, root bridges are described, link devices set and _PRT read, and the machine goes off.
 * Whatever the AML is, nothing outside of the tables is read, the work and the stack have a bound,
 * and what is learnt of it can be relied upon.
 */
#include "aml.h"

#include "acpi/acpi.h"
#include "drivers/platform/acpi.h"
#include "drivers/platform/pci_config.h"

static struct acpi_description description;
static struct pci_tree tree;

static void check_description(bool usable)
{
	MUST(description.roots && description.roots <= ACPI_ROOTS);
	MUST(description.windows <= ACPI_WINDOWS);
	for (unsigned int i = 0; i < description.roots; i++)
		MUST(description.root[i].bus < 256);
	for (unsigned int i = 0; i < description.windows; i++) {
		const struct acpi_window *window = &description.window[i];

		MUST(usable && window->size);
		MUST(window->base + (window->size - 1) >= window->base);
	}
	MUST(description.taken <= ACPI_TAKEN);
	for (unsigned int i = 0; i < description.taken; i++)
		MUST(description.take[i].first <= description.take[i].last &&
		     description.take[i].last != ~0ull);
}

/* Whoever asks for a line finds one that _PRT or a link names, or none. */
static void check_routes(void)
{
	for (unsigned int i = 0; i < tree.count; i++) {
		struct route route;

		for (uint8_t pin = 0; pin <= 4; pin++) {
			tree.function[i].pin = pin;
			if (acpi_route_find(&tree.function[i], &route))
				MUST(pin);
		}
	}
}

static void check_tree(void)
{
	for (unsigned int i = 0; i < tree.count; i++)
		for (unsigned int j = 0; j < i; j++)
			MUST(tree.function[i].bdf != tree.function[j].bdf);
}

static void start_machine(void)
{
	bool usable = acpi_start(&description);
	struct acpi_ioapics ioapics;

	check_description(usable);
	tree.count = 0;
	for (unsigned int i = 0; i < description.roots; i++)
		pci_tree_scan(&tree, description.root[i].bus);
	check_tree();
	(void)acpi_ioapics(&ioapics);
	acpi_routes(&tree);
	check_routes();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct input input = { bytes, size };
	unsigned int choices = aml_machine_make(&input);

	aml_stack_begin();
	start_machine();
	if (choices & AML_OFF)
		acpi_power_off();
	(void)acpi_terminate();
	aml_machine_forget();
	return 0;
}
