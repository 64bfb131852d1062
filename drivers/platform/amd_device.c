/* SPDX-License-Identifier: MIT */
/* Entries of the table of devices. */
#include "amd_device.h"

#include "amd_registers.h"
#include "pci_config.h"

static volatile uint64_t *entry_of(const struct amd_unit *unit, uint16_t source)
{
	return source < unit->sources ? &unit->devices->words[(size_t)source * AMD_DEVICE_WORDS] :
					NULL;
}

/* Without remapping, messages pass as they are. */
static uint64_t messages_word(const struct amd_unit *unit, uint64_t table)
{
	if (!unit->remaps)
		return 0;
	return AMD_DEVICE_MESSAGES | (table ? table | AMD_DEVICE_MESSAGES_REMAP |
						      AMD_MESSAGES_LOG << AMD_DEVICE_MESSAGES_LOG :
					      0);
}

static uint64_t idle_word(const struct amd_unit *unit, uint16_t source)
{
	unsigned int flags = ivrs_flags(unit->ivrs, unit->description, source);

	return (uint64_t)(flags & IVRS_SYSTEM_MANAGEMENT) << AMD_DEVICE_MANAGEMENT;
}

void amd_devices_fill(struct amd_unit *unit)
{
	for (unsigned int i = 0; i < unit->sources; i++) {
		volatile uint64_t *entry = entry_of(unit, (uint16_t)i);

		entry[1] = idle_word(unit, (uint16_t)i);
		entry[2] = messages_word(unit, 0);
		entry[3] = 0;
		entry[0] = AMD_DEVICE_VALID;
	}
}

/* The first word, which says what is in reach, comes last, and goes first. */
bool amd_device_set(struct amd_unit *unit, uint16_t source, const struct amd_route *route,
		    uint64_t table)
{
	volatile uint64_t *entry = entry_of(unit, source);

	if (!entry)
		return false;
	entry[0] = AMD_DEVICE_VALID;
	entry[2] = messages_word(unit, table);
	entry[1] = route->levels ? route->number : idle_word(unit, source);
	if (route->levels)
		entry[0] = AMD_DEVICE_VALID | route->root |
			   (uint64_t)route->levels << AMD_DEVICE_LEVELS | AMD_DEVICE_READ |
			   AMD_DEVICE_WRITE;
	return true;
}

void amd_device_stop(struct amd_unit *unit, uint16_t source)
{
	volatile uint64_t *entry = entry_of(unit, source);

	if (!entry)
		return;
	/*
	 * Valid and without tables: what the function does is stopped. Not valid, it would pass.
	 */
	entry[0] = AMD_DEVICE_VALID;
	entry[1] = idle_word(unit, source);
	entry[2] = messages_word(unit, 0);
}

uint16_t amd_device_number(const struct amd_unit *unit, uint16_t source)
{
	const volatile uint64_t *entry = entry_of(unit, source);

	/* An entry that lets nothing through belongs to nobody, whatever number is left in it. */
	return entry && entry[0] & AMD_DEVICE_READ ? (uint16_t)entry[1] : 0;
}

void amd_device_quiet(struct amd_unit *unit, uint16_t source)
{
	volatile uint64_t *entry = entry_of(unit, source);

	if (!entry)
		return;
	entry[1] |= AMD_DEVICE_QUIET;
	if (unit->remaps)
		entry[2] |= AMD_DEVICE_MESSAGES_QUIET;
}
