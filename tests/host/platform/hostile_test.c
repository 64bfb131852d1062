/* SPDX-License-Identifier: MIT */
/* Devices and firmware that lie: about BARs, tables, bus numbers, and after they were believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "drivers/platform/pci_config.h"
#include "drivers/platform/pci_registers.h"
#include "drivers/platform/pci_requests.h"
#include "drivers/platform/storms.h"
#include "fake_core.h"
#include "fake_pci.h"
#include "fake_server.h"
#include "session/pci.h"

#define MSI 0x50
#define MSIX 0x70
#define NET PCI_BDF(0, 4, 0)
#define DISK PCI_BDF(0, 5, 0)
#define CLASS_NET 0x020000
#define CLASS_DISK 0x010802
#define BADGE_NET 16
#define BADGE_DISK 17

static struct fake_function *net, *disk;
static struct request request;

static int prepare(void **state)
{
	(void)state;
	server_begin(&dma_untranslated);
	net = fake_pci_add(NET, 0x1111, 0x0001, CLASS_NET);
	fake_set(net, 0x10, 4, 0xfe000000, 0xffff0000, 0);
	fake_set(net, 0x3d, 1, 1, 0, 0);
	disk = fake_pci_add(DISK, 0x1111, 0x0002, CLASS_DISK);
	fake_set(disk, 0x10, 4, 0xfe010000, 0xffff0000, 0);
	return 0;
}

static void add_msix(struct fake_function *function, unsigned int entries, uint32_t table)
{
	fake_capability(function, MSIX, CAP_MSIX);
	fake_set(function, MSIX + 2, 2, entries - 1, 0xc000, 0);
	fake_set(function, MSIX + 4, 4, table, 0, 0);
}

static void open_class(purlin_u64 badge, uint32_t class_code)
{
	const purlin_u64 words[] = { PCI_POLICY_TRUSTED_DMA, 1, PCI_RULE_CLASS,
				     class_code | 0xffffffull << 32 };

	assert_int_equal(open_session(&server, badge, "client", words, 4), PURLIN_OK);
}

/* The network device's session; the disk is another's. */
static void start(void)
{
	pci_tree_scan(&server.tree, 0);
	open_class(BADGE_NET, CLASS_NET);
	open_class(BADGE_DISK, CLASS_DISK);
}

static purlin_s64 ask(purlin_u32 operation, purlin_u64 bdf, purlin_u64 b, purlin_u64 c)
{
	memset(&request, 0, sizeof(request));
	request.operation = operation;
	request.word[0] = bdf;
	request.word[1] = b;
	request.word[2] = c;
	return pci_request(&server, pci_session_find(&server, bdf == DISK ? BADGE_DISK : BADGE_NET),
			   &request);
}

static bool has_capability(uint16_t bdf, unsigned int id)
{
	purlin_u64 offset = 0x34;

	for (unsigned int steps = 0; steps < 48; steps++) {
		assert_int_equal(ask(PCI_CONFIG_READ, bdf, offset, 1), PURLIN_OK);
		offset = request.reply[0];
		if (!offset)
			return false;
		(void)ask(PCI_CONFIG_READ, bdf, offset, 1);
		if (request.reply[0] == id)
			return true;
		offset++;
	}
	return false;
}

/* 0xfffff000 + 256 entries wrap around at 32 bits: nothing there is the device's. */
static void table_beyond_its_bar(void **state)
{
	(void)state;
	add_msix(net, 256, 0xfffff000);
	start();
	assert_int_equal(fake_mapped, 0);
	assert_false(has_capability(NET, CAP_MSIX));
	assert_non_null(strstr(fake_log, "beyond its BAR"));
}

static void table_in_no_bar(void **state)
{
	(void)state;
	add_msix(net, 4, 7);
	add_msix(disk, 4, 3);
	start();
	assert_int_equal(fake_mapped, 0);
	assert_false(has_capability(NET, CAP_MSIX));
	assert_false(has_capability(DISK, CAP_MSIX));
}

/* Once told, the table's place stays: its page must not come to the client after all. */
static void table_that_moves(void **state)
{
	(void)state;
	add_msix(net, 4, 0x3000);
	start();
	assert_int_equal(fake_mapped, 0xfe003000);
	fake_set(net, MSIX + 2, 2, 0x7ff, 0xc000, 0);
	fake_set(net, MSIX + 4, 4, 0x5007, 0, 0);
	assert_int_equal(ask(PCI_BAR, NET, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[3], 3);
	assert_int_equal(request.reply[4], 1);
	assert_int_equal(ask(PCI_BAR_PIECE, NET, 0, 1), PURLIN_OK);
	assert_int_equal(request.reply[0], 3);
	assert_string_equal(fake_events, "R");
	assert_int_equal(ask(PCI_MSI_ALLOC, NET, PCI_MSIX, 4), PURLIN_NO_DEVICE);
}

static bool no_message(const struct pci_function *function)
{
	(void)function;
	return false;
}

/*
 * Registers before the table in its page, and messages that could cause anybody's interrupts: no
 * MSI-X, but MSI and INTx as usual.
 */
static void table_beside_registers(void **state)
{
	struct dma_domain_type forgeable = dma_untranslated;

	(void)state;
	forgeable.any_message = no_message;
	server.dma = &forgeable;
	fake_capability(net, MSI, CAP_MSI);
	fake_set(net, MSI + 2, 2, 0, 0x71, 0);
	add_msix(net, 4, 0x3800);
	start();
	assert_false(has_capability(NET, CAP_MSIX));
	assert_true(has_capability(NET, CAP_MSI));
	assert_non_null(strstr(fake_log, "share a page with its MSI-X table"));
	assert_non_null(strstr(fake_log, "no MSI-X for its driver"));
	assert_int_equal(ask(PCI_MSI_ALLOC, NET, PCI_MSIX, 0), PURLIN_NO_DEVICE);
	assert_int_equal(ask(PCI_MSI_ALLOC, NET, PCI_MSI, 0), PURLIN_OK);
	assert_int_equal(ask(PCI_INTX, NET, 0, 0), PURLIN_OK);
	assert_int_equal(ask(PCI_BAR_PIECE, NET, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[1], 16);
	assert_int_equal(ask(PCI_BAR_PIECE, NET, 0, 1), PURLIN_NO_DEVICE);
	close_session(&server, BADGE_NET);
	close_session(&server, BADGE_DISK);
}

static void write_msix_control(uint32_t value)
{
	memset(&request, 0, sizeof(request));
	request.operation = PCI_CONFIG_WRITE;
	request.word[0] = NET;
	request.word[1] = MSIX + 2;
	request.word[2] = 2;
	request.word[3] = value;
	assert_int_equal(pci_request(&server, pci_session_find(&server, BADGE_NET), &request),
			 PURLIN_OK);
}

#define OPEN_ENTRY(index) (&fake_msix_table[0x800 / 4 + 4 * (index)])

/*
 * Where a message harms nobody, the client has the registers and the table. What its driver makes
 * of the table is undone when it switches MSI-X on.
 */
static void table_that_is_open(void **state)
{
	(void)state;
	add_msix(net, 4, 0x3800);
	start();
	assert_true(has_capability(NET, CAP_MSIX));
	assert_string_equal(fake_events, "");
	/* Not even masked yet: what firmware left there must not be sent. */
	write_msix_control(MSIX_ENABLE);
	assert_false(fake_get(net, MSIX + 2, 2) & MSIX_ENABLE);
	assert_int_equal(ask(PCI_BAR, NET, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[3], ~0ull);
	assert_int_equal(ask(PCI_BAR_PIECE, NET, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[1], 16);
	assert_int_equal(ask(PCI_MSI_ALLOC, NET, PCI_MSIX, 2), PURLIN_OK);
	assert_string_equal(fake_events, "IIOM");
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(OPEN_ENTRY(i)[3], i != 2);
	assert_int_equal(OPEN_ENTRY(2)[0], 0xfee00000);
	assert_int_equal(OPEN_ENTRY(2)[3], 0);
	for (unsigned int i = 0; i < 16; i++)
		OPEN_ENTRY(0)[i] = 0xffffffff;
	write_msix_control(MSIX_ENABLE);
	assert_true(fake_get(net, MSIX + 2, 2) & MSIX_ENABLE);
	assert_int_equal(OPEN_ENTRY(2)[0], 0xfee00000);
	assert_int_equal(OPEN_ENTRY(2)[3], 0);
	assert_int_equal(OPEN_ENTRY(1)[0], 0);
	assert_int_equal(OPEN_ENTRY(1)[3], 1);
	fake_events[0] = 0;
	close_session(&server, BADGE_NET);
	assert_string_equal(fake_events, "goii");
	assert_int_equal(OPEN_ENTRY(2)[3], 1);
}

/* Registers of another owner in these pages are not opened for the table's sake, to nobody. */
static void open_table_beside_another(void **state)
{
	(void)state;
	fake_set(net, 0x10, 4, 0xfe000000, 0xfffff800, 0);
	fake_set(disk, 0x10, 4, 0xfe000800, 0xfffff800, 0);
	add_msix(net, 4, 0x400);
	start();
	assert_int_equal(ask(PCI_MSI_ALLOC, NET, PCI_MSIX, 0), PURLIN_NO_DEVICE);
	assert_non_null(strstr(fake_log, "shares its page with another device"));
	assert_string_equal(fake_events, "");
}

/* Small BARs as some firmware packs them: two in one page, and one in the next. */
static void pack(uint64_t room)
{
	struct fake_function *other = fake_pci_add(PCI_BDF(0, 6, 0), 0x1111, 0x0003, 0x088000);

	fake_set(net, 0x10, 4, 0xfe000000, 0xfffff800, 0);
	fake_set(disk, 0x10, 4, 0xfe000800, 0xffffff00, 0);
	fake_set(other, 0x10, 4, 0xfe001100, 0xffffff00, 0);
	server.acpi.windows = 1;
	server.acpi.window[0] = (struct acpi_window){ .base = 0xfe000000, .size = room };
	start();
}

static void registers_in_a_page_of_their_own(void **state)
{
	(void)state;
	pack(0x4000);
	assert_int_equal(ask(PCI_BAR, NET, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[1], 0xfe002000);
	assert_int_equal(fake_get(net, 0x10, 4), 0xfe002000);
	/* The other is alone now, and stays. */
	assert_int_equal(ask(PCI_BAR, DISK, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[1], 0xfe000800);
	/* For the next owner, too. */
	assert_true(close_session(&server, BADGE_NET));
	open_class(BADGE_NET, CLASS_NET);
	assert_int_equal(ask(PCI_BAR, NET, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[1], 0xfe002000);
}

/* What the board uses within a window is not in the tree. */
static void registers_in_no_page_of_the_board(void **state)
{
	(void)state;
	server.acpi.taken = 2;
	server.acpi.take[0] = (struct acpi_range){ 0xfe002000, 0xfe00200f, .ports = false };
	server.acpi.take[1] = (struct acpi_range){ 0, 0xffffffff, .ports = true };
	pack(0x4000);
	assert_int_equal(ask(PCI_BAR, NET, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[1], 0xfe003000);
}

static void no_page_is_left(void **state)
{
	(void)state;
	pack(0x2000);
	assert_int_equal(ask(PCI_BAR, NET, 0, 0), PURLIN_NO_RIGHT);
	assert_int_equal(ask(PCI_BAR, DISK, 0, 0), PURLIN_NO_RIGHT);
	assert_int_equal(fake_get(net, 0x10, 4), 0xfe000000);
	assert_non_null(strstr(fake_log, "there is no room for a BAR"));
	assert_non_null(strstr(fake_log, "shares its page with another device"));
}

/* Its owner could unmask the entry: it is the function that is masked. */
static void storm_of_an_open_table(void **state)
{
	(void)state;
	add_msix(net, 4, 0x3800);
	start();
	assert_int_equal(ask(PCI_MSI_ALLOC, NET, PCI_MSIX, 2), PURLIN_OK);
	write_msix_control(MSIX_ENABLE);
	fake_storms[pci_session_find(&server, BADGE_NET)->devices->msi.entry[2].resource.slot]++;
	storms_note(&server);
	OPEN_ENTRY(2)[3] = 0;
	write_msix_control(MSIX_ENABLE);
	assert_true(fake_get(net, MSIX + 2, 2) & MSIX_FUNCTION_MASK);
	fake_now += STORM_REST;
	(void)storms_due(&server);
	assert_int_equal(fake_get(net, MSIX + 2, 2), MSIX_ENABLE | 3);
	assert_int_equal(OPEN_ENTRY(2)[3], 0);
}

/* A second BAR at the same addresses would be a way around the page in the table's place. */
static void bar_over_a_table(void **state)
{
	(void)state;
	add_msix(net, 4, 0x3000);
	fake_set(net, 0x14, 4, 0xfe003000, 0xfffff000, 0);
	start();
	assert_int_equal(ask(PCI_BAR_PIECE, NET, 1, 0), PURLIN_NO_RIGHT);
	assert_non_null(strstr(fake_log, "over an MSI-X table"));
	assert_string_equal(fake_events, "");
	assert_int_equal(ask(PCI_BAR_PIECE, NET, 0, 0), PURLIN_OK);
}

static void bars_outside_of_the_windows(void **state)
{
	(void)state;
	fake_set(net, 0x18, 4, 0x0cf9, 0xfff8, 0);
	fake_set(net, 0x1c, 4, 0xc001, 0xfff8, 0);
	server.acpi.windows = 3;
	server.acpi.window[0] = (struct acpi_window){ .base = 0xc0000000, .size = 0x3e000000 };
	server.acpi.window[1] = (struct acpi_window){ .base = 0xfe008000, .size = 0x100000 };
	server.acpi.window[2] =
		(struct acpi_window){ .base = 0xd00, .size = 0xf300, .ports = true };
	start();
	assert_int_equal(ask(PCI_BAR, NET, 0, 0), PURLIN_NO_RIGHT);
	assert_int_equal(ask(PCI_BAR_PIECE, NET, 0, 0), PURLIN_NO_RIGHT);
	assert_non_null(strstr(fake_log, "windows"));
	assert_int_equal(ask(PCI_BAR, NET, 2, 0), PURLIN_NO_RIGHT);
	assert_string_equal(fake_events, "");
	assert_int_equal(ask(PCI_BAR, NET, 3, 0), PURLIN_OK);
	assert_int_equal(ask(PCI_BAR_PIECE, DISK, 0, 0), PURLIN_OK);
}

static void ports_of_another(void **state)
{
	(void)state;
	fake_set(net, 0x14, 4, 0xc001, 0xffe0, 0);
	fake_set(disk, 0x14, 4, 0xc011, 0xfff0, 0);
	start();
	assert_int_equal(ask(PCI_BAR, NET, 1, 0), PURLIN_NO_RIGHT);
	assert_int_equal(ask(PCI_BAR, DISK, 1, 0), PURLIN_NO_RIGHT);
	assert_string_equal(fake_events, "");
}

/* The function decodes all of a kind or nothing, so all of the kind are out of use. */
static void bar_without_address(void **state)
{
	(void)state;
	fake_set(net, 0x14, 4, 0, 0xf0000000, 0);
	fake_set(net, 0x18, 4, 0xc001, 0xffe0, 0);
	start();
	assert_int_equal(ask(PCI_BAR, NET, 1, 0), PURLIN_NO_DEVICE);
	assert_int_equal(ask(PCI_BAR, NET, 0, 0), PURLIN_NO_DEVICE);
	assert_int_equal(ask(PCI_BAR_PIECE, NET, 0, 0), PURLIN_NO_DEVICE);
	assert_non_null(strstr(fake_log, "00:04.0 (1111:0001): firmware gave a BAR no address"));
	assert_int_equal(ask(PCI_BAR, NET, 2, 0), PURLIN_OK);
	assert_false(fake_get(net, 4, 2) & COMMAND_MEMORY);
	assert_true(fake_get(net, 4, 2) & COMMAND_IO);
	assert_true(fake_get(disk, 4, 2) & COMMAND_MEMORY);
}

static void absurd_bars(void **state)
{
	const struct pci_bar *bar;

	(void)state;
	fake_set(net, 0x10, 4, 0xfe000000, 0xfff0f000, 0); /* holes in the mask */
	fake_set(net, 0x14, 4, 0xfe001000, 0xffffd000, 0); /* not at a multiple of its size */
	fake_set(net, 0x18, 4, 0xfe000006, 0xffff0000, 0); /* neither 32 nor 64 bits */
	fake_set(net, 0x1c, 4, 0xfffff00c, 0xfffff000, 0); /* at the end of 64 bits */
	fake_set(net, 0x20, 4, 0xffffffff, 0xffffffff, 0);
	fake_set(net, 0x24, 4, 0xfe000004, 0xffff0000, 0); /* 64 bits, without a second half */
	start();
	bar = pci_tree_find(&server.tree, NET)->bar;
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		assert_int_equal(bar[i].size, 0);
		assert_int_equal(ask(PCI_BAR, NET, i, 0), PURLIN_OK);
		assert_int_equal(request.reply[0], PCI_BAR_NONE);
		assert_int_equal(ask(PCI_BAR_PIECE, NET, i, 0), PURLIN_NO_DEVICE);
	}
	assert_non_null(strstr(fake_log, "BAR 0 makes no sense"));
}

static void expansion_rom_is_off(void **state)
{
	(void)state;
	fake_set(net, 0x30, 4, 0xfd000001, 0xffff0001, 0);
	start();
	assert_int_equal(fake_get(net, 0x30, 4), 0xfd000000);
	assert_int_equal(ask(PCI_BAR, NET, 6, 0), PURLIN_OK);
	assert_int_equal(fake_get(net, 0x30, 4), 0xfd000000);
}

static void expansion_rom_without_sense_is_none(void **state)
{
	static const uint32_t cases[][2] = { { 0xfd000001, 0xfff0f801 },   /* holes in the mask */
					     { 0xfd000801, 0xffff0801 } }; /* not at its size */

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		fake_set(net, 0x30, 4, cases[i][0], cases[i][1], 0);
		start();
		assert_int_equal(pci_tree_find(&server.tree, NET)->bar[PCI_ROM].size, 0);
		assert_int_equal(ask(PCI_BAR, NET, 6, 0), PURLIN_OK);
		assert_int_equal(request.reply[0], PCI_BAR_NONE);
		assert_int_equal(ask(PCI_BAR_PIECE, NET, 6, 0), PURLIN_NO_DEVICE);
		assert_int_equal(fake_get(net, 0x30, 4) & 1, 0);
		while (server.sessions)
			close_session(&server, server.sessions->badge);
		memset(&server.tree, 0, sizeof(server.tree));
	}
}

static struct fake_function *add_bridge(uint16_t bdf, unsigned int secondary,
					unsigned int subordinate)
{
	struct fake_function *bridge = fake_pci_add(bdf, 0x1b36, 0x000c, 0x060400);

	fake_set(bridge, 0x0e, 1, 1, 0, 0);
	fake_set(bridge, 0x18, 4, subordinate << 16 | secondary << 8 | PCI_BUS(bdf), 0, 0);
	return bridge;
}

/* Firmware may want an NMI for each error: neither functions nor bridges cause one. */
static void errors_are_no_nmi(void **state)
{
	struct fake_function *port, *card;

	(void)state;
	port = add_bridge(PCI_BDF(0, 6, 0), 1, 1);
	fake_set(port, 4, 2, 0x0147, 0x0547, 0);
	fake_set(port, 0x3e, 2, 0x0003, 0x0003, 0);
	fake_capability(port, 0x40, CAP_PCIE);
	fake_set(port, 0x42, 2, 0x42, 0, 0);
	fake_set(port, 0x48, 2, 0x000f, 0xffff, 0);
	fake_set(port, 0x5c, 2, 0x001f, 0x001f, 0);
	card = fake_pci_add(PCI_BDF(1, 0, 0), 0x1111, 0x0003, CLASS_NET);
	fake_set(card, 4, 2, 0x0147, 0x0547, 0);
	pci_tree_scan(&server.tree, 0);
	assert_int_equal(fake_get(port, 4, 2) & COMMAND_SERR, 0);
	assert_int_equal(fake_get(port, 0x3e, 2), 0x0001);
	assert_int_equal(fake_get(port, 0x48, 2) & PCIE_CONTROL_REPORT, 0);
	assert_int_equal(fake_get(port, 0x5c, 2), 0x0018);
	assert_int_equal(fake_get(card, 4, 2) & (COMMAND_SERR | COMMAND_MASTER), 0);
}

/* What firmware switched on to take links down, and one that it took down. */
static void ports_contain_nothing(void **state)
{
	struct fake_function *port;

	(void)state;
	port = add_bridge(PCI_BDF(0, 6, 0), 1, 1);
	fake_capability(port, 0x40, CAP_PCIE);
	fake_set(port, 0x42, 2, 0x42, 0, 0);
	fake_extended_capability(port, 0x100, XCAP_CONTAINMENT);
	fake_set(port, 0x106, 2, 0x00b9, 0x00ff, 0);
	fake_set(port, 0x108, 2, 0x1f09, 0, 0x0009);
	pci_tree_scan(&server.tree, 0);
	assert_int_equal(fake_get(port, 0x106, 2), 0x00a0);
	assert_int_equal(fake_get(port, 0x108, 2), 0x1f00);
}

static unsigned int count_of(uint16_t bdf)
{
	unsigned int found = 0;

	for (unsigned int i = 0; i < server.tree.count; i++)
		found += server.tree.function[i].bdf == bdf;
	return found;
}

/* A function that is found twice could be given to two clients. */
static void two_bridges_to_one_bus(void **state)
{
	(void)state;
	add_bridge(PCI_BDF(0, 6, 0), 1, 3);
	add_bridge(PCI_BDF(0, 7, 0), 2, 2);
	add_bridge(PCI_BDF(1, 0, 0), 2, 2);
	fake_pci_add(PCI_BDF(2, 0, 0), 0x1111, 0x0003, CLASS_NET);
	pci_tree_scan(&server.tree, 0);
	pci_tree_scan(&server.tree, 2);
	assert_int_equal(count_of(PCI_BDF(2, 0, 0)), 1);
	assert_non_null(strstr(fake_log, "01:00.0 has no usable bus numbers"));
}

static void bus_numbers_that_lead_nowhere(void **state)
{
	(void)state;
	add_bridge(PCI_BDF(0, 6, 0), 0, 255); /* back to where it is */
	add_bridge(PCI_BDF(0, 7, 0), 5, 4);   /* backwards */
	add_bridge(PCI_BDF(0, 8, 0), 1, 1);   /* and below it, one that leads out of it: */
	add_bridge(PCI_BDF(1, 0, 0), 9, 9);
	fake_pci_add(PCI_BDF(9, 0, 0), 0x1111, 0x0003, CLASS_NET);
	pci_tree_scan(&server.tree, 0);
	assert_int_equal(server.tree.count, 6);
	assert_int_equal(count_of(PCI_BDF(9, 0, 0)), 0);
}

/* As many as there are numbers: no deeper stack, no more than the tree holds. */
static void chain_of_bridges(void **state)
{
	(void)state;
	for (unsigned int bus = 0; bus < 60; bus++)
		add_bridge(PCI_BDF(bus, 1, 0), bus + 1, 200);
	pci_tree_scan(&server.tree, 0);
	assert_int_equal(server.tree.count, 62);
}

#define MESSAGES_OF_ONE (PCI_MSI_MOST + 2 * PCI_MSI_SPARE)

static void one_session_takes_not_all_vectors(void **state)
{
	(void)state;
	add_msix(net, 1024, 0x3000);
	add_msix(disk, 128, 0x3000);
	start();
	for (unsigned int i = 0; i < MESSAGES_OF_ONE; i++)
		assert_int_equal(ask(PCI_MSI_ALLOC, NET, PCI_MSIX, i), PURLIN_OK);
	assert_int_equal(ask(PCI_MSI_ALLOC, NET, PCI_MSIX, MESSAGES_OF_ONE), PURLIN_NO_MEMORY);
	/* The other one has its own, but no more. */
	for (unsigned int i = 0; i < PCI_MSI_MOST; i++)
		assert_int_equal(ask(PCI_MSI_ALLOC, DISK, PCI_MSIX, i), PURLIN_OK);
	assert_int_equal(ask(PCI_MSI_ALLOC, DISK, PCI_MSIX, PCI_MSI_MOST), PURLIN_NO_MEMORY);
	assert_int_equal(ask(PCI_MSI_FREE, NET, PCI_MSIX, 5), PURLIN_OK);
	assert_int_equal(ask(PCI_MSI_FREE, NET, PCI_MSIX, 5), PURLIN_NO_DEVICE);
	assert_int_equal(ask(PCI_MSI_ALLOC, NET, PCI_MSIX, MESSAGES_OF_ONE), PURLIN_OK);
	assert_int_equal(ask(PCI_MSI_ALLOC, NET, PCI_MSIX, 5), PURLIN_NO_MEMORY);
	/* What one gives back, or leaves behind, another one may have. */
	close_session(&server, BADGE_NET);
	assert_int_equal(ask(PCI_MSI_ALLOC, DISK, PCI_MSIX, PCI_MSI_MOST), PURLIN_OK);
}

/* As many as a table can have, on a machine with enough processors for that. */
static void largest_table(void **state)
{
	(void)state;
	fake_processors = 16;
	fake_set(net, 0x10, 4, 0xfe000000, 0xffff0000, 0);
	add_msix(net, 2048, 0x8000);
	start();
	for (unsigned int i = 0; i < 2048; i++)
		assert_int_equal(ask(PCI_MSI_ALLOC, NET, PCI_MSIX, i), PURLIN_OK);
	assert_int_equal(ask(PCI_MSI_ALLOC, NET, PCI_MSIX, 2048), PURLIN_BAD_ARGUMENT);
	for (unsigned int i = 0; i < 2048; i++)
		assert_int_equal(fake_msix_table[4 * i + 3], 0);
}

/* A header that turns into something else after enumeration changes nothing of importance. */
static void header_that_changes(void **state)
{
	(void)state;
	add_msix(net, 4, 0x3000);
	start();
	for (unsigned int i = 0; i < 256; i++)
		net->value[i] = 0xff;
	assert_int_equal(ask(PCI_BAR, NET, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[1], 0xfe000000);
	assert_int_equal(request.reply[2], 0x10000);
	assert_int_equal(ask(PCI_CONFIG_READ, NET, 0x0e, 1), PURLIN_OK);
	assert_int_equal(request.reply[0], 0);
	assert_int_equal(ask(PCI_MSI_ALLOC, NET, PCI_MSIX, 3), PURLIN_OK);
	assert_int_equal(ask(PCI_BAR_PIECE, NET, 0, 2), PURLIN_OK);
	assert_int_equal(request.reply[0], 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, server_clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(table_beyond_its_bar),
		TEST(table_in_no_bar),
		TEST(table_that_moves),
		TEST(table_beside_registers),
		TEST(table_that_is_open),
		TEST(open_table_beside_another),
		TEST(registers_in_a_page_of_their_own),
		TEST(registers_in_no_page_of_the_board),
		TEST(no_page_is_left),
		TEST(storm_of_an_open_table),
		TEST(bar_over_a_table),
		TEST(bars_outside_of_the_windows),
		TEST(ports_of_another),
		TEST(bar_without_address),
		TEST(absurd_bars),
		TEST(expansion_rom_is_off),
		TEST(expansion_rom_without_sense_is_none),
		TEST(errors_are_no_nmi),
		TEST(ports_contain_nothing),
		TEST(two_bridges_to_one_bus),
		TEST(bus_numbers_that_lead_nowhere),
		TEST(chain_of_bridges),
		TEST(one_session_takes_not_all_vectors),
		TEST(largest_table),
		TEST(header_that_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
