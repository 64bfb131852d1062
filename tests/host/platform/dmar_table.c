/* SPDX-License-Identifier: MIT */
/* Putting DMAR tables together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "dmar_table.h"
#include <cmocka.h>

#include "drivers/platform/pci_config.h"
#include "fake_pci.h"

struct dmar dmar;
struct pci_tree tree;
uint8_t table[4096];
size_t length;

void put(unsigned int bytes, uint64_t value)
{
	for (unsigned int i = 0; i < bytes; i++, value >>= 8)
		table[length++] = (uint8_t)value;
}

void set_length(size_t at, size_t bytes)
{
	table[at] = (uint8_t)bytes;
	table[at + 1] = (uint8_t)(bytes >> 8);
}

void begin_table(void)
{
	memset(table, 0, sizeof(table));
	memcpy(table, "DMAR", 4);
	length = 36;
	put(1, 38);
	put(1, 1);
	length = 48;
}

const char *finish(void)
{
	uint8_t *copy = malloc(length);
	const char *problem;

	assert_non_null(copy);
	set_length(4, length);
	memcpy(copy, table, length);
	problem = dmar_read(&dmar, copy, length);
	free(copy);
	return problem;
}

size_t begin_unit(uint64_t registers, unsigned int segment, bool rest)
{
	size_t at = length;

	put(2, 0);
	put(2, 16);
	put(1, rest);
	put(1, 0);
	put(2, segment);
	put(8, registers);
	return at;
}

size_t begin_region(uint64_t base, uint64_t last)
{
	size_t at = length;

	put(2, 1);
	put(2, 24);
	put(2, 0);
	put(2, 0);
	put(8, base);
	put(8, last);
	return at;
}

void put_scope(size_t entry, unsigned int kind, unsigned int id, unsigned int bus,
	       const uint8_t *path)
{
	size_t at = length;

	put(1, kind);
	put(1, 0);
	put(2, 0);
	put(1, id);
	put(1, bus);
	for (; *path != 0xff; path++)
		put(1, *path);
	table[at + 1] = (uint8_t)(length - at);
	set_length(entry + 2, length - entry);
}

struct fake_function *add_bridge(uint16_t bdf, unsigned int secondary, unsigned int subordinate)
{
	struct fake_function *bridge = fake_pci_add(bdf, 0x1b36, 0x0c, 0x060400);

	fake_set(bridge, 0x0e, 1, 1, 0, 0);
	fake_set(bridge, 0x18, 4, PCI_BUS(bdf) | secondary << 8 | subordinate << 16, 0, 0);
	return bridge;
}

int unit_of(uint16_t bdf)
{
	return dmar_unit_of(&dmar, &tree, pci_tree_find(&tree, bdf));
}
