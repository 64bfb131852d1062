// SPDX-License-Identifier: MIT
/*
 * Tables that say which IOMMU is before which device, as firmware may have them: they are refused
 * with a reason, or what is learnt lies within the table's own bounds and holds together. The first
 * byte of an input chooses the table: a line in `tables` for each kind there is.
 */
#include "blocks.h"

#include "drivers/platform/dmar.h"
#include "drivers/platform/hardware.h"
#include "drivers/platform/ivrs.h"
#include "drivers/platform/pci_config.h"

#define HEADER 36
#define PHYSICAL_END (1ull << 52)
#define PAGE 0x1000

static struct pci_tree tree;
static struct dmar dmar;
static struct ivrs ivrs;

/* pci_tree.c is here for what finds functions in a tree; nothing is scanned. */
uint32_t pci_config_read(uint16_t bdf, unsigned int offset, unsigned int size)
{
	(void)bdf;
	(void)offset;
	(void)size;
	FAIL("configuration space is read");
}

void pci_config_write(uint16_t bdf, unsigned int offset, unsigned int size, uint32_t value)
{
	(void)bdf;
	(void)offset;
	(void)size;
	(void)value;
	FAIL("configuration space is written");
}

void hardware_log(const char *format, ...)
{
	(void)format;
}

void hardware_log_for(const char *source, const char *format, ...)
{
	(void)source;
	(void)format;
}

unsigned int pci_config_size(uint16_t bdf)
{
	(void)bdf;
	return 256;
}

static struct pci_function *add(uint16_t bdf, struct pci_function *parent, uint8_t secondary)
{
	struct pci_function *function = &tree.function[tree.count++];

	*function = (struct pci_function){ .bdf = bdf,
					   .parent = parent,
					   .bridge = secondary != 0,
					   .secondary = secondary,
					   .subordinate = 9 };
	return function;
}

/* 00:01.0 leads to bus 1, 01:00.0 to bus 2; 00:1c.7 to bus 9, where nothing is. */
static void make_tree(void)
{
	struct pci_function *bridge;

	tree.count = 0;
	add(PCI_BDF(0, 0, 0), NULL, 0);
	bridge = add(PCI_BDF(0, 1, 0), NULL, 1);
	add(PCI_BDF(0, 28, 7), NULL, 9);
	bridge = add(PCI_BDF(1, 0, 0), bridge, 2);
	add(PCI_BDF(2, 3, 1), bridge, 0);
	add(PCI_BDF(2, 31, 7), bridge, 0);
}

static void check_scopes(const struct dmar_scopes *scopes)
{
	MUST(scopes->first <= dmar.scopes && scopes->count <= dmar.scopes - scopes->first);
	for (unsigned int i = 0; i < scopes->count; i++) {
		const struct dmar_scope *scope = &dmar.scope[scopes->first + i];

		MUST(scope->kind >= DMAR_ENDPOINT && scope->kind <= DMAR_HPET);
		MUST(scope->steps && scope->steps <= DMAR_STEPS);
		for (unsigned int step = 0; step < scope->steps; step++)
			MUST(scope->step[step].slot < 32 && scope->step[step].function < 8);
	}
}

static void check_units(void)
{
	MUST(dmar.units && dmar.units <= DMAR_UNITS);
	for (unsigned int i = 0; i < dmar.units; i++) {
		const struct dmar_unit *unit = &dmar.unit[i];

		check_scopes(&unit->scopes);
		MUST(unit->registers && unit->registers % PAGE == 0);
		MUST(unit->registers < PHYSICAL_END);
		for (unsigned int j = 0; j < i; j++)
			MUST(dmar.unit[j].registers != unit->registers);
	}
}

static void check_regions(void)
{
	MUST(dmar.regions <= DMAR_REGIONS);
	for (unsigned int i = 0; i < dmar.regions; i++) {
		check_scopes(&dmar.region[i].scopes);
		MUST(dmar.region[i].base <= dmar.region[i].last);
		MUST(dmar.region[i].last < PHYSICAL_END);
	}
}

/* Each function has a unit of ours, or none; a region only if a scope of it names something. */
static void check_functions(void)
{
	for (unsigned int i = 0; i < tree.count; i++) {
		int unit = dmar_unit_of(&dmar, &tree, &tree.function[i]);
		const struct dmar_region *region = dmar_region_of(&dmar, &tree, &tree.function[i]);

		MUST(unit >= -1 && unit < (int)dmar.units);
		MUST(unit < 0 || !dmar.unit[unit].segment);
		MUST(!region || (!region->segment && region->scopes.count));
	}
}

static void check_ioapics(void)
{
	for (unsigned int id = 0; id < 256; id++) {
		unsigned int unit = DMAR_UNITS;
		uint16_t source;

		if (dmar_ioapic(&dmar, &tree, id, &unit, &source))
			MUST(unit < dmar.units);
	}
}

static void read_dmar(const uint8_t *table, size_t bytes)
{
	const char *problem = dmar_read(&dmar, table, bytes);

	if (problem) {
		MUST(*problem);
		return;
	}
	MUST(dmar.address_bits >= 1 && dmar.address_bits <= 256 && dmar.scopes <= DMAR_SCOPES);
	check_units();
	check_regions();
	check_functions();
	check_ioapics();
}

static void check_ivrs_unit(const struct ivrs_unit *unit)
{
	MUST(unit->registers && unit->registers % PAGE == 0 && unit->registers < PHYSICAL_END);
	MUST(unit->first_range <= ivrs.ranges && unit->ranges <= ivrs.ranges - unit->first_range);
	MUST(unit->first_special <= ivrs.specials &&
	     unit->specials <= ivrs.specials - unit->first_special);
	for (unsigned int i = 0; i < unit->ranges; i++) {
		const struct ivrs_range *range = &ivrs.range[unit->first_range + i];

		MUST(range->first <= range->last);
	}
}

static void check_ivrs_functions(void)
{
	for (unsigned int i = 0; i < tree.count; i++) {
		const struct ivrs_range *range = NULL;
		int unit = ivrs_unit_of(&ivrs, &tree.function[i], &range);

		MUST(unit >= -1 && unit < (int)ivrs.units);
		MUST(unit < 0 || !ivrs.unit[unit].segment);
		MUST(!range || (range >= ivrs.range && range < ivrs.range + ivrs.ranges));
		(void)ivrs_region_of(&ivrs, tree.function[i].bdf);
		(void)ivrs_is_special(&ivrs, tree.function[i].bdf);
	}
}

static void read_ivrs(const uint8_t *table, size_t bytes)
{
	size_t place = 0;
	const char *problem = ivrs_read(&ivrs, table, bytes, &place);
	unsigned int unit = IVRS_UNITS;
	uint16_t source;

	if (problem) {
		MUST(*problem && (place <= bytes || bytes < HEADER));
		return;
	}
	MUST(ivrs.units && ivrs.units <= IVRS_UNITS && ivrs.ranges <= IVRS_RANGES);
	MUST(ivrs.specials <= IVRS_SPECIALS && ivrs.regions <= IVRS_REGIONS);
	for (unsigned int i = 0; i < ivrs.units; i++)
		check_ivrs_unit(&ivrs.unit[i]);
	for (unsigned int i = 0; i < ivrs.regions; i++)
		MUST(ivrs.region[i].base <= ivrs.region[i].last &&
		     ivrs.region[i].last < PHYSICAL_END);
	check_ivrs_functions();
	for (unsigned int id = 0; id < 256; id++)
		if (ivrs_ioapic(&ivrs, id, &unit, &source))
			MUST(unit < ivrs.units);
}

static const struct {
	const char *signature;
	void (*read)(const uint8_t *table, size_t bytes);
} tables[] = {
	{ "DMAR", read_dmar },
	{ "IVRS", read_ivrs },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	unsigned int head = input_byte(&input), kind = head % (sizeof(tables) / sizeof(tables[0]));
	uint32_t length;
	size_t bytes;
	uint8_t *table = input_rest(&input, &bytes);

	make_tree();
	if (bytes >= HEADER) {
		memcpy(table, tables[kind].signature, 4);
		length = (uint32_t)bytes;
		/* An input in 256 keeps a length of its own. */
		if (head != 0xff)
			memcpy(table + 4, &length, 4);
	}
	tables[kind].read(table, bytes);
	free(table);
	return 0;
}
