/* SPDX-License-Identifier: MIT */
/* hardware.h, pci_config.h and turn.h for ACPICA: by asking the platform component. */
#include "asking.h"

#include <stdio.h>
#include <string.h>

#include "hardware.h"
#include "pci_config.h"
#include "purlin/calls.h"
#include "runtime/addresses.h"
#include "runtime/arch/processor.h"
#include "runtime/memory.h"
#include "turn.h"

#define MAPPINGS 256
#define PAGE PURLIN_PAGE_SIZE

static struct {
	purlin_u64 address; /* of the first page; 0: free */
	purlin_u64 number;
} mappings[MAPPINGS];
static purlin_u64 hz = 1000000000, root_pointer;
/* What is printed comes in pieces. */
static char line[INTERPRETER_LINE_BYTES];
static size_t line_length;

static void await_answer(void)
{
	purlin_u64 bits = 0;

	while (!bits && !purlin_signal_wait(INTERPRETER_ANSWERS, &bits))
		;
}

static purlin_s64 ask(enum interpreter_request operation, purlin_u64 a, purlin_u64 b, purlin_u64 c,
		      purlin_u64 d)
{
	/* One request at a time, so that one area for it is enough. */
	AREA->request = (struct interpreter_message){ operation, { a, b, c, d } };
	purlin_signal_notify(INTERPRETER_ASKS, INTERPRETER_ASKED);
	await_answer();
	return AREA->status;
}

struct interpreter_message first_command(void)
{
	await_answer();
	return AREA->command;
}

struct interpreter_message next_command(purlin_u64 result)
{
	(void)ask(INTERPRETER_DONE, result, 0, 0, 0);
	return AREA->command;
}

void clock_start(purlin_u64 tsc_hz, purlin_u64 rsdp)
{
	hz = tsc_hz;
	root_pointer = rsdp;
}

void *hardware_map(uint64_t physical, uint64_t size)
{
	unsigned int i = 0;
	purlin_u64 offset = physical % PAGE;

	while (i < MAPPINGS && mappings[i].address)
		i++;
	if (i == MAPPINGS || !size || offset + size < size)
		return NULL;
	/*
	 * This side chooses the address, since only it knows what is free in its address space.
	 */
	mappings[i].address = addresses_reserve(PAGES_OF(offset + size), PAGE);
	if (!mappings[i].address)
		return NULL;
	if (ask(INTERPRETER_MAP, physical, size, mappings[i].address, 0)) {
		addresses_release(mappings[i].address);
		mappings[i].address = 0;
		return NULL;
	}
	mappings[i].number = AREA->value;
	return (char *)mappings[i].address + offset;
}

void hardware_unmap(void *address, uint64_t size)
{
	purlin_u64 page = (purlin_u64)address / PAGE * PAGE;

	(void)size;
	for (unsigned int i = 0; i < MAPPINGS; i++) {
		if (!page || mappings[i].address != page)
			continue;
		(void)ask(INTERPRETER_UNMAP, mappings[i].number, 0, 0, 0);
		addresses_release(page);
		mappings[i].address = 0;
		return;
	}
}

bool hardware_port_read(uint16_t port, unsigned int size, uint32_t *value)
{
	bool done = !ask(INTERPRETER_PORT_READ, port, size, 0, 0);

	/* As a bus answers where nobody is: AML goes on with that as on any machine. */
	*value = done ? (uint32_t)AREA->value : 0xffffffffu >> (32 - size * 8);
	return done;
}

bool hardware_port_write(uint16_t port, unsigned int size, uint32_t value)
{
	return !ask(INTERPRETER_PORT_WRITE, port, size, value, 0);
}

void pci_config_use_ecam(uint64_t base, unsigned int first_bus, unsigned int last_bus)
{
	(void)ask(INTERPRETER_ECAM, base, first_bus, last_bus, 0);
}

uint32_t pci_config_read(uint16_t bdf, unsigned int offset, unsigned int size)
{
	return ask(INTERPRETER_CONFIG_READ, bdf, offset, size, 0) ? ~0u : (uint32_t)AREA->value;
}

void pci_config_write(uint16_t bdf, unsigned int offset, unsigned int size, uint32_t value)
{
	(void)ask(INTERPRETER_CONFIG_WRITE, bdf, offset, size, value);
}

void turn_pause(uint64_t nanoseconds)
{
	(void)ask(INTERPRETER_PAUSE, nanoseconds, 0, 0, 0);
}

/* Split so that the product stays within 64 bits. */
uint64_t hardware_time_ns(void)
{
	uint64_t tsc = tsc_now();

	return tsc / hz * 1000000000 + tsc % hz * 1000000000 / hz;
}

uint64_t hardware_rsdp(void)
{
	return root_pointer;
}

static void flush_line(void)
{
	if (!line_length)
		return;
	/* Gathered, since ACPICA prints words; each line of the log costs two notifications. */
	memset(AREA->line, 0, sizeof(AREA->line));
	memcpy(AREA->line, line, line_length);
	line_length = 0;
	(void)ask(INTERPRETER_LOG, 0, 0, 0, 0);
}

void hardware_log_arguments(const char *format, va_list arguments)
{
	char text[INTERPRETER_LINE_BYTES];

	(void)vsnprintf(text, sizeof(text), format, arguments);
	for (const char *at = text; *at; at++) {
		if (*at != '\n')
			line[line_length++] = *at;
		if (*at == '\n' || line_length == sizeof(line) - 1)
			flush_line();
	}
}

void hardware_log(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	hardware_log_arguments(format, arguments);
	va_end(arguments);
	flush_line();
}

void hardware_log_for(const char *source, const char *format, ...)
{
	va_list arguments;

	(void)source;
	va_start(arguments, format);
	hardware_log_arguments(format, arguments);
	va_end(arguments);
	flush_line();
}
