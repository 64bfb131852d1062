/* SPDX-License-Identifier: MIT */
/* acpi.h, as the interpreter finds it out. Whatever that says, the answers here make sense. */
#include <string.h>

#include "acpi.h"
#include "hardware.h"
#include "interpreter.h"

/* By one that reads less, if there is none left that reads more. */
static bool run(enum interpreter_command operation, purlin_u64 word, purlin_u64 *result)
{
	struct interpreter_message command = { operation, { word } };

	/* Each failure ends an interpreter, and there are few levels: the loop is short. */
	while (interpreter_area())
		if (interpreter_run(&command, result))
			return true;
	return false;
}

static purlin_u64 read_word(const purlin_u64 *at)
{
	purlin_u64 word;

	interpreter_copy(&word, at, sizeof(word));
	return word;
}

static void read_windows(struct acpi_description *description,
			 const struct interpreter_description *said)
{
	purlin_u64 count = read_word(&said->windows), word[4];

	for (purlin_u64 i = 0; i < count && i < ACPI_WINDOWS; i++) {
		interpreter_copy(word, &said->window[i], sizeof(word));
		/*
		 * Sums of these are formed everywhere; here is where one that wraps is kept out.
		 */
		if (!word[1] || word[0] + (word[1] - 1) < word[0])
			continue;
		description->window[description->windows++] =
			(struct acpi_window){ word[0], word[1], word[2] != 0, word[3] != 0 };
	}
}

static void read_taken(struct acpi_description *description,
		       const struct interpreter_description *said)
{
	purlin_u64 count = read_word(&said->taken), word[3];

	for (purlin_u64 i = 0; i < count && i < ACPI_TAKEN; i++) {
		interpreter_copy(word, &said->take[i], sizeof(word));
		/* Places are searched upwards, past what is taken: the last address has none. */
		if (word[1] >= word[0] && word[1] != ~0ull)
			description->take[description->taken++] =
				(struct acpi_range){ word[0], word[1], word[2] != 0 };
	}
}

static void read_roots(struct acpi_description *description,
		       const struct interpreter_description *said)
{
	purlin_u64 count = read_word(&said->roots);

	for (purlin_u64 i = 0; i < count && i < ACPI_ROOTS; i++) {
		purlin_u64 bus = read_word(&said->root[i]);

		/* Buses are indices of tables. */
		if (bus < 256)
			description->root[description->roots++].bus = (unsigned int)bus;
	}
}

bool acpi_start(struct acpi_description *description)
{
	purlin_u64 usable = 0;
	bool running = interpreter_start(&usable);

	*description = (struct acpi_description){ .roots = 0 };
	if (running && usable) {
		const struct interpreter_area *area = interpreter_area();

		read_roots(description, &area->data.description);
		read_windows(description, &area->data.description);
		read_taken(description, &area->data.description);
		description->native_slots = read_word(&area->data.description.native_slots) != 0;
		description->native_errors = read_word(&area->data.description.native_errors) != 0;
		if (description->roots)
			return true;
	}
	*description = (struct acpi_description){ .roots = 1 }; /* bus 0 */
	return false;
}

static unsigned int put_bridges(const struct pci_tree *tree, struct interpreter_bridge *bridge)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < tree->count; i++)
		if (tree->function[i].bridge)
			bridge[count++] =
				(struct interpreter_bridge){ tree->function[i].bdf,
							     tree->function[i].secondary };
	return count;
}

/* Copied whole, so that what is checked is what is kept. */
static void read_routes(const struct interpreter_routes *said)
{
	static struct interpreter_routes copy;

	interpreter_copy(&copy, said, sizeof(copy));
	for (unsigned int i = 0; i < copy.count && i < ACPI_ROUTES; i++) {
		/* A GSI may be any number: core and the kernel know which lines there are. */
		if (copy.route[i].pin > 3 || copy.route[i].slot > 31)
			continue;
		acpi_found.entry[acpi_found.count].bus = copy.route[i].bus;
		acpi_found.entry[acpi_found.count].slot = copy.route[i].slot;
		acpi_found.entry[acpi_found.count].pin = copy.route[i].pin;
		acpi_found.entry[acpi_found.count++].route =
			(struct route){ copy.route[i].gsi, copy.route[i].level != 0,
					copy.route[i].active_low != 0 };
	}
	for (unsigned int i = 0; i < 256; i++)
		acpi_found.bus_has_table[i] = copy.bus_has_table[i] != 0;
}

void acpi_routes(struct pci_tree *tree)
{
	struct interpreter_message command = { INTERPRETER_ROUTES, { 0 } };
	purlin_u64 result;

	memset(&acpi_found, 0, sizeof(acpi_found));
	while (interpreter_area()) {
		command.word[0] = put_bridges(tree, interpreter_area()->data.bridge);
		if (!interpreter_run(&command, &result))
			continue;
		read_routes(&interpreter_area()->data.routes);
		return;
	}
}

size_t acpi_table(const char *signature, void *copy, size_t bytes)
{
	purlin_u64 name = 0, length;

	memcpy(&name, signature, 4);
	/* The reader checks the table's contents; here only that it lies in the area. */
	if (!run(INTERPRETER_TABLE, name, &length) || length > bytes ||
	    length > INTERPRETER_TABLE_BYTES)
		return 0;
	memcpy(copy, interpreter_area()->data.table, length);
	return length;
}

void acpi_power_off(void)
{
	purlin_u64 result;

	(void)run(INTERPRETER_POWER_OFF, 0, &result);
}

void acpi_reset_machine(void)
{
	purlin_u64 result;

	(void)run(INTERPRETER_RESET, 0, &result);
}
