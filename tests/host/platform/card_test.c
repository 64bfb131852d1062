/* SPDX-License-Identifier: MIT */
/* Cards with bridges on them: bus numbers, windows, and what is behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "drivers/platform/pci_config.h"
#include "drivers/platform/pci_groups.h"
#include "drivers/platform/pci_registers.h"
#include "drivers/platform/pci_requests.h"
#include "drivers/platform/pci_slot.h"
#include "fake_core.h"
#include "fake_pci.h"
#include "fake_server.h"

#define PORT PCI_BDF(0, 2, 0)
#define PCIE 0x40
#define NUMBER 7u
#define CONTROL (PCIE + PCIE_SLOT_CONTROL)
#define STATUS (PCIE + PCIE_SLOT_STATUS)
#define BRIDGE 0x060400
#define DRIVE 0x010802
#define MEMORY_BAR 0xfff00000u /* 1 MiB */

static struct fake_function *port;
static struct pci_slot slot;

/* Buses 1 to `last`; 8 MiB, 4096 ports, 16 MiB at 4 GiB. */
static void add_port(unsigned int last)
{
	port = fake_pci_add(PORT, 0x1b36, 0x000c, BRIDGE);
	fake_set(port, CFG_HEADER_TYPE, 1, HEADER_BRIDGE, 0, 0);
	fake_set(port, CFG_SECONDARY_BUS, 2, last << 8 | 1, 0, 0);
	fake_set(port, CFG_BRIDGE_PORTS, 2, 0xd0d0, 0, 0);
	fake_set(port, CFG_BRIDGE_MEMORY, 4, 0xfe70fe00, 0, 0);
	fake_set(port, CFG_BRIDGE_PREFETCH, 4, 0x00f10001, 0, 0);
	fake_set(port, CFG_BRIDGE_PREFETCH_HIGH, 4, 1, 0, 0);
	fake_set(port, CFG_BRIDGE_PREFETCH_HIGH + 4, 4, 1, 0, 0);
	fake_capability(port, PCIE, CAP_PCIE);
	fake_set(port, PCIE + PCIE_FLAGS, 2, PCIE_HAS_SLOT | PCIE_TYPE_ROOT_PORT | 2, 0, 0);
	fake_set(port, PCIE + PCIE_SLOT, 4,
		 NUMBER << SLOT_NUMBER_SHIFT | SLOT_NO_COMPLETION | SLOT_HOT_PLUG, 0, 0);
	fake_set(port, CONTROL, 2, 0, 0xffff, 0);
	fake_set(port, STATUS, 2, 0, 0, SLOT_EVENTS);
}

static void begin(unsigned int last)
{
	server_begin(&dma_untranslated);
	server.slots = 1;
	add_port(last);
	pci_tree_scan(&server.tree, 0);
	pci_groups_form(&server.tree);
	slot = (struct pci_slot){ .port = pci_tree_find(&server.tree, PORT) };
	pci_slot_start(&server, &slot);
}

/* With what it was left with at another place: buses and windows of others. */
static struct fake_function *add_bridge(uint16_t bdf, unsigned int type)
{
	struct fake_function *bridge = fake_pci_add(bdf, 0x1b36, 0x000e, BRIDGE);

	fake_set(bridge, CFG_HEADER_TYPE, 1, HEADER_BRIDGE, 0, 0);
	fake_set(bridge, CFG_PRIMARY_BUS, 4, 0x00ff0000, 0x00ffffff, 0);
	fake_set(bridge, CFG_BRIDGE_PORTS, 2, 0xf000, 0xf0f0, 0);
	fake_set(bridge, CFG_BRIDGE_MEMORY, 4, 0xfff00000, 0xfff0fff0, 0);
	fake_set(bridge, CFG_BRIDGE_PREFETCH, 4, 0xfff10001, 0xfff0fff0, 0);
	fake_set(bridge, CFG_BRIDGE_PREFETCH_HIGH, 4, 0, ~0u, 0);
	fake_set(bridge, CFG_BRIDGE_PREFETCH_HIGH + 4, 4, ~0u, ~0u, 0);
	fake_capability(bridge, PCIE, CAP_PCIE);
	fake_set(bridge, PCIE + PCIE_FLAGS, 2, type | 2, 0, 0);
	return bridge;
}

static struct fake_function *add_drive(uint16_t bdf)
{
	struct fake_function *drive = fake_pci_add(bdf, 0x1111, 0x0010, DRIVE);

	fake_set(drive, 0x10, 4, 0, MEMORY_BAR, 0);
	return drive;
}

static void change(uint32_t bits, uint32_t events)
{
	fake_set(port, STATUS, 2, bits | events, 0, SLOT_EVENTS);
	pci_slot_look(&server, &slot);
}

static void insert(void)
{
	change(SLOT_PRESENT, SLOT_PRESENCE_CHANGED);
}

static uint32_t buses(const struct fake_function *bridge)
{
	return fake_get(bridge, CFG_PRIMARY_BUS, 4) & 0xffffff;
}

/* First and last MiB, as the registers have them; closed is f: the first comes after the last. */
static uint32_t memory_window(const struct fake_function *bridge)
{
	return fake_get(bridge, CFG_BRIDGE_MEMORY, 4);
}

#define CLOSED 0x0000fff0u

static void devices_behind_a_bridge_are_found(void **state)
{
	struct fake_function *bridge, *first, *second;

	(void)state;
	begin(4);
	bridge = add_bridge(PCI_BDF(1, 0, 0), PCIE_TYPE_TO_PCI);
	first = add_drive(PCI_BDF(2, 3, 0));
	fake_set(first, 0x14, 4, 1, 0x0000ffe0, 0); /* 32 ports */
	second = add_drive(PCI_BDF(2, 9, 0));
	fake_set(second, 0x14, 4, 0, 0xffe00000, 0);   /* 2 MiB */
	fake_set(second, 0x18, 4, 0xc, 0xfffff000, 0); /* 64 bits, prefetchable */
	fake_set(second, 0x1c, 4, 0, 0xffffffff, 0);
	insert();
	assert_int_equal(buses(bridge), 0x020201);
	/* 4 MiB for 1 + 2 + 1, at a multiple of that; the largest first. */
	assert_int_equal(memory_window(bridge), 0xfe30fe00);
	assert_int_equal(fake_get(second, 0x14, 4), 0xfe000000);
	assert_int_equal(fake_get(first, 0x10, 4), 0xfe200000);
	assert_int_equal(fake_get(second, 0x10, 4), 0xfe300000);
	assert_int_equal(fake_get(bridge, CFG_BRIDGE_PORTS, 2), 0xd0d0);
	assert_int_equal(fake_get(first, 0x14, 4), 0xd001);
	assert_int_equal(fake_get(bridge, CFG_BRIDGE_PREFETCH, 4), 0x00010001);
	assert_int_equal(fake_get(bridge, CFG_BRIDGE_PREFETCH_HIGH, 4), 1);
	assert_int_equal(fake_get(second, 0x18, 4), 0x0000000c);
	assert_int_equal(fake_get(second, 0x1c, 4), 1);
	/* All behind it is one group. */
	assert_int_equal(pci_tree_find(&server.tree, PCI_BDF(2, 3, 0))->group,
			 pci_tree_find(&server.tree, PCI_BDF(2, 9, 0))->group);
}

/* Upstream, two ports downstream of which one is empty, a device behind the other. */
static void switches_are_numbered(void **state)
{
	struct fake_function *up, *empty, *down, *drive;

	(void)state;
	begin(5);
	up = add_bridge(PCI_BDF(1, 0, 0), PCIE_TYPE_UPSTREAM);
	empty = add_bridge(PCI_BDF(2, 0, 0), PCIE_TYPE_DOWNSTREAM);
	down = add_bridge(PCI_BDF(2, 1, 0), PCIE_TYPE_DOWNSTREAM);
	drive = add_drive(PCI_BDF(4, 0, 0));
	insert();
	assert_int_equal(buses(up), 0x040201);
	assert_int_equal(buses(empty), 0x030302);
	assert_int_equal(buses(down), 0x040402);
	assert_int_equal(memory_window(empty), CLOSED);
	assert_int_equal(fake_get(empty, CFG_BRIDGE_PORTS, 2), 0x00f0);
	assert_int_equal(memory_window(up), 0xfe00fe00);
	assert_int_equal(memory_window(down), 0xfe00fe00);
	assert_int_equal(fake_get(drive, 0x10, 4), 0xfe000000);
}

/* What a bridge was set to elsewhere must not be followed: those buses are others'. */
static void bridges_without_numbers_pass_nothing_on(void **state)
{
	struct fake_function *bridge;

	(void)state;
	begin(1);
	bridge = add_bridge(PCI_BDF(1, 0, 0), PCIE_TYPE_TO_PCI);
	fake_set(bridge, CFG_PRIMARY_BUS, 4, 0x00050200, 0x00ffffff, 0);
	add_drive(PCI_BDF(2, 3, 0));
	insert();
	assert_int_equal(buses(bridge), 0x000001);
	assert_int_equal(memory_window(bridge), CLOSED);
	assert_null(pci_tree_find(&server.tree, PCI_BDF(2, 3, 0)));
	assert_non_null(strstr(fake_log, "there is no bus number"));
}

/* Each level takes a number, and the stack has an end before the numbers have. */
static void deep_cards_come_to_an_end(void **state)
{
	struct fake_function *last = NULL;

	(void)state;
	begin(40);
	for (unsigned int bus = 1; bus < 30; bus++)
		last = add_bridge(PCI_BDF(bus, 0, 0), PCIE_TYPE_TO_PCI);
	insert();
	assert_int_equal(fake_get(last, CFG_SECONDARY_BUS, 1), 0);
	assert_non_null(strstr(fake_log, "there is no bus number"));
}

static void room_may_be_short(void **state)
{
	struct fake_function *bridge, *drive;

	(void)state;
	begin(4);
	bridge = add_bridge(PCI_BDF(1, 0, 0), PCIE_TYPE_TO_PCI);
	drive = add_drive(PCI_BDF(2, 0, 0));
	fake_set(drive, 0x14, 4, 0, 0xff800000, 0); /* 8 MiB, and 1 */
	insert();
	assert_non_null(strstr(fake_log, "there is no room for a window"));
	assert_int_equal(memory_window(bridge), CLOSED);
	assert_int_equal(pci_tree_find(&server.tree, PCI_BDF(2, 0, 0))->bar[0].address, 0);
}

/* By the slot's number, wherever on the card it is; and gone with it. */
static void a_card_is_given_whole(void **state)
{
	const purlin_u64 words[] = { PCI_POLICY_TRUSTED_DMA | PCI_POLICY_USED, 1, PCI_RULE_SLOT,
				     NUMBER | 0x1fffull << 32 };
	struct pci_session *session;
	struct request request = { .operation = PCI_CLAIM };

	(void)state;
	begin(4);
	assert_int_equal(open_session(&server, 16, "first", words, 4), PURLIN_OK);
	session = pci_session_find(&server, 16);
	add_bridge(PCI_BDF(1, 0, 0), PCIE_TYPE_TO_PCI);
	add_drive(PCI_BDF(2, 3, 0));
	add_drive(PCI_BDF(2, 4, 0));
	insert();
	assert_int_equal(pci_request(&server, session, &request), PURLIN_OK);
	assert_int_equal(request.reply[0], 2);
	change(0, SLOT_PRESENCE_CHANGED);
	assert_true(pci_tree_find(&server.tree, PCI_BDF(2, 4, 0))->gone);
	assert_true(close_session(&server, 16));
	pci_slot_look(&server, &slot);
	assert_int_equal(slot.state, SLOT_EMPTY);
	for (unsigned int i = 0; i < server.tree.count; i++)
		assert_true(server.tree.function[i].absent || server.tree.function[i].bdf == PORT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(devices_behind_a_bridge_are_found),
		cmocka_unit_test(switches_are_numbered),
		cmocka_unit_test(bridges_without_numbers_pass_nothing_on),
		cmocka_unit_test(deep_cards_come_to_an_end),
		cmocka_unit_test(room_may_be_short),
		cmocka_unit_test(a_card_is_given_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
