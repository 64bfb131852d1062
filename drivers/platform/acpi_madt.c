/* SPDX-License-Identifier: MIT */
/* I/O APICs in MADT (ACPI 6.5, 5.2.12.3). */
#include <stdlib.h>

#include "acpi.h"

#define TABLE_BYTES 0x10000
#define FIRST 44
#define KIND_IOAPIC 1
#define IOAPIC_BYTES 12
#define IOAPIC_ID 2
#define IOAPIC_GSI 8

static bool add(struct acpi_ioapics *ioapics, const uint8_t *entry)
{
	unsigned int index = ioapics->count;
	const uint8_t *gsi = entry + IOAPIC_GSI;

	if (index == ACPI_IOAPICS)
		return false;
	ioapics->ioapic[index].id = entry[IOAPIC_ID];
	ioapics->ioapic[index].gsi =
		gsi[0] | (uint32_t)gsi[1] << 8 | (uint32_t)gsi[2] << 16 | (uint32_t)gsi[3] << 24;
	ioapics->count++;
	return true;
}

static bool read_table(struct acpi_ioapics *ioapics, const uint8_t *table, size_t bytes)
{
	size_t at = FIRST, length;

	for (; bytes - at >= 2; at += length) {
		length = table[at + 1];
		if (length < 2 || length > bytes - at)
			return false;
		if (table[at] == KIND_IOAPIC &&
		    (length < IOAPIC_BYTES || !add(ioapics, table + at)))
			return false;
	}
	return ioapics->count != 0;
}

bool acpi_ioapics(struct acpi_ioapics *ioapics)
{
	uint8_t *table = malloc(TABLE_BYTES);
	size_t bytes = table ? acpi_table("APIC", table, TABLE_BYTES) : 0;
	bool sound;

	ioapics->count = 0;
	sound = bytes >= FIRST && read_table(ioapics, table, bytes);
	free(table);
	return sound;
}
