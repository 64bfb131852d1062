/* SPDX-License-Identifier: MIT */
/* IVRS tables: in the shapes that machines have, and those that are cut or make no sense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "drivers/platform/ivrs.h"
#include "drivers/platform/pci_config.h"

#define HEADER 48
#define BASE 0xfeb80000ull

static struct ivrs ivrs;
static uint8_t table[4096];
static size_t length, place, block;

static void put(unsigned int bytes, uint64_t value)
{
	for (unsigned int i = 0; i < bytes; i++, value >>= 8)
		table[length++] = (uint8_t)value;
}

static void begin_table(unsigned int address_bits)
{
	memset(table, 0, sizeof(table));
	memcpy(table, "IVRS", 4);
	length = 36;
	put(4, (uint64_t)address_bits << 15 | 40 << 8);
	length = HEADER;
}

/* In memory of exactly its size, so that ASan sees a read beyond it. */
static const char *read_bytes(size_t bytes)
{
	uint8_t *copy = malloc(bytes);
	const char *problem;

	assert_non_null(copy);
	memcpy(copy, table, bytes);
	problem = ivrs_read(&ivrs, copy, bytes, &place);
	free(copy);
	return problem;
}

static const char *finish(void)
{
	table[4] = (uint8_t)length;
	table[5] = (uint8_t)(length >> 8);
	return read_bytes(length);
}

static void begin_unit(unsigned int kind, uint16_t bdf, uint64_t registers, unsigned int segment)
{
	block = length;
	put(1, kind);
	put(1, 0x21);
	put(2, 0);
	put(2, bdf);
	put(2, 0x40);
	put(8, registers);
	put(2, segment);
	put(6, 0);
	if (kind != 0x10)
		put(16, 0);
}

static void end_block(void)
{
	table[block + 2] = (uint8_t)(length - block);
	table[block + 3] = (uint8_t)((length - block) >> 8);
}

static void entry(unsigned int kind, uint16_t bdf, unsigned int flags)
{
	put(1, kind);
	put(2, bdf);
	put(1, flags);
}

static void alias(unsigned int kind, uint16_t bdf, uint16_t other)
{
	entry(kind, bdf, 0);
	put(1, 0);
	put(2, other);
	put(1, 0);
}

static void special(unsigned int kind, unsigned int id, uint16_t source)
{
	entry(0x48, 0, 0);
	put(1, id);
	put(2, source);
	put(1, kind);
}

static void region(unsigned int kind, unsigned int flags, uint16_t first, uint16_t last,
		   uint64_t base, uint64_t bytes)
{
	block = length;
	put(1, kind);
	put(1, flags);
	put(2, 32);
	put(2, first);
	put(2, last);
	put(8, 0);
	put(8, base);
	put(8, bytes);
}

/* As QEMU writes it: a unit of the oldest kind, functions one by one. */
static void small_machine(void)
{
	begin_table(0);
	begin_unit(0x10, PCI_BDF(0, 2, 0), BASE, 0);
	entry(0x02, PCI_BDF(0, 0, 0), 0);
	entry(0x02, PCI_BDF(0, 3, 0), 0);
	alias(0x43, PCI_BDF(1, 0, 0), PCI_BDF(0, 4, 0));
	entry(0x04, PCI_BDF(1, 31, 7), 0);
	special(1, 0, PCI_BDF(0, 0x14, 0));
	end_block();
}

static int unit_of(uint16_t bdf, const struct ivrs_range **range)
{
	struct pci_function function = { .bdf = bdf };

	return ivrs_unit_of(&ivrs, &function, range);
}

static void small_tables_are_read(void **state)
{
	const struct ivrs_range *range;
	unsigned int unit;
	uint16_t source;

	(void)state;
	small_machine();
	assert_null(finish());
	assert_int_equal(ivrs.units, 1);
	assert_int_equal(ivrs.address_bits, 0);
	assert_int_equal(ivrs.unit[0].registers, BASE);
	assert_int_equal(ivrs.unit[0].bdf, PCI_BDF(0, 2, 0));
	assert_int_equal(ivrs.unit[0].capability, 0x40);
	assert_int_equal(unit_of(PCI_BDF(0, 3, 0), &range), 0);
	assert_false(range->has_alias);
	assert_int_equal(unit_of(PCI_BDF(0, 3, 1), &range), -1);
	assert_int_equal(unit_of(PCI_BDF(1, 5, 3), &range), 0);
	assert_true(range->has_alias);
	assert_int_equal(range->alias, PCI_BDF(0, 4, 0));
	assert_true(ivrs_ioapic(&ivrs, 0, &unit, &source));
	assert_int_equal(source, PCI_BDF(0, 0x14, 0));
	assert_false(ivrs_ioapic(&ivrs, 1, &unit, &source));
	assert_true(ivrs_is_special(&ivrs, PCI_BDF(0, 0x14, 0)));
	assert_false(ivrs_is_special(&ivrs, PCI_BDF(0, 3, 0)));
}

/* A server's: four units, each in all three kinds of blocks; ranges, names of ACPI, padding. */
static void large_tables_are_read(void **state)
{
	static const unsigned int kinds[] = { 0x10, 0x11, 0x40 };
	const struct ivrs_range *range;
	unsigned int unit;
	uint16_t source;

	(void)state;
	begin_table(57);
	for (unsigned int kind = 0; kind < 3; kind++) {
		for (unsigned int i = 0; i < 4; i++) {
			uint16_t bus = (uint16_t)(i * 0x4000);

			begin_unit(kinds[kind], bus | 2, BASE + i * 0x100000, 0);
			/* Only the best description knows the whole range. */
			entry(0x03, bus | 8, kind == 2 ? 0x30 : 0);
			entry(0x04, bus | (kind == 2 ? 0x3fff : 0x10), 0);
			entry(0x00, 0, 0);
			special(1, 32 + i, bus | 0xa0);
			special(2, i, bus | 0xa1);
			special(7, 0, bus | 0xa2);
			if (kind == 2) {
				put(1, 0xf0);
				put(2, bus | 0x99);
				put(17, 0);
				put(1, 1);
				put(1, 5);
				put(5, 0x4142434445);
			}
			alias(0x46, bus | 0x0b, 0);
			end_block();
		}
	}
	assert_null(finish());
	assert_int_equal(ivrs.units, 4);
	assert_int_equal(ivrs.address_bits, 57);
	assert_int_equal(unit_of(0x3fff, &range), 0);
	assert_int_equal(range->flags, 0x30);
	assert_int_equal(unit_of(0xc100, &range), 3);
	assert_int_equal(unit_of(0x4000, &range), -1);
	assert_int_equal(ivrs_flags(&ivrs, &ivrs.unit[2], 0x8100), 0x30);
	assert_int_equal(ivrs_flags(&ivrs, &ivrs.unit[2], 0x0100), 0);
	/* The last entry that names a function counts. */
	assert_int_equal(ivrs_flags(&ivrs, &ivrs.unit[2], 0x800b), 0);
	assert_true(ivrs_ioapic(&ivrs, 34, &unit, &source));
	assert_int_equal(unit, 2);
	assert_int_equal(source, 0x80a0);
	assert_false(ivrs_is_special(&ivrs, 0x80a2));
}

static void functions_go_by_their_bridges(void **state)
{
	struct pci_function bridge = { .bdf = PCI_BDF(0, 3, 0), .bridge = true, .secondary = 7 };
	struct pci_function below = { .bdf = PCI_BDF(7, 0, 0), .parent = &bridge };
	const struct ivrs_range *range;

	(void)state;
	small_machine();
	assert_null(finish());
	assert_int_equal(ivrs_unit_of(&ivrs, &below, &range), 0);
	bridge.bdf = PCI_BDF(0, 9, 0);
	assert_int_equal(ivrs_unit_of(&ivrs, &below, &range), -1);
}

static void other_segments_are_left_out(void **state)
{
	const struct ivrs_range *range;

	(void)state;
	begin_table(0);
	begin_unit(0x11, 2, BASE, 1);
	entry(0x01, 0, 0);
	end_block();
	begin_unit(0x11, 2, BASE + 0x4000, 0);
	entry(0x02, 8, 0);
	end_block();
	assert_null(finish());
	assert_int_equal(unit_of(8, &range), 1);
	assert_int_equal(unit_of(9, &range), -1);
}

static void reserved_regions_are_found(void **state)
{
	(void)state;
	small_machine();
	region(0x21, 0x07, PCI_BDF(0, 3, 0), 0, 0x80000000, 0x2000);
	region(0x22, 0x08, PCI_BDF(1, 0, 0), PCI_BDF(1, 3, 7), 0x90000000, 0x1000);
	region(0x21, 0x06, PCI_BDF(0, 5, 0), 0, 0x90000000, 0x1000); /* not used */
	assert_null(finish());
	assert_int_equal(ivrs_region_of(&ivrs, PCI_BDF(0, 3, 0))->last, 0x80001fff);
	assert_non_null(ivrs_region_of(&ivrs, PCI_BDF(1, 2, 0)));
	assert_null(ivrs_region_of(&ivrs, PCI_BDF(1, 4, 0)));
	assert_null(ivrs_region_of(&ivrs, PCI_BDF(0, 5, 0)));
	region(0x20, 0x01, 0, 0, 0xa0000000, 0x1000);
	assert_null(finish());
	assert_non_null(ivrs_region_of(&ivrs, PCI_BDF(0, 5, 0)));
}

static void expect(const char *problem, size_t at)
{
	const char *found = finish();

	assert_non_null(found);
	assert_string_equal(found, problem);
	assert_int_equal(place, at);
}

static void unit_with(unsigned int first, unsigned int second)
{
	begin_table(0);
	begin_unit(0x10, 2, BASE, 0);
	entry(first, 0x10, 0);
	if (second)
		entry(second, 0x0f, 0);
	end_block();
}

static void damage_is_told_with_its_place(void **state)
{
	(void)state;
	begin_table(0);
	expect("it names no unit", 48);
	small_machine();
	table[block + 2] = 2;
	table[block + 3] = 0;
	expect("a block has a wrong length", 48);
	small_machine();
	table[block + 3] = 1;
	expect("a block has a wrong length", 48);
	begin_table(0);
	begin_unit(0x11, 2, BASE, 0);
	length -= 8;
	end_block();
	expect("a unit is cut off", 48);
	unit_with(0x03, 0);
	expect("a range has no end", 76);
	unit_with(0x03, 0x02);
	expect("a range has no end", 76);
	unit_with(0x03, 0x03);
	expect("a range has no end", 76);
	unit_with(0x04, 0);
	expect("a range has no start", 72);
	unit_with(0x03, 0x04);
	expect("a range ends before it begins", 76);
	unit_with(0x42, 0);
	expect("an entry is cut off", 72);
	unit_with(0xf0, 0);
	expect("an entry is cut off", 72);
	begin_table(0);
	begin_unit(0x10, 2, BASE + 0x1000, 0);
	end_block();
	expect("a unit's registers are nowhere", 48);
	small_machine();
	begin_unit(0x10, 3, BASE, 0);
	end_block();
	expect("two units have the same registers", block);
	small_machine();
	begin_unit(0x10, PCI_BDF(0, 2, 0), BASE + 0x4000, 0);
	end_block();
	expect("two units are the same function", block);
	begin_table(0);
	begin_unit(0x10, 2, BASE, 0);
	special(1, 0, 8);
	special(1, 0, 9);
	end_block();
	expect("a special device is named twice", 80);
	small_machine();
	region(0x21, 1, 8, 0, 0x1000, 0);
	expect("a reserved region is nowhere", block);
	small_machine();
	region(0x21, 1, 8, 0, ~0xfffull, 0x2000);
	expect("a reserved region is nowhere", block);
	small_machine();
	region(0x22, 1, 8, 7, 0x1000, 0x1000);
	expect("a range ends before it begins", block);
}

static void there_may_be_too_much(void **state)
{
	(void)state;
	begin_table(0);
	begin_unit(0x10, 2, BASE, 0);
	for (unsigned int i = 0; i <= IVRS_RANGES; i++)
		entry(0x02, (uint16_t)i, 0);
	end_block();
	expect("it has too many entries", 72 + 4 * IVRS_RANGES);
	begin_table(0);
	for (unsigned int i = 0; i <= IVRS_UNITS; i++) {
		begin_unit(0x10, (uint16_t)i, BASE + i * 0x4000, 0);
		end_block();
	}
	expect("it has too many units", block);
	begin_table(0);
	begin_unit(0x10, 2, BASE, 0);
	for (unsigned int i = 0; i <= IVRS_SPECIALS; i++)
		special(1, i, (uint16_t)i);
	end_block();
	expect("it has too many special devices", 72 + 8 * IVRS_SPECIALS);
	small_machine();
	for (unsigned int i = 0; i <= IVRS_REGIONS; i++)
		region(0x21, 1, 8, 0, 0x1000, 0x1000);
	expect("it has too many reserved regions", block);
}

/* Every end, every bit: never a read beyond the table, always an answer. */
static void any_damage_is_survived(void **state)
{
	size_t whole;

	(void)state;
	small_machine();
	region(0x22, 0x08, PCI_BDF(1, 0, 0), PCI_BDF(1, 3, 7), 0x90000000, 0x1000);
	begin_unit(0x40, 9, BASE + 0x4000, 0);
	put(1, 0xf0);
	put(20, 0);
	put(1, 3);
	put(3, 0);
	end_block();
	assert_null(finish());
	whole = length;
	for (length = HEADER; length < whole; length++)
		(void)finish();
	assert_non_null(read_bytes(20));
	length = whole;
	(void)finish();
	for (size_t i = 0; i < whole * 8; i++) {
		table[i / 8] ^= (uint8_t)(1u << i % 8);
		(void)read_bytes(whole);
		assert_true(place <= whole);
		table[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	assert_null(finish());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_tables_are_read),
		cmocka_unit_test(large_tables_are_read),
		cmocka_unit_test(functions_go_by_their_bridges),
		cmocka_unit_test(other_segments_are_left_out),
		cmocka_unit_test(reserved_regions_are_found),
		cmocka_unit_test(damage_is_told_with_its_place),
		cmocka_unit_test(there_may_be_too_much),
		cmocka_unit_test(any_damage_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
