// SPDX-License-Identifier: MIT
/*
 * What the platform component hears from its interpreter, which damaged tables may have turned into
 * anything: requests of all kinds, and results in memory that changes while it is read. Nothing is
 * done to the machine that makes no sense, and what is kept of the results does.
 */
#include "blocks.h"

#include "drivers/platform/hardware.h"
#include "drivers/platform/interpreter.h"
#include "drivers/platform/pci_config.h"
#include "drivers/platform/turn.h"

#define ECAM 0xb0000000
#define ECAM_BYTES 0x100000
#define MOST_REQUESTS 24
#define PD 77
#define LONGEST_PAUSE_NS 2000000000ull

static struct interpreter_area area;
static struct acpi_description description;
static struct pci_tree tree;
static struct input script, changes; /* what is said, and how it changes meanwhile */
static unsigned int lives;
/* pci_config keeps the address of a window. */
static uint8_t ecam[2][ECAM_BYTES];

/* Before each load of the code under test. */
static void change_area(void *address, unsigned int size)
{
	uint8_t *at = address;

	if (!changes.left || at < (uint8_t *)&area || at + size > (uint8_t *)(&area + 1))
		return;
	if (input_byte(&changes) >= 16)
		return;
	for (unsigned int i = 0; i < size; i++)
		at[i] = input_byte(&changes);
}

#define ON_LOAD change_area
#include "loads.h"

void *hardware_map(uint64_t physical, uint64_t size)
{
	for (unsigned int bus = 0; bus < 2; bus++)
		if (physical == ECAM + bus * ECAM_BYTES && size == ECAM_BYTES)
			return ecam[bus];
	return NULL;
}

void hardware_unmap(void *address, uint64_t size)
{
	(void)address;
	(void)size;
}

bool hardware_lend(uint64_t physical, uint64_t size, uint64_t pd, uint64_t at, uint64_t *number)
{
	(void)at;
	MUST(pd == PD);
	*number = physical ^ size;
	return size & 1;
}

void hardware_take_back(uint64_t number)
{
	(void)number;
}

static void check_port(uint16_t port, unsigned int size)
{
	MUST((size == 1 || size == 2 || size == 4) && port + size <= 0x10000);
}

bool hardware_port_read(uint16_t port, unsigned int size, uint32_t *value)
{
	check_port(port, size);
	*value = 0x5a5a5a5a;
	return port & 1;
}

bool hardware_port_write(uint16_t port, unsigned int size, uint32_t value)
{
	(void)value;
	check_port(port, size);
	return true;
}

void turn_pause(uint64_t nanoseconds)
{
	MUST(nanoseconds <= LONGEST_PAUSE_NS);
}

void hardware_log(const char *format, ...)
{
	(void)format;
}

/* One line, whoever it pretends to be from. */
void hardware_log_for(const char *source, const char *format, ...)
{
	char line[1024];
	va_list arguments;

	(void)source;
	va_start(arguments, format);
	MUST(vsnprintf(line, sizeof(line), format, arguments) < (int)sizeof(line));
	va_end(arguments);
	for (const char *at = line; *at; at++)
		MUST(*at >= ' ' && *at <= '~');
	MUST(!strncmp(line, "ACPI: ", 6));
}

struct interpreter_area *interpreter_area(void)
{
	return lives ? &area : NULL;
}

static void ask(void)
{
	struct interpreter_message request;
	char line[INTERPRETER_LINE_BYTES];
	purlin_u64 value = 0;

	area.request.operation = input_choice(&script, INTERPRETER_LOG + 2);
	for (unsigned int i = 0; i < 4; i++)
		area.request.word[i] = input_number(&script);
	/* Configuration space that is there, more often than not. */
	if (area.request.operation == INTERPRETER_CONFIG_READ ||
	    area.request.operation == INTERPRETER_CONFIG_WRITE)
		area.request.word[0] &= 0x1ff;
	if (area.request.operation == INTERPRETER_LOG)
		input_fill(&script, area.line, input_choice(&script, 64));
	interpreter_copy(&request, &area.request, sizeof(request));
	interpreter_copy(line, area.line, sizeof(line));
	line[sizeof(line) - 1] = (char)input_byte(&script);
	(void)interpreter_serve(&request, PD, line, &value);
}

static bool die(void)
{
	if (input_choice(&script, 16) != 1)
		return false;
	lives--;
	return true;
}

bool interpreter_run(const struct interpreter_message *command, purlin_u64 *result)
{
	unsigned int requests = input_choice(&script, MOST_REQUESTS);

	MUST(lives && command->operation <= INTERPRETER_RESET);
	for (unsigned int i = 0; i < requests; i++)
		ask();
	input_fill(&script, &area.data, input_bytes(&script, 2) % 2048);
	*result = input_number(&script);
	return !die();
}

bool interpreter_start(purlin_u64 *usable)
{
	struct interpreter_message start = { INTERPRETER_START, { 0 } };

	lives = INTERPRETER_LEVELS;
	while (lives)
		if (interpreter_run(&start, usable))
			return true;
	return false;
}

static void check_description(bool usable)
{
	MUST(description.roots && description.roots <= ACPI_ROOTS);
	MUST(description.windows <= ACPI_WINDOWS && (usable || !description.windows));
	for (unsigned int i = 0; i < description.roots; i++)
		MUST(description.root[i].bus < 256);
	for (unsigned int i = 0; i < description.windows; i++) {
		const struct acpi_window *window = &description.window[i];

		MUST(window->size && window->base + (window->size - 1) >= window->base);
	}
	MUST(description.taken <= ACPI_TAKEN);
	for (unsigned int i = 0; i < description.taken; i++)
		MUST(description.take[i].first <= description.take[i].last &&
		     description.take[i].last != ~0ull);
}

static void check_routes(void)
{
	struct route route;

	MUST(acpi_found.count <= ACPI_ROUTES);
	for (unsigned int i = 0; i < acpi_found.count; i++)
		MUST(acpi_found.entry[i].pin <= 3 && acpi_found.entry[i].slot < 32);
	for (unsigned int i = 0; i < tree.count; i++)
		(void)acpi_route_find(&tree.function[i], &route);
}

/* In memory of exactly that size. */
static void read_table(void)
{
	size_t bytes = input_bytes(&script, 2), length;
	uint8_t *copy = malloc(bytes + !bytes);

	length = acpi_table("DMAR", copy, bytes);
	MUST(length <= bytes);
	(void)touch(copy, length);
	free(copy);
}

static void make_tree(void)
{
	tree.count = 3;
	tree.function[0] = (struct pci_function){ .bdf = 8, .bridge = true, .secondary = 1 };
	tree.function[1] = (struct pci_function){ .bdf = 16, .pin = 1 };
	tree.function[2] =
		(struct pci_function){ .bdf = 0x118, .pin = 4, .parent = &tree.function[0] };
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct acpi_ioapics ioapics;
	size_t half = size / 2;
	bool usable;

	script = (struct input){ bytes, size - half };
	changes = (struct input){ bytes + (size - half), half };
	memset(&area, 0, sizeof(area));
	for (unsigned int bus = 0; bus < 2; bus++)
		pci_config_use_ecam(ECAM, bus, bus);
	make_tree();
	usable = acpi_start(&description);
	check_description(usable);
	read_table();
	(void)acpi_ioapics(&ioapics);
	acpi_routes(&tree);
	check_routes();
	acpi_power_off();
	return 0;
}
