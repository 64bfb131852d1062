/* SPDX-License-Identifier: MIT */
/* Reading DMAR, and finding devices by its scopes. */
#include "dmar.h"

#include <string.h>

#include "firmware_bytes.h"
#include "pci_config.h"

#define TABLE_LENGTH 4
#define TABLE_WIDTH 36
#define TABLE_FLAGS 37
#define TABLE_INTERRUPTS 0x1u
#define TABLE_NARROW_IDS 0x2u
#define TABLE_BYTES 48

#define KIND_UNIT 0
#define KIND_REGION 1

#define UNIT_FLAGS 4
#define UNIT_REST 0x1u
#define UNIT_SEGMENT 6
#define UNIT_REGISTERS 8
#define UNIT_BYTES 16

#define REGION_SEGMENT 6
#define REGION_BASE 8
#define REGION_LAST 16
#define REGION_BYTES 24

#define SCOPE_LENGTH 1
#define SCOPE_ID 4
#define SCOPE_BUS 5
#define SCOPE_PATH 6

#define PAGE 0x1000u
#define PHYSICAL_END (1ull << 52)

/* A path that is too long is refused rather than cut: it would name another device. */
static const char *read_path(struct dmar_scope *scope, const uint8_t *at, unsigned int bytes)
{
	if (!bytes || bytes % 2)
		return "a scope's path has an odd length";
	if (bytes / 2 > DMAR_STEPS)
		return "a scope's path is too long";
	scope->steps = (uint8_t)(bytes / 2);
	for (unsigned int i = 0; i < scope->steps; i++) {
		scope->step[i].slot = at[2 * i];
		scope->step[i].function = at[2 * i + 1];
		if (scope->step[i].slot > 31 || scope->step[i].function > 7)
			return "a scope's path leads nowhere";
	}
	return NULL;
}

/*
 * Kinds that are not known, devices of ACPI's namespace among them, are left out: no PCI function
 * is meant.
 */
static const char *read_scopes(struct dmar *dmar, struct dmar_scopes *scopes, const uint8_t *at,
			       size_t bytes)
{
	const char *problem;

	*scopes = (struct dmar_scopes){ .first = dmar->scopes };
	/* The lengths are firmware's: each is checked against what is left before it is used. */
	for (size_t length; bytes; at += length, bytes -= length) {
		struct dmar_scope *scope = &dmar->scope[dmar->scopes];

		if (bytes < SCOPE_PATH)
			return "a scope is cut off";
		length = at[SCOPE_LENGTH];
		if (length < SCOPE_PATH || length > bytes)
			return "a scope has a wrong length";
		if (at[0] < DMAR_ENDPOINT || at[0] > DMAR_HPET)
			continue;
		if (dmar->scopes == DMAR_SCOPES)
			return "it has too many scopes";
		*scope = (struct dmar_scope){ at[0], at[SCOPE_ID], at[SCOPE_BUS], .steps = 0 };
		problem = read_path(scope, at + SCOPE_PATH, (unsigned int)length - SCOPE_PATH);
		if (problem)
			return problem;
		dmar->scopes++;
		scopes->count++;
	}
	return NULL;
}

static const char *read_unit(struct dmar *dmar, const uint8_t *at, size_t bytes)
{
	struct dmar_unit *unit = &dmar->unit[dmar->units];

	if (bytes < UNIT_BYTES)
		return "a unit is cut off";
	if (dmar->units == DMAR_UNITS)
		return "it has too many units";
	*unit = (struct dmar_unit){ firmware64(at + UNIT_REGISTERS),
				    (uint16_t)firmware16(at + UNIT_SEGMENT),
				    (at[UNIT_FLAGS] & UNIT_REST) != 0, .scopes.count = 0 };
	if (!unit->registers || unit->registers % PAGE || unit->registers >= PHYSICAL_END)
		return "a unit's registers are nowhere";
	/* Two descriptions of one unit would make each undo what the other has set up. */
	for (unsigned int i = 0; i < dmar->units; i++) {
		const struct dmar_unit *other = &dmar->unit[i];

		if (other->registers == unit->registers)
			return "two units have the same registers";
		if (other->rest && unit->rest && other->segment == unit->segment)
			return "two units have the rest of a segment";
	}
	dmar->units++;
	return read_scopes(dmar, &unit->scopes, at + UNIT_BYTES, bytes - UNIT_BYTES);
}

static const char *read_region(struct dmar *dmar, const uint8_t *at, size_t bytes)
{
	struct dmar_region *region = &dmar->region[dmar->regions];

	if (bytes < REGION_BYTES)
		return "a reserved region is cut off";
	if (dmar->regions == DMAR_REGIONS)
		return "it has too many reserved regions";
	*region = (struct dmar_region){ firmware64(at + REGION_BASE), firmware64(at + REGION_LAST),
					(uint16_t)firmware16(at + REGION_SEGMENT),
					.scopes.count = 0 };
	if (region->base > region->last || region->last >= PHYSICAL_END)
		return "a reserved region ends before it begins";
	dmar->regions++;
	return read_scopes(dmar, &region->scopes, at + REGION_BYTES, bytes - REGION_BYTES);
}

static const char *read_entry(struct dmar *dmar, const uint8_t *at, size_t bytes)
{
	switch (firmware16(at)) {
	case KIND_UNIT:
		return read_unit(dmar, at, bytes);
	case KIND_REGION:
		return read_region(dmar, at, bytes);
	default:
		return NULL; /* ATS, affinity, names: nothing that is needed here */
	}
}

const char *dmar_read(struct dmar *dmar, const uint8_t *table, size_t bytes)
{
	const uint8_t *at = table + TABLE_BYTES;
	size_t left, length;

	if (bytes < TABLE_BYTES || firmware16(table + TABLE_LENGTH + 2) ||
	    firmware16(table + TABLE_LENGTH) != bytes)
		return "it has a wrong length";
	memset(dmar, 0, sizeof(*dmar));
	/* The field holds the width less one (VT-d 4.1, 8.1). */
	dmar->address_bits = table[TABLE_WIDTH] + 1u;
	dmar->interrupts = (table[TABLE_FLAGS] & TABLE_INTERRUPTS) != 0;
	dmar->narrow_ids = (table[TABLE_FLAGS] & TABLE_NARROW_IDS) != 0;
	for (left = bytes - TABLE_BYTES; left; at += length, left -= length) {
		const char *problem;

		/* Length 0 would be read for ever. */
		length = left < 4 ? 0 : firmware16(at + 2);
		if (length < 4 || length > left)
			return "an entry has a wrong length";
		problem = read_entry(dmar, at, length);
		if (problem)
			return problem;
	}
	return dmar->units ? NULL : "it names no unit";
}

/* NULL: the way ends before the device. */
static const struct pci_function *target_of(const struct dmar_scope *scope,
					    const struct pci_tree *tree)
{
	const struct pci_function *function = NULL;
	unsigned int bus = scope->bus;

	for (unsigned int i = 0; i < scope->steps; i++) {
		if (function && !function->bridge)
			return NULL;
		if (function)
			bus = function->secondary;
		function =
			pci_tree_find((struct pci_tree *)(uintptr_t)tree,
				      PCI_BDF(bus, scope->step[i].slot, scope->step[i].function));
		if (!function)
			return NULL;
	}
	return function;
}

static bool scope_names(const struct dmar_scope *scope, const struct pci_tree *tree,
			const struct pci_function *function)
{
	const struct pci_function *target;

	if (scope->kind != DMAR_ENDPOINT && scope->kind != DMAR_BRIDGE)
		return false;
	target = target_of(scope, tree);
	if (!target)
		return false;
	/* A bridge stands for all that is behind it, an endpoint for itself. */
	while (function && function != target)
		function = scope->kind == DMAR_BRIDGE ? function->parent : NULL;
	return function != NULL;
}

static bool scopes_name(const struct dmar *dmar, const struct dmar_scopes *scopes,
			const struct pci_tree *tree, const struct pci_function *function)
{
	for (unsigned int i = 0; i < scopes->count; i++)
		if (scope_names(&dmar->scope[scopes->first + i], tree, function))
			return true;
	return false;
}

/* A unit whose scopes name the function comes before the one that has the rest. */
int dmar_unit_of(const struct dmar *dmar, const struct pci_tree *tree,
		 const struct pci_function *function)
{
	int found = -1;

	for (unsigned int i = 0; i < dmar->units; i++) {
		const struct dmar_unit *unit = &dmar->unit[i];

		if (unit->segment)
			continue;
		if (scopes_name(dmar, &unit->scopes, tree, function))
			return (int)i;
		if (unit->rest)
			found = (int)i;
	}
	return found;
}

const struct dmar_region *dmar_region_of(const struct dmar *dmar, const struct pci_tree *tree,
					 const struct pci_function *function)
{
	for (unsigned int i = 0; i < dmar->regions; i++) {
		const struct dmar_region *region = &dmar->region[i];

		if (!region->segment && scopes_name(dmar, &region->scopes, tree, function))
			return region;
	}
	return NULL;
}

/* Behind bridges if need be, and not always a function that can be found on its bus. */
static uint16_t source_of(const struct dmar_scope *scope, const struct pci_tree *tree)
{
	struct dmar_scope above = *scope;
	const struct pci_function *bridge;
	unsigned int last = scope->steps - 1u, bus = scope->bus;

	above.steps = (uint8_t)last;
	bridge = last ? target_of(&above, tree) : NULL;
	if (bridge)
		bus = bridge->secondary;
	return PCI_BDF(bus, scope->step[last].slot, scope->step[last].function);
}

bool dmar_ioapic(const struct dmar *dmar, const struct pci_tree *tree, unsigned int id,
		 unsigned int *unit, uint16_t *source)
{
	for (unsigned int i = 0; i < dmar->units; i++) {
		const struct dmar_scopes *scopes = &dmar->unit[i].scopes;

		for (unsigned int j = 0; j < scopes->count; j++) {
			const struct dmar_scope *scope = &dmar->scope[scopes->first + j];

			if (scope->kind != DMAR_IOAPIC || scope->id != id)
				continue;
			*unit = i;
			*source = source_of(scope, tree);
			return true;
		}
	}
	return false;
}
