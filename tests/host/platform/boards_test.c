/* SPDX-License-Identifier: MIT */
/*
 * Firmware in the shapes that laptops, desktops and servers have: which buses, windows and lines
 * are found. Each board runs in a process of its own, since the interpreter starts once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "board.h"
#include "drivers/platform/pci_config.h"

static bool has_window(uint64_t base, uint64_t size)
{
	for (unsigned int i = 0; i < board_description.windows; i++)
		if (board_description.window[i].base == base &&
		    board_description.window[i].size == size)
			return true;
	return false;
}

/* The line of INTA to INTD at a function; all of it but the number is PCI's own. */
static void expect_line(uint16_t bdf, unsigned int pin, uint32_t gsi)
{
	struct pci_function *found = pci_tree_find(&board_tree, bdf);
	struct pci_function function;
	struct route route;

	assert_non_null(found);
	function = *found;
	function.pin = (uint8_t)pin;
	assert_true(acpi_route_find(&function, &route));
	assert_int_equal(route.gsi, gsi);
	assert_true(route.level);
	assert_true(route.active_low);
}

static void expect_no_line(uint16_t bdf, unsigned int pin)
{
	struct pci_function function = *pci_tree_find(&board_tree, bdf);
	struct route route;

	function.pin = (uint8_t)pin;
	assert_false(acpi_route_find(&function, &route));
}

static int start_laptop(void **state)
{
	static const struct board_segment segment[] = { { 0xe0000000, 0, 0, 0xdf } };

	(void)state;
	if (!board_make("laptop", segment, 1))
		return -1;
	board_function(PCI_BDF(0, 0, 0), 0x060000, 0, 0);
	memcpy(board_registers(PCI_BDF(0, 0, 0)) + 0xbc, "\x01\x00\x80\x9f", 4);
	board_function(PCI_BDF(0, 2, 0), 0x030000, 0, 0);
	board_function(PCI_BDF(0, 0x14, 0), 0x0c0330, 0, 0);
	board_function(PCI_BDF(0, 0x1c, 0), 0x060400, 1, 1);
	board_function(PCI_BDF(1, 0, 0), 0x010802, 0, 0);
	board_function(PCI_BDF(0, 0x1d, 0), 0x060400, 2, 0x2c);
	board_function(PCI_BDF(2, 0, 0), 0x060400, 3, 0x2c);
	board_function(PCI_BDF(3, 2, 0), 0x020000, 0, 0);
	board_function(PCI_BDF(0, 0x1f, 0), 0x060100, 0, 0);
	board_function(PCI_BDF(0, 0x1f, 3), 0x040300, 0, 0);
	/* As firmware left them: a line that is none of the possible ones, and none at all. */
	board_registers(PCI_BDF(0, 0x1f, 0))[0x60] = 9;
	board_registers(PCI_BDF(0, 0x1f, 0))[0x63] = 0x80;
	return board_start() ? 0 : -1;
}

static void laptop_has_windows(void **state)
{
	(void)state;
	assert_int_equal(board_description.roots, 1);
	assert_int_equal(board_description.root[0].bus, 0);
	/* From the top of RAM, which AML reads from configuration space. */
	assert_true(has_window(0x9f800000, 0x40800000));
	assert_true(has_window(0x4000000000, 0x4000000000));
	assert_true(has_window(0xd00, 0xf300));
	/* Two of ports, two of memory: not the legacy ones, and not the one that is empty. */
	assert_int_equal(board_description.windows, 4);
	assert_true(board_description.native_slots);
	assert_true(board_description.native_errors);
}

/* All forms in which a board says what it uses itself; not a bus, and not an empty range. */
static void laptop_uses_ranges(void **state)
{
	static const struct acpi_range range[] = {
		{ 0xfed10000, 0xfed17fff, false }, { 0x680, 0x69f, true },
		{ 0xc0000000, 0xc0000fff, false }, { 0x4000000000, 0x40000fffff, false },
		{ 0x1854, 0x1857, true },
	};

	(void)state;
	assert_int_equal(board_description.taken, 5);
	for (unsigned int i = 0; i < 5; i++) {
		assert_int_equal(board_description.take[i].first, range[i].first);
		assert_int_equal(board_description.take[i].last, range[i].last);
		assert_int_equal(board_description.take[i].ports, range[i].ports);
	}
}

static void laptop_has_lines(void **state)
{
	(void)state;
	expect_line(PCI_BDF(0, 2, 0), 1, 16);
	expect_no_line(PCI_BDF(0, 2, 0), 2);
	expect_line(PCI_BDF(0, 0x1c, 0), 4, 19);
	/* By the port's own table, and where there is none, by turning: slot 2 and INTA is INTC. */
	expect_line(PCI_BDF(1, 0, 0), 2, 33);
	expect_no_line(PCI_BDF(1, 0, 0), 3);
	expect_line(PCI_BDF(3, 2, 0), 1, 18);
	/* A link among the numbers: it was off, and is set to the possible one that is free. */
	expect_line(PCI_BDF(0, 0x1f, 3), 4, 11);
	assert_int_equal(board_registers(PCI_BDF(0, 0x1f, 0))[0x63], 11);
	/* No line of this mode leads to the other link, which is left alone. */
	assert_int_equal(board_registers(PCI_BDF(0, 0x1f, 0))[0x60], 9);
}

static int start_server(void **state)
{
	static const struct board_segment segment[] = {
		{ 0x3000000000, 2, 0x80, 0xff },
		{ 0x2000000000, 1, 0, 0x3f },
		{ 0x80000000, 0, 0, 0xff },
	};

	(void)state;
	if (!board_make("server", segment, 3))
		return -1;
	board_function(PCI_BDF(0, 4, 0), 0x088000, 0, 0);
	board_function(PCI_BDF(0x17, 0, 0), 0x060400, 0x18, 0x18);
	board_function(PCI_BDF(0x17, 2, 0), 0x060400, 0x19, 0x20);
	board_function(PCI_BDF(0x18, 0, 0), 0x020000, 0, 0);
	board_function(PCI_BDF(0x3a, 0, 0), 0x060400, 0x3b, 0x3b);
	board_function(PCI_BDF(0x5d, 0, 0), 0x060400, 0x5e, 0x5e);
	return board_start() ? 0 : -1;
}

static void server_has_roots(void **state)
{
	static const unsigned int buses[] = { 0, 0x17, 0x3a };

	(void)state;
	assert_int_equal(board_description.roots, 3);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(board_description.root[i].bus, buses[i]);
	assert_non_null(pci_tree_find(&board_tree, PCI_BDF(0x18, 0, 0)));
	/* The socket is empty, whatever answers there. */
	assert_null(pci_tree_find(&board_tree, PCI_BDF(0x5d, 0, 0)));
	/* Only what all root bridges leave to us. */
	assert_false(board_description.native_slots);
	assert_false(board_description.native_errors);
}

static void server_has_windows(void **state)
{
	(void)state;
	assert_true(has_window(0x90000000, 0xd800000));
	assert_true(has_window(0x9d900000, 0xd700000));
	assert_true(has_window(0x200000000000, 0x8000000000));
	assert_true(has_window(0x208000000000, 0x8000000000));
	/* Neither the bridge's own registers nor another segment's window. */
	assert_int_equal(board_description.windows, 4);
}

static void server_has_lines(void **state)
{
	struct pci_function *wired = pci_tree_find(&board_tree, PCI_BDF(0x17, 2, 0));
	struct route route;

	(void)state;
	/* 99 is another segment's bus 0. */
	expect_line(PCI_BDF(0, 4, 0), 1, 31);
	expect_line(PCI_BDF(0x17, 0, 0), 1, 39);
	expect_line(PCI_BDF(0x18, 0, 0), 1, 288);
	expect_line(PCI_BDF(0x3a, 0, 0), 2, 47);
	assert_true(acpi_route_find(wired, &route));
	assert_int_equal(route.gsi, 300);
	assert_false(route.level);
	assert_false(route.active_low);
}

/* AML there has written to function 04.0 of segment 1: not ours, and nobody else's window. */
static void server_keeps_segments_apart(void **state)
{
	uint32_t value;

	(void)state;
	memcpy(&value, board_registers(PCI_BDF(0, 4, 0)) + 0x40, 4);
	assert_int_equal(value, 0);
	assert_int_equal(board_foreign, 0);
}

static int start_desktop(void **state)
{
	static const struct board_segment segment[] = { { 0xc0000000, 0, 0, 0x1f } };

	(void)state;
	if (!board_make("desktop", segment, 1))
		return -1;
	for (unsigned int slot = 1; slot < 6; slot++)
		board_function(PCI_BDF(0, slot, 0), 0x060100, 0, 0);
	/*
	 * Firmware has set the first link to a line that is not among the possible ones, as with
	 * old controllers.
	 */
	board_registers(PCI_BDF(0, 1, 0))[0x7c] = 5;
	return board_start() ? 0 : -1;
}

static void desktop_sets_links(void **state)
{
	const uint8_t *router = board_registers(PCI_BDF(0, 1, 0)) + 0x7c;

	(void)state;
	expect_line(PCI_BDF(0, 1, 0), 1, 16);
	expect_line(PCI_BDF(0, 2, 0), 1, 16);
	/* Of four possible, none is used yet: the last. */
	expect_line(PCI_BDF(0, 1, 0), 2, 23);
	assert_int_equal(router[0], 8 | 8 << 4);
	/* The first of two sets; where _CRS is empty, _PRS is the form. */
	expect_line(PCI_BDF(0, 3, 0), 1, 20);
	assert_int_equal(router[1] & 0xf, 5);
	/* Off for good, and of no interrupt at all. */
	expect_no_line(PCI_BDF(0, 4, 0), 1);
	expect_no_line(PCI_BDF(0, 5, 0), 1);
	assert_int_equal(router[1] >> 4, 0);
	/* Those of the other mode are not touched. */
	assert_int_equal(board_indexed[0], 0);
}

static void desktop_has_bus_zero(void **state)
{
	(void)state;
	assert_int_equal(board_description.roots, 1);
	assert_int_equal(board_description.root[0].bus, 0);
	assert_false(board_description.native_slots);
}

static const struct CMUnitTest laptop[] = {
	cmocka_unit_test(laptop_has_windows),
	cmocka_unit_test(laptop_uses_ranges),
	cmocka_unit_test(laptop_has_lines),
};

static const struct CMUnitTest server[] = {
	cmocka_unit_test(server_has_roots),
	cmocka_unit_test(server_has_windows),
	cmocka_unit_test(server_has_lines),
	cmocka_unit_test(server_keeps_segments_apart),
};

static const struct CMUnitTest desktop[] = {
	cmocka_unit_test(desktop_sets_links),
	cmocka_unit_test(desktop_has_bus_zero),
};

static int run(unsigned int board)
{
	switch (board) {
	case 0:
		return cmocka_run_group_tests(laptop, start_laptop, NULL);
	case 1:
		return cmocka_run_group_tests(server, start_server, NULL);
	default:
		return cmocka_run_group_tests(desktop, start_desktop, NULL);
	}
}

int main(void)
{
	for (unsigned int board = 0; board < 3; board++) {
		int status;
		pid_t child = fork();

		if (!child)
			return run(board);
		if (child < 0 || waitpid(child, &status, 0) != child || status)
			return 1;
	}
	return 0;
}
