/* SPDX-License-Identifier: MIT */
/* DMAR tables in the shapes of a laptop's and of a server's: which unit is before which function.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "dmar_table.h"
#include "drivers/platform/pci_config.h"
#include "fake_core.h"
#include "fake_pci.h"

static void add(uint16_t bdf, uint32_t class)
{
	fake_set(fake_pci_add(bdf, 0x8086, 1, class), 0x0e, 1, 0x80, 0, 0);
}

static void scan(const unsigned int *buses, unsigned int count)
{
	tree = (struct pci_tree){ .count = 0 };
	for (unsigned int i = 0; i < count; i++)
		pci_tree_scan(&tree, buses[i]);
}

static uint64_t region_of(uint16_t bdf)
{
	const struct dmar_region *region = dmar_region_of(&dmar, &tree, pci_tree_find(&tree, bdf));

	return region ? region->base : 0;
}

/* Entries that say nothing about who translates for whom: kind, and bytes after the head. */
static void put_other(unsigned int kind, unsigned int bytes)
{
	put(2, kind);
	put(2, 4 + bytes);
	for (unsigned int i = 0; i < bytes; i++)
		put(1, i);
}

static void clear(void)
{
	fake_core_clear();
	fake_pci_clear();
	begin_table();
}

/*
 * Graphics have a unit of their own, as have the ports of a fast bus outside; the rest has I/O APIC
 * and HPET with numbers that are no PCI function's. Firmware keeps memory for USB, for graphics and
 * for what comes behind such a port.
 */
static void laptop(void **state)
{
	size_t entry;
	unsigned int unit;
	uint16_t source;

	(void)state;
	clear();
	add(PCI_BDF(0, 2, 0), 0x030000);
	fake_set(add_bridge(PCI_BDF(0, 7, 0), 1, 0x2b), 0x0e, 1, 0x81, 0, 0);
	add_bridge(PCI_BDF(0, 7, 1), 0x2c, 0x55);
	add_bridge(PCI_BDF(0x2c, 0, 0), 0x2d, 0x55);
	add(PCI_BDF(0x2d, 4, 0), 0x010802);
	add(PCI_BDF(0, 0x0d, 0), 0x0c0330);
	add(PCI_BDF(0, 0x14, 0), 0x0c0330);
	add(PCI_BDF(0, 0x1f, 0), 0x060100);
	scan((const unsigned int[]){ 0 }, 1);

	entry = begin_unit(0xfed90000, 0, false);
	SCOPE(entry, DMAR_ENDPOINT, 0, 0, 2, 0);
	entry = begin_unit(0xfed86000, 0, false);
	SCOPE(entry, DMAR_BRIDGE, 0, 0, 7, 0);
	entry = begin_unit(0xfed87000, 0, false);
	SCOPE(entry, DMAR_BRIDGE, 0, 0, 7, 1);
	entry = begin_unit(0xfed91000, 0, true);
	SCOPE(entry, DMAR_IOAPIC, 2, 0, 0x1e, 7);
	SCOPE(entry, DMAR_HPET, 0, 0, 0x1e, 6);
	entry = begin_region(0x6b800000, 0x6fffffff);
	SCOPE(entry, DMAR_ENDPOINT, 0, 0, 2, 0);
	/* Two functions of one reservation, one of which is not there. */
	entry = begin_region(0x5f4b0000, 0x5f4cffff);
	SCOPE(entry, DMAR_ENDPOINT, 0, 0, 0x1d, 0);
	SCOPE(entry, DMAR_ENDPOINT, 0, 0, 0x14, 0);
	entry = begin_region(0x5e000000, 0x5e000fff);
	SCOPE(entry, DMAR_BRIDGE, 0, 0, 7, 1);
	put_other(4, 16); /* a device of ACPI's namespace */
	put_other(5, 12); /* address translation in the device, integrated */
	put_other(6, 12); /* properties of such devices */
	assert_null(finish());

	assert_int_equal(dmar.units, 4);
	assert_int_equal(unit_of(PCI_BDF(0, 2, 0)), 0);
	assert_int_equal(unit_of(PCI_BDF(0, 7, 0)), 1);
	assert_int_equal(unit_of(PCI_BDF(0x2d, 4, 0)), 2);
	assert_int_equal(unit_of(PCI_BDF(0, 0x0d, 0)), 3);
	assert_int_equal(unit_of(PCI_BDF(0, 0x1f, 0)), 3);
	assert_true(dmar_ioapic(&dmar, &tree, 2, &unit, &source));
	assert_int_equal(unit, 3);
	assert_int_equal(source, PCI_BDF(0, 0x1e, 7));
	/* The HPET has the same number in its own space: it is not taken for an I/O APIC. */
	assert_false(dmar_ioapic(&dmar, &tree, 0, &unit, &source));
	assert_int_equal(region_of(PCI_BDF(0, 2, 0)), 0x6b800000);
	assert_int_equal(region_of(PCI_BDF(0, 0x14, 0)), 0x5f4b0000);
	assert_int_equal(region_of(PCI_BDF(0x2d, 4, 0)), 0x5e000000);
	assert_int_equal(region_of(PCI_BDF(0, 0x0d, 0)), 0);
}

/*
 * A unit for each root bridge, named by the ports there; the first socket's last unit has the rest,
 * and so has one of another segment. Each has an I/O APIC on its bus.
 */
static void server(void **state)
{
	static const unsigned int buses[] = { 0, 0x17, 0x80, 0xae };
	size_t entry;
	unsigned int unit;
	uint16_t source;

	(void)state;
	clear();
	for (unsigned int i = 0; i < 4; i++) {
		unsigned int bus = buses[i];

		add_bridge(PCI_BDF(bus, 0, 0), bus + 1, bus + 1);
		add(PCI_BDF(bus + 1, 0, 0), 0x020000);
		add(PCI_BDF(bus + 1, 0, 1), 0x020000);
		add(PCI_BDF(bus, 5, 0), 0x088000);
	}
	scan(buses, 4);

	for (unsigned int i = 1; i < 4; i++) {
		entry = begin_unit(0xb0000000 + 0x1000000 * i, 0, false);
		SCOPE(entry, DMAR_IOAPIC, 8 + i, buses[i], 5, 4);
		SCOPE(entry, DMAR_BRIDGE, 0, buses[i], 0, 0);
		/* Slots without a port in them. */
		SCOPE(entry, DMAR_BRIDGE, 0, buses[i], 1, 0);
		SCOPE(entry, DMAR_BRIDGE, 0, buses[i], 2, 0);
	}
	begin_unit(0xc8ffc000, 1, true);
	entry = begin_unit(0xb0ffc000, 0, true);
	SCOPE(entry, DMAR_IOAPIC, 8, 0xf0, 0x1f, 7);
	SCOPE(entry, DMAR_HPET, 0, 0, 0x1f, 0);
	/* Of a board management controller behind a port, and a reservation without a device. */
	entry = begin_region(0x7a3e3000, 0x7a3e4fff);
	SCOPE(entry, DMAR_ENDPOINT, 0, 0x17, 0, 0, 0, 1);
	begin_region(0, 0xfff);
	put_other(2, 4);  /* ports whose devices may translate by themselves: all */
	put_other(3, 16); /* which memory is near which unit */
	assert_null(finish());

	assert_int_equal(dmar.units, 5);
	for (unsigned int i = 1; i < 4; i++) {
		assert_int_equal(unit_of(PCI_BDF(buses[i] + 1, 0, 1)), i - 1);
		/* What no scope names on these buses goes to the unit that has the rest. */
		assert_int_equal(unit_of(PCI_BDF(buses[i], 5, 0)), 4);
		assert_true(dmar_ioapic(&dmar, &tree, 8 + i, &unit, &source));
		assert_int_equal(unit, i - 1);
		assert_int_equal(source, PCI_BDF(buses[i], 5, 4));
	}
	assert_int_equal(unit_of(PCI_BDF(1, 0, 0)), 4);
	assert_true(dmar_ioapic(&dmar, &tree, 8, &unit, &source));
	assert_int_equal(source, PCI_BDF(0xf0, 0x1f, 7));
	assert_int_equal(region_of(PCI_BDF(0x18, 0, 1)), 0x7a3e3000);
	assert_int_equal(region_of(PCI_BDF(0x18, 0, 0)), 0);
	assert_int_equal(region_of(PCI_BDF(1, 0, 0)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(laptop),
		cmocka_unit_test(server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
