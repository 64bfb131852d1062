/* SPDX-License-Identifier: MIT */
/* The interpreter: carries out what the platform component tells it to (interpreter.h). */
#include "asking.h"
#include "runtime/component.h"
#include "tables.h"

static purlin_u64 tell_description(const struct acpi_description *description, bool usable)
{
	struct interpreter_description *to = &AREA->data.description;

	to->roots = description->roots;
	for (unsigned int i = 0; i < description->roots; i++)
		to->root[i] = description->root[i].bus;
	to->native_slots = description->native_slots;
	to->native_errors = description->native_errors;
	to->windows = description->windows;
	for (unsigned int i = 0; i < description->windows; i++) {
		const struct acpi_window *window = &description->window[i];

		to->window[i].base = window->base;
		to->window[i].size = window->size;
		to->window[i].ports = window->ports;
		to->window[i].prefetchable = window->prefetchable;
	}
	to->taken = description->taken;
	for (unsigned int i = 0; i < description->taken; i++) {
		to->take[i].first = description->take[i].first;
		to->take[i].last = description->take[i].last;
		to->take[i].ports = description->take[i].ports;
	}
	return usable;
}

static purlin_u64 start(const struct interpreter_message *command)
{
	static struct acpi_description description;

	clock_start(command->word[1], command->word[2]);
	/* Without AML the tables can still be handed out, of which the IOMMU's is one. */
	if (command->word[0] == INTERPRETER_NO_AML)
		return acpi_start_tables() && false;
	if (command->word[0] == INTERPRETER_DSDT)
		acpi_leave_supplements();
	return tell_description(&description, acpi_start(&description));
}

static void tell_routes(struct interpreter_routes *to)
{
	to->count = acpi_found.count;
	for (unsigned int i = 0; i < acpi_found.count; i++) {
		const struct route *route = &acpi_found.entry[i].route;

		to->route[i].bus = acpi_found.entry[i].bus;
		to->route[i].slot = acpi_found.entry[i].slot;
		to->route[i].pin = acpi_found.entry[i].pin;
		to->route[i].gsi = route->gsi;
		to->route[i].level = route->level;
		to->route[i].active_low = route->active_low;
	}
	for (unsigned int i = 0; i < 256; i++)
		to->bus_has_table[i] = acpi_found.bus_has_table[i];
}

/* Of the tree it takes what _PRT needs: which functions are bridges, and where they lead. */
static purlin_u64 find_routes(purlin_u64 bridges)
{
	static struct pci_tree tree;

	tree.count = (unsigned int)bridges;
	for (unsigned int i = 0; i < tree.count; i++)
		tree.function[i] =
			(struct pci_function){ .bdf = AREA->data.bridge[i].bdf,
					       .bridge = true,
					       .secondary = AREA->data.bridge[i].secondary };
	acpi_routes(&tree);
	tell_routes(&AREA->data.routes);
	return 0;
}

static purlin_u64 carry_out(const struct interpreter_message *command)
{
	switch (command->operation) {
	case INTERPRETER_START:
		return start(command);
	case INTERPRETER_ROUTES:
		return find_routes(command->word[0]);
	case INTERPRETER_TABLE:
		return acpi_table((const char *)&command->word[0], AREA->data.table,
				  INTERPRETER_TABLE_BYTES);
	case INTERPRETER_POWER_OFF:
		acpi_power_off();
		return 0;
	default:
		acpi_reset_machine();
		return 0;
	}
}

int component_main(purlin_u64 argument)
{
	struct interpreter_message command = first_command();

	(void)argument;
	for (;;)
		command = next_command(carry_out(&command));
}
