/* SPDX-License-Identifier: MIT */
/* DMAR tables: those of machines, and those that are cut, cyclic or make no sense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dmar_table.h"
#include "drivers/platform/pci_config.h"
#include "fake_core.h"
#include "fake_pci.h"

/* 00:02.0; 00:03.0 leads to bus 1; there 01:00.0 leads to bus 5, with 05:07.2. */
static int prepare(void **state)
{
	(void)state;
	fake_core_clear();
	fake_pci_clear();
	fake_pci_add(PCI_BDF(0, 2, 0), 0x8086, 1, 0x030000);
	add_bridge(PCI_BDF(0, 3, 0), 1, 5);
	add_bridge(PCI_BDF(1, 0, 0), 5, 5);
	fake_set(fake_pci_add(PCI_BDF(5, 7, 0), 0x8086, 2, 0x020000), 0x0e, 1, 0x80, 0, 0);
	fake_pci_add(PCI_BDF(5, 7, 2), 0x8086, 3, 0x020000);
	tree = (struct pci_tree){ .count = 0 };
	pci_tree_scan(&tree, 0);
	begin_table();
	return 0;
}

static void scopes_come_before_the_rest(void **state)
{
	size_t unit;

	(void)state;
	begin_unit(0xfed90000, 0, true);
	unit = begin_unit(0xfed91000, 0, false);
	SCOPE(unit, DMAR_ENDPOINT, 0, 0, 2, 0);
	assert_null(finish());
	assert_int_equal(dmar.address_bits, 39);
	assert_true(dmar.interrupts);
	assert_int_equal(unit_of(PCI_BDF(0, 2, 0)), 1);
	assert_int_equal(unit_of(PCI_BDF(5, 7, 2)), 0);
}

/* The bus behind 00:03.0 and then 00.0 is number 5 today. */
static void paths_follow_bridges(void **state)
{
	size_t unit = begin_unit(0xfed90000, 0, false);

	(void)state;
	SCOPE(unit, DMAR_ENDPOINT, 0, 0, 3, 0, 0, 0, 7, 2);
	assert_null(finish());
	assert_int_equal(unit_of(PCI_BDF(5, 7, 2)), 0);
	assert_int_equal(unit_of(PCI_BDF(5, 7, 0)), -1);
	assert_int_equal(unit_of(PCI_BDF(0, 2, 0)), -1);
}

static void bridges_stand_for_all_behind_them(void **state)
{
	size_t unit = begin_unit(0xfed90000, 0, false);

	(void)state;
	SCOPE(unit, DMAR_BRIDGE, 0, 0, 3, 0);
	assert_null(finish());
	assert_int_equal(unit_of(PCI_BDF(0, 3, 0)), 0);
	assert_int_equal(unit_of(PCI_BDF(1, 0, 0)), 0);
	assert_int_equal(unit_of(PCI_BDF(5, 7, 2)), 0);
	assert_int_equal(unit_of(PCI_BDF(0, 2, 0)), -1);
}

/* An endpoint that is a bridge does not stand for what is behind it; a path through no bridge, or
 * to nothing, leads nowhere. */
static void odd_paths_name_nothing(void **state)
{
	size_t unit = begin_unit(0xfed90000, 0, false);

	(void)state;
	SCOPE(unit, DMAR_ENDPOINT, 0, 0, 3, 0);
	SCOPE(unit, DMAR_ENDPOINT, 0, 0, 2, 0, 7, 0);
	SCOPE(unit, DMAR_BRIDGE, 0, 0, 9, 0);
	assert_null(finish());
	assert_int_equal(unit_of(PCI_BDF(5, 7, 0)), -1);
	assert_int_equal(unit_of(PCI_BDF(0, 2, 0)), -1);
	assert_int_equal(unit_of(PCI_BDF(0, 3, 0)), 0);
}

static void other_segments_are_not_ours(void **state)
{
	(void)state;
	begin_unit(0xfed90000, 1, true);
	assert_null(finish());
	assert_int_equal(unit_of(PCI_BDF(0, 2, 0)), -1);
}

static void regions_belong_to_functions(void **state)
{
	size_t region;

	(void)state;
	begin_unit(0xfed90000, 0, true);
	region = begin_region(0xdf000000, 0xdf1fffff);
	SCOPE(region, DMAR_ENDPOINT, 0, 0, 2, 0);
	assert_null(finish());
	assert_int_equal(dmar_region_of(&dmar, &tree, pci_tree_find(&tree, PCI_BDF(0, 2, 0)))->base,
			 0xdf000000);
	assert_null(dmar_region_of(&dmar, &tree, pci_tree_find(&tree, PCI_BDF(5, 7, 0))));
}

static void ioapics_have_a_source(void **state)
{
	unsigned int index;
	uint16_t source;
	size_t unit;

	(void)state;
	begin_unit(0xfed90000, 0, false);
	unit = begin_unit(0xfed91000, 0, true);
	SCOPE(unit, DMAR_IOAPIC, 2, 0xff, 0, 0);
	SCOPE(unit, DMAR_IOAPIC, 9, 0, 3, 0, 0x1f, 7);
	assert_null(finish());
	assert_true(dmar_ioapic(&dmar, &tree, 2, &index, &source));
	assert_int_equal(index, 1);
	assert_int_equal(source, PCI_BDF(0xff, 0, 0));
	assert_true(dmar_ioapic(&dmar, &tree, 9, &index, &source));
	assert_int_equal(source, PCI_BDF(1, 0x1f, 7));
	assert_false(dmar_ioapic(&dmar, &tree, 3, &index, &source));
}

static void unknown_entries_are_skipped(void **state)
{
	size_t unit;

	(void)state;
	put(2, 4);
	put(2, 12);
	put(8, ~0ull);
	unit = begin_unit(0xfed90000, 0, false);
	SCOPE(unit, 5, 1, 0, 2, 0);
	SCOPE(unit, DMAR_HPET, 0, 0xff, 0, 1);
	assert_null(finish());
	assert_int_equal(dmar.unit[0].scopes.count, 1);
}

static void expect_problem(const char *text)
{
	const char *problem = finish();

	assert_non_null(problem);
	assert_non_null(strstr(problem, text));
	begin_table();
}

static void bad_entries_are_refused(void **state)
{
	(void)state;
	expect_problem("no unit");
	begin_unit(0, 0, true);
	expect_problem("nowhere");
	begin_unit(0xfed90004, 0, true);
	expect_problem("nowhere");
	begin_unit(0xfed90000, 0, true);
	begin_unit(0xfed90000, 0, false);
	expect_problem("same registers");
	begin_unit(0xfed90000, 0, true);
	begin_unit(0xfed91000, 0, true);
	expect_problem("the rest");
	for (unsigned int i = 0; i <= DMAR_UNITS; i++)
		begin_unit(0xfed90000 + i * 0x1000, 0, false);
	expect_problem("too many units");
	begin_unit(0xfed90000, 0, true);
	begin_region(0x2000, 0x1fff);
	expect_problem("ends before");
	set_length(begin_unit(0xfed90000, 0, true) + 2, 8);
	expect_problem("a unit is cut off");
	set_length(begin_unit(0xfed90000, 0, true) + 2, 17);
	expect_problem("an entry has a wrong length");
	set_length(begin_unit(0xfed90000, 0, true) + 2, 0);
	expect_problem("an entry has a wrong length");
	begin_unit(0xfed90000, 0, true);
	put(3, 0);
	expect_problem("an entry has a wrong length");
}

static void bad_scopes_are_refused(void **state)
{
	size_t unit;

	(void)state;
	unit = begin_unit(0xfed90000, 0, true);
	SCOPE(unit, DMAR_ENDPOINT, 0, 0, 2);
	expect_problem("odd length");
	unit = begin_unit(0xfed90000, 0, true);
	put_scope(unit, DMAR_ENDPOINT, 0, 0, (const uint8_t[]){ 0xff });
	expect_problem("odd length");
	unit = begin_unit(0xfed90000, 0, true);
	SCOPE(unit, DMAR_ENDPOINT, 0, 0, 32, 0);
	expect_problem("nowhere");
	unit = begin_unit(0xfed90000, 0, true);
	SCOPE(unit, DMAR_ENDPOINT, 0, 0, 1, 8);
	expect_problem("nowhere");
	unit = begin_unit(0xfed90000, 0, true);
	SCOPE(unit, DMAR_ENDPOINT, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0);
	expect_problem("too long");
	unit = begin_unit(0xfed90000, 0, true);
	SCOPE(unit, DMAR_ENDPOINT, 0, 0, 1, 0);
	table[unit + 16 + 1] = 10;
	expect_problem("wrong length");
	unit = begin_unit(0xfed90000, 0, true);
	SCOPE(unit, DMAR_ENDPOINT, 0, 0, 1, 0);
	table[unit + 16 + 1] = 0;
	expect_problem("wrong length");
	unit = begin_unit(0xfed90000, 0, true);
	put(2, 1);
	set_length(unit + 2, length - unit);
	expect_problem("cut off");
}

static void every_cut_is_refused_or_whole(void **state)
{
	size_t unit, whole;

	(void)state;
	unit = begin_unit(0xfed90000, 0, true);
	SCOPE(unit, DMAR_ENDPOINT, 0, 0, 3, 0, 0, 0);
	whole = length;
	for (length = 0; length < whole; length++)
		assert_non_null(dmar_read(&dmar, table, length));
	assert_null(finish());
}

/* Random damage never makes it read beyond the table, or loop. */
static void damage_is_survived(void **state)
{
	uint8_t original[sizeof(table)];
	size_t unit, whole;

	(void)state;
	unit = begin_unit(0xfed90000, 0, true);
	SCOPE(unit, DMAR_ENDPOINT, 0, 0, 3, 0, 0, 0);
	SCOPE(unit, DMAR_IOAPIC, 0, 0xff, 0, 0);
	unit = begin_region(0x1000, 0x1fff);
	SCOPE(unit, DMAR_BRIDGE, 0, 0, 3, 0);
	whole = length;
	memcpy(original, table, sizeof(table));
	srand(1);
	for (unsigned int i = 0; i < 50000; i++) {
		memcpy(table, original, sizeof(table));
		for (unsigned int j = 0; j < 3; j++)
			table[48 + (unsigned int)rand() % (whole - 48)] = (uint8_t)rand();
		length = whole;
		if (!finish())
			for (unsigned int j = 0; j < tree.count; j++)
				(void)dmar_unit_of(&dmar, &tree, &tree.function[j]);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, prepare)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(scopes_come_before_the_rest),
		TEST(paths_follow_bridges),
		TEST(bridges_stand_for_all_behind_them),
		TEST(odd_paths_name_nothing),
		TEST(other_segments_are_not_ours),
		TEST(regions_belong_to_functions),
		TEST(ioapics_have_a_source),
		TEST(unknown_entries_are_skipped),
		TEST(bad_entries_are_refused),
		TEST(bad_scopes_are_refused),
		TEST(every_cut_is_refused_or_whole),
		TEST(damage_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
