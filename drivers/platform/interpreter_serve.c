/* SPDX-License-Identifier: MIT */
/* What the interpreter may ask for. */
#include <string.h>

#include "hardware.h"
#include "interpreter.h"
#include "pci_config.h"
#include "turn.h"

#define PORTS 0x10000
#define FUNCTIONS 0x10000
#define BUSES 256
#define BUS_BYTES 0x100000
#define PHYSICAL_END (1ull << 52)
#define LONGEST_PAUSE_NS 2000000000ull /* ACPICA's own limit */

void interpreter_copy(void *to, const void *from, size_t bytes)
{
	const volatile purlin_u64 *word = from;

	/* Volatile: the compiler must not read a word again, when it may have become another. */
	for (size_t i = 0; i < bytes / sizeof(*word); i++) {
		purlin_u64 copy = word[i];

		memcpy((char *)to + i * sizeof(copy), &copy, sizeof(copy));
	}
}

static bool size_sound(purlin_u64 size)
{
	return size == 1 || size == 2 || size == 4;
}

static purlin_s64 port(const struct interpreter_message *request, purlin_u64 *value)
{
	purlin_u64 number = request->word[0], size = request->word[1];
	uint32_t read = 0;
	bool done;

	/* Which ports is not asked: firmware's methods may use any that core grants us. */
	if (!size_sound(size) || number >= PORTS || size > PORTS - number)
		return PURLIN_BAD_ARGUMENT;
	if (request->operation == INTERPRETER_PORT_READ)
		done = hardware_port_read((uint16_t)number, (unsigned int)size, &read);
	else
		done = hardware_port_write((uint16_t)number, (unsigned int)size,
					   (uint32_t)request->word[2]);
	*value = read;
	return done ? PURLIN_OK : PURLIN_NO_DEVICE;
}

static purlin_s64 config(const struct interpreter_message *request, purlin_u64 *value)
{
	purlin_u64 function = request->word[0], offset = request->word[1], size = request->word[2];

	if (!size_sound(size) || function >= FUNCTIONS || offset >= PHYSICAL_END)
		return PURLIN_BAD_ARGUMENT;
	/* Beyond every function. */
	if (offset > 0xffff)
		offset = 0x10000;
	if (request->operation == INTERPRETER_CONFIG_READ)
		*value = pci_config_read((uint16_t)function, (unsigned int)offset,
					 (unsigned int)size);
	else
		pci_config_write((uint16_t)function, (unsigned int)offset, (unsigned int)size,
				 (uint32_t)request->word[3]);
	return PURLIN_OK;
}

static purlin_s64 use_ecam(const purlin_u64 *word)
{
	/*
	 * Where configuration space lies decides what all later accesses do: it has to make
	 * sense.
	 */
	if (word[0] % BUS_BYTES || word[0] >= PHYSICAL_END || word[1] >= BUSES || word[2] >= BUSES)
		return PURLIN_BAD_ARGUMENT;
	pci_config_use_ecam(word[0], (unsigned int)word[1], (unsigned int)word[2]);
	return PURLIN_OK;
}

static purlin_s64 pause(purlin_u64 nanoseconds)
{
	/* The command waits meanwhile, and with it whoever has asked for it. */
	if (nanoseconds > LONGEST_PAUSE_NS)
		return PURLIN_BAD_ARGUMENT;
	turn_pause(nanoseconds);
	return PURLIN_OK;
}

/* Lines of the log begin with who says them. */
static purlin_s64 write_line(const char *from)
{
	static const char prefix[] = "ACPI: ";
	char line[INTERPRETER_LINE_BYTES];
	unsigned int skip = 0, length = 0;

	for (; length < sizeof(line) - 1 && from[length]; length++) {
		line[length] = from[length];
		if (line[length] < ' ' || line[length] > '~')
			line[length] = '?';
	}
	line[length] = 0;
	while (prefix[skip] && line[skip] == prefix[skip])
		skip++;
	hardware_log_for("ACPI", "%s%s", prefix, prefix[skip] ? line : line + skip);
	return PURLIN_OK;
}

purlin_s64 interpreter_serve(const struct interpreter_message *request, purlin_u64 pd,
			     const char *line, purlin_u64 *value)
{
	const purlin_u64 *word = request->word;

	switch (request->operation) {
	case INTERPRETER_MAP:
		return hardware_lend(word[0], word[1], pd, word[2], value) ? PURLIN_OK :
									     PURLIN_NO_DEVICE;
	case INTERPRETER_UNMAP:
		hardware_take_back(word[0]);
		return PURLIN_OK;
	case INTERPRETER_PORT_READ:
	case INTERPRETER_PORT_WRITE:
		return port(request, value);
	case INTERPRETER_CONFIG_READ:
	case INTERPRETER_CONFIG_WRITE:
		return config(request, value);
	case INTERPRETER_ECAM:
		return use_ecam(word);
	case INTERPRETER_PAUSE:
		return pause(word[0]);
	case INTERPRETER_LOG:
		return write_line(line);
	default:
		return PURLIN_BAD_CALL;
	}
}
