/* SPDX-License-Identifier: MIT */
/* Reading IVRS, and finding devices by its entries. */
#include "ivrs.h"

#include <string.h>

#include "firmware_bytes.h"
#include "pci_config.h"

#define TABLE_LENGTH 4
#define TABLE_INFO 36
#define TABLE_BYTES 48
#define INFO_ADDRESS 15 /* seven bits */

/* Blocks. A unit may be described several times: the highest kind counts. */
#define KIND_UNIT 0x10
#define KIND_UNIT_EXTENDED 0x11
#define KIND_UNIT_NAMES 0x40
#define KIND_REGION_ALL 0x20
#define KIND_REGION_ONE 0x21
#define KIND_REGION_RANGE 0x22

#define UNIT_FLAGS 1
#define UNIT_BDF 4
#define UNIT_CAPABILITY 6
#define UNIT_REGISTERS 8
#define UNIT_SEGMENT 16
#define UNIT_BYTES 24
#define UNIT_BYTES_EXTENDED 40
#define REGISTERS_ALIGN 0x4000u

/* Entries of a unit. */
#define ENTRY_PAD 0x00
#define ENTRY_ALL 0x01
#define ENTRY_ONE 0x02
#define ENTRY_START 0x03
#define ENTRY_END 0x04
#define ENTRY_PAD_LONG 0x40
#define ENTRY_ALIAS 0x42
#define ENTRY_ALIAS_START 0x43
#define ENTRY_EXTENDED 0x46
#define ENTRY_EXTENDED_START 0x47
#define ENTRY_SPECIAL 0x48
#define ENTRY_NAME 0xf0

#define ENTRY_BDF 1
#define ENTRY_FLAGS 3
#define ENTRY_ALIAS_BDF 5
#define SPECIAL_ID 4
#define SPECIAL_BDF 5
#define SPECIAL_KIND 7
#define NAME_BYTES 22
#define NAME_LENGTH 21

#define REGION_FLAGS 1
#define REGION_USED 0x09u /* one to one, or left untranslated */
#define REGION_BDF 4
#define REGION_END 6
#define REGION_SEGMENT 8
#define REGION_BASE 16
#define REGION_LENGTH 24
#define REGION_BYTES 32

#define PHYSICAL_END (1ull << 52)

static bool is_unit(unsigned int kind)
{
	return kind == KIND_UNIT || kind == KIND_UNIT_EXTENDED || kind == KIND_UNIT_NAMES;
}

static const char *add_range(struct ivrs *ivrs, struct ivrs_range range)
{
	/* Fixed tables: firmware decides how many there are, and must not use up our memory. */
	if (ivrs->ranges == IVRS_RANGES)
		return "it has too many entries";
	if (range.first > range.last)
		return "a range ends before it begins";
	ivrs->range[ivrs->ranges++] = range;
	ivrs->unit[ivrs->units - 1].ranges++;
	return NULL;
}

static const char *add_special(struct ivrs *ivrs, const uint8_t *at)
{
	struct ivrs_special special = { at[SPECIAL_KIND], at[SPECIAL_ID],
					(uint16_t)firmware16(at + SPECIAL_BDF) };

	if (special.kind != IVRS_IOAPIC && special.kind != IVRS_HPET)
		return NULL;
	if (ivrs->specials == IVRS_SPECIALS)
		return "it has too many special devices";
	for (unsigned int i = 0; i < ivrs->specials; i++)
		if (ivrs->special[i].kind == special.kind && ivrs->special[i].id == special.id)
			return "a special device is named twice";
	ivrs->special[ivrs->specials++] = special;
	ivrs->unit[ivrs->units - 1].specials++;
	return NULL;
}

/* 0: it is cut off, or of no known length. */
static size_t entry_length(const uint8_t *at, size_t bytes)
{
	size_t length = at[0] < 0x40 ? 4 : at[0] < 0x80 ? 8 : at[0] < 0xc0 ? 16 : 32;

	/* The length is in the entry itself, which may be cut off before that. */
	if (at[0] == ENTRY_NAME)
		length = bytes < NAME_BYTES ? bytes + 1 : NAME_BYTES + (size_t)at[NAME_LENGTH];
	return length > bytes ? 0 : length;
}

static struct ivrs_range range_at(const uint8_t *at)
{
	uint16_t bdf = (uint16_t)firmware16(at + ENTRY_BDF);
	struct ivrs_range range = { bdf, bdf, at[ENTRY_FLAGS], false, 0 };

	if (at[0] == ENTRY_ALL) {
		range.first = 0;
		range.last = 0xffff;
	}
	if (at[0] == ENTRY_ALIAS || at[0] == ENTRY_ALIAS_START) {
		range.has_alias = true;
		range.alias = (uint16_t)firmware16(at + ENTRY_ALIAS_BDF);
	}
	return range;
}

/* A range that has begun waits in *open for its end. */
static const char *read_entry(struct ivrs *ivrs, const uint8_t *at, struct ivrs_range *open,
			      bool *is_open)
{
	switch (at[0]) {
	case ENTRY_ALL:
	case ENTRY_ONE:
	case ENTRY_ALIAS:
	case ENTRY_EXTENDED:
		return *is_open ? "a range has no end" : add_range(ivrs, range_at(at));
	case ENTRY_START:
	case ENTRY_ALIAS_START:
	case ENTRY_EXTENDED_START:
		if (*is_open)
			return "a range has no end";
		/* Its flags are those of the start; the end says only where it is. */
		*open = range_at(at);
		*is_open = true;
		return NULL;
	case ENTRY_END:
		if (!*is_open)
			return "a range has no start";
		*is_open = false;
		open->last = (uint16_t)firmware16(at + ENTRY_BDF);
		return add_range(ivrs, *open);
	case ENTRY_SPECIAL:
		return add_special(ivrs, at);
	default:
		return NULL; /* padding, names of ACPI, and what is not known: no PCI function */
	}
}

/* `*place` follows what is being read, so that a complaint can say where in the table it is. */
static const char *read_entries(struct ivrs *ivrs, const uint8_t *table, size_t bytes,
				size_t *place)
{
	struct ivrs_range open = { .first = 0 };
	bool is_open = false;
	size_t end = *place + bytes;

	for (size_t length; *place < end; *place += length) {
		const char *problem;

		length = entry_length(table + *place, end - *place);
		if (!length)
			return "an entry is cut off";
		problem = read_entry(ivrs, table + *place, &open, &is_open);
		if (problem)
			return problem;
	}
	return is_open ? "a range has no end" : NULL;
}

/* Two descriptions of one unit would make each undo what the other has set up. */
static const char *check_unit(const struct ivrs *ivrs, const struct ivrs_unit *unit)
{
	if (!unit->registers || unit->registers % REGISTERS_ALIGN ||
	    unit->registers >= PHYSICAL_END)
		return "a unit's registers are nowhere";
	for (unsigned int i = 0; i < ivrs->units; i++) {
		const struct ivrs_unit *other = &ivrs->unit[i];

		if (other->registers == unit->registers)
			return "two units have the same registers";
		if (other->bdf == unit->bdf && other->segment == unit->segment)
			return "two units are the same function";
	}
	return NULL;
}

static const char *read_unit(struct ivrs *ivrs, const uint8_t *table, size_t bytes, size_t *place)
{
	const uint8_t *at = table + *place;
	size_t header = at[0] == KIND_UNIT ? UNIT_BYTES : UNIT_BYTES_EXTENDED;
	struct ivrs_unit unit;
	const char *problem;

	if (bytes < header)
		return "a unit is cut off";
	if (ivrs->units == IVRS_UNITS)
		return "it has too many units";
	unit = (struct ivrs_unit){ .registers = firmware64(at + UNIT_REGISTERS),
				   .bdf = (uint16_t)firmware16(at + UNIT_BDF),
				   .capability = (uint16_t)firmware16(at + UNIT_CAPABILITY),
				   .segment = (uint16_t)firmware16(at + UNIT_SEGMENT),
				   .flags = at[UNIT_FLAGS],
				   .first_range = ivrs->ranges,
				   .first_special = ivrs->specials };
	problem = check_unit(ivrs, &unit);
	if (problem)
		return problem;
	/* Before its entries are read: they are added to the unit that was counted last. */
	ivrs->unit[ivrs->units++] = unit;
	*place += header;
	return read_entries(ivrs, table, bytes - header, place);
}

static const char *read_region(struct ivrs *ivrs, const uint8_t *at, size_t bytes)
{
	struct ivrs_region region;
	uint64_t length;

	if (bytes < REGION_BYTES)
		return "a reserved region is cut off";
	/* Only segment 0 is served. */
	if (!(at[REGION_FLAGS] & REGION_USED) || firmware16(at + REGION_SEGMENT))
		return NULL;
	region = (struct ivrs_region){ .base = firmware64(at + REGION_BASE),
				       .first = (uint16_t)firmware16(at + REGION_BDF),
				       .end = (uint16_t)firmware16(at + REGION_BDF) };
	length = firmware64(at + REGION_LENGTH);
	if (!length || region.base >= PHYSICAL_END || length > PHYSICAL_END - region.base)
		return "a reserved region is nowhere";
	region.last = region.base + length - 1;
	if (at[0] == KIND_REGION_ALL) {
		region.first = 0;
		region.end = 0xffff;
	}
	if (at[0] == KIND_REGION_RANGE)
		region.end = (uint16_t)firmware16(at + REGION_END);
	if (region.first > region.end)
		return "a range ends before it begins";
	if (ivrs->regions == IVRS_REGIONS)
		return "it has too many reserved regions";
	ivrs->region[ivrs->regions++] = region;
	return NULL;
}

/* A higher kind of block describes the same unit better. Lengths have been checked. */
static bool described_better(const uint8_t *table, size_t bytes, size_t place)
{
	size_t length;

	for (size_t other = TABLE_BYTES; other < bytes; other += length) {
		length = firmware16(table + other + 2);
		if (is_unit(table[other]) && table[other] > table[place] && length >= UNIT_BYTES &&
		    firmware16(table + other + UNIT_BDF) == firmware16(table + place + UNIT_BDF) &&
		    firmware16(table + other + UNIT_SEGMENT) ==
			    firmware16(table + place + UNIT_SEGMENT))
			return true;
	}
	return false;
}

static const char *read_block(struct ivrs *ivrs, const uint8_t *table, size_t bytes, size_t *place)
{
	const uint8_t *at = table + *place;
	size_t length = firmware16(at + 2);

	if (is_unit(at[0])) {
		if (length < UNIT_BYTES)
			return "a unit is cut off";
		return described_better(table, bytes, *place) ?
			       NULL :
			       read_unit(ivrs, table, length, place);
	}
	if (at[0] >= KIND_REGION_ALL && at[0] <= KIND_REGION_RANGE)
		return read_region(ivrs, at, length);
	return NULL;
}

/*
 * All of them before anything is read, since the search for a better description of a unit goes
 * through blocks that come later.
 */
static const char *check_lengths(const uint8_t *table, size_t bytes, size_t *place)
{
	size_t length;

	for (*place = TABLE_BYTES; *place < bytes; *place += length) {
		length = bytes - *place < 4 ? 0 : firmware16(table + *place + 2);
		if (length < 4 || length > bytes - *place)
			return "a block has a wrong length";
	}
	return NULL;
}

const char *ivrs_read(struct ivrs *ivrs, const uint8_t *table, size_t bytes, size_t *place)
{
	const char *problem;
	size_t next;

	*place = TABLE_LENGTH;
	if (bytes < TABLE_BYTES || firmware16(table + TABLE_LENGTH + 2) ||
	    firmware16(table + TABLE_LENGTH) != bytes)
		return "it has a wrong length";
	/* First of all blocks: what is read below may then count on their lengths. */
	problem = check_lengths(table, bytes, place);
	if (problem)
		return problem;
	memset(ivrs, 0, sizeof(*ivrs));
	ivrs->address_bits = (unsigned int)(firmware64(table + TABLE_INFO) >> INFO_ADDRESS) & 0x7f;
	for (next = TABLE_BYTES; next < bytes;) {
		*place = next;
		next += firmware16(table + next + 2);
		problem = read_block(ivrs, table, bytes, place);
		if (problem)
			return problem;
	}
	return ivrs->units ? NULL : "it names no unit";
}

static const struct ivrs_range *range_of(const struct ivrs *ivrs, const struct ivrs_unit *unit,
					 uint16_t bdf)
{
	/* The last one that fits: an entry for all comes first, and single ones correct it. */
	for (unsigned int i = unit->ranges; i-- > 0;) {
		const struct ivrs_range *range = &ivrs->range[unit->first_range + i];

		if (bdf >= range->first && bdf <= range->last)
			return range;
	}
	return NULL;
}

unsigned int ivrs_flags(const struct ivrs *ivrs, const struct ivrs_unit *unit, uint16_t source)
{
	const struct ivrs_range *range = range_of(ivrs, unit, source);

	return range ? range->flags : 0;
}

int ivrs_unit_of(const struct ivrs *ivrs, const struct pci_function *function,
		 const struct ivrs_range **range)
{
	/* A function that no unit names is behind the bridge that one names. */
	for (; function; function = function->parent) {
		for (unsigned int i = 0; i < ivrs->units; i++) {
			*range = ivrs->unit[i].segment ?
					 NULL :
					 range_of(ivrs, &ivrs->unit[i], function->bdf);
			if (*range)
				return (int)i;
		}
	}
	return -1;
}

const struct ivrs_region *ivrs_region_of(const struct ivrs *ivrs, uint16_t source)
{
	for (unsigned int i = 0; i < ivrs->regions; i++)
		if (source >= ivrs->region[i].first && source <= ivrs->region[i].end)
			return &ivrs->region[i];
	return NULL;
}

bool ivrs_ioapic(const struct ivrs *ivrs, unsigned int id, unsigned int *unit, uint16_t *source)
{
	for (unsigned int i = 0; i < ivrs->units; i++) {
		for (unsigned int j = 0; j < ivrs->unit[i].specials; j++) {
			const struct ivrs_special *special =
				&ivrs->special[ivrs->unit[i].first_special + j];

			if (special->kind != IVRS_IOAPIC || special->id != id)
				continue;
			*unit = i;
			*source = special->source;
			return true;
		}
	}
	return false;
}

bool ivrs_is_special(const struct ivrs *ivrs, uint16_t source)
{
	for (unsigned int i = 0; i < ivrs->specials; i++)
		if (ivrs->special[i].source == source)
			return true;
	return false;
}
