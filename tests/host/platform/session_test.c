/* SPDX-License-Identifier: MIT */
/* Policy, requests, MSI programming and teardown of PCI sessions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "drivers/platform/pci_config.h"
#include "drivers/platform/pci_registers.h"
#include "drivers/platform/pci_requests.h"
#include "fake_core.h"
#include "fake_pci.h"
#include "fake_server.h"
#include "session/pci.h"

#define MSI 0x50
#define MSIX 0x70

#define ROM_AT 0xfd100000u /* of edu; 64 KiB */

static struct fake_function *xhci, *edu;
static struct pci_session *session;

/* 00:04.0 xHCI; 00:1d.0 UHCI and 00:1d.7 EHCI; behind a bridge, 02:03.0 edu; 00:05.1 alone. */
static void build_machine(void)
{
	struct fake_function *bridge, *uhci, *ehci;

	fake_pci_clear();
	xhci = fake_pci_add(PCI_BDF(0, 4, 0), 0x1b36, 0x000d, 0x0c0330);
	fake_set(xhci, 0x10, 4, 0xfe000000, 0xffffc000, 0);
	fake_set(xhci, 0x3d, 1, 1, 0, 0);
	fake_capability(xhci, MSI, CAP_MSI);
	fake_set(xhci, MSI + 2, 2, 0, 0x71, 0);
	fake_set(xhci, MSI + 4, 4, 0, 0xfffffffc, 0);
	fake_set(xhci, MSI + 8, 4, 0, 0xffff, 0);
	fake_capability(xhci, MSIX, CAP_MSIX);
	fake_set(xhci, MSIX + 2, 2, 0x3, 0xc000, 0);
	fake_set(xhci, MSIX + 4, 4, 0x3000, 0, 0);
	fake_set(fake_pci_add(PCI_BDF(0, 5, 0), 0x1111, 0x2222, 0x020000), 0x0e, 1, 0x80, 0, 0);
	fake_pci_add(PCI_BDF(0, 5, 1), 0x1111, 0x3333, 0x030000);
	uhci = fake_pci_add(PCI_BDF(0, 0x1d, 0), 0x8086, 0x2934, 0x0c0300);
	fake_set(uhci, 0x0e, 1, 0x80, 0, 0);
	fake_set(uhci, 0x20, 4, 0xc001, 0xffe0, 0);
	ehci = fake_pci_add(PCI_BDF(0, 0x1d, 7), 0x8086, 0x293a, 0x0c0320);
	fake_set(ehci, 0x10, 4, 0xfe010000, 0xfffff000, 0);
	bridge = fake_pci_add(PCI_BDF(0, 0x1e, 0), 0x1b36, 0x0001, 0x060400);
	fake_set(bridge, 0x0e, 1, 1, 0, 0);
	fake_set(bridge, 0x18, 4, 0x00020200, 0, 0);
	edu = fake_pci_add(PCI_BDF(2, 3, 0), 0x1234, 0x11e8, 0x00ff00);
	fake_set(edu, 0x10, 4, 0xfd000000, 0xfff00000, 0);
	fake_set(edu, 0x30, 4, ROM_AT, 0xffff0001, 0);
	fake_set(edu, 0x3d, 1, 1, 0, 0);
}

static int prepare(void **state)
{
	(void)state;
	fake_core_clear();
	build_machine();
	server = (struct pci_server){ .dma = &dma_untranslated };
	pci_tree_scan(&server.tree, 0);
	session = NULL;
	return 0;
}

#define RULE(kind, value, mask) (kind), ((value) | (purlin_u64)(mask) << 32)
#define USB RULE(PCI_RULE_CLASS, 0x0c0300u, 0xffff00u)
#define EDU RULE(PCI_RULE_ID, 0x11e81234u, 0xffffffffu)

static purlin_s64 open_words(purlin_u64 badge, const purlin_u64 *words, unsigned int count)
{
	purlin_s64 status = open_session(&server, badge, "linux", words, count);

	session = pci_session_find(&server, badge);
	return status;
}

#define OPEN(badge, ...)                                       \
	open_words(badge, (const purlin_u64[]){ __VA_ARGS__ }, \
		   sizeof((const purlin_u64[]){ __VA_ARGS__ }) / sizeof(purlin_u64))

static struct request request;

static purlin_s64 ask(purlin_u32 operation, purlin_u64 a, purlin_u64 b, purlin_u64 c, purlin_u64 d)
{
	memset(&request, 0, sizeof(request));
	request.operation = operation;
	request.word[0] = a;
	request.word[1] = b;
	request.word[2] = c;
	request.word[3] = d;
	return pci_request(&server, session, &request);
}

static purlin_s64 attach(purlin_u64 slot)
{
	memset(&request, 0, sizeof(request));
	request.operation = PCI_DMA_MAP;
	request.caps = 1;
	request.cap[0] = slot;
	return pci_request(&server, session, &request);
}

static uint32_t command_of(const struct fake_function *function)
{
	return fake_get(function, 4, 2);
}

static void everything_is_quiet_at_first(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < server.tree.count; i++) {
		uint32_t command = pci_config_read(server.tree.function[i].bdf, 4, 2);

		assert_false(command & COMMAND_MASTER);
		assert_true(command & COMMAND_INTX_DISABLE);
	}
}

static void trust_is_demanded_by_name(void **state)
{
	(void)state;
	assert_int_equal(OPEN(16, 0, 1, EDU), PURLIN_NO_RIGHT);
	assert_null(session);
	assert_non_null(strstr(fake_log, "02:03.0"));
	assert_non_null(strstr(fake_log, "trusted-dma"));
}

static void missing_devices_are_named(void **state)
{
	(void)state;
	assert_int_equal(OPEN(16, 1, 1, RULE(PCI_RULE_ID, 0x00011234u, 0xffffffffu)),
			 PURLIN_NO_DEVICE);
	assert_non_null(strstr(fake_log, "1234:0001"));
	assert_int_equal(OPEN(16, 1, 1, RULE(PCI_RULE_CLASS, 0x010600u, 0xffff00u)), PURLIN_OK);
	assert_int_equal(ask(PCI_DEVICE, 0, 0, 0, 0), PURLIN_NO_DEVICE);
}

static void bridges_are_never_given(void **state)
{
	(void)state;
	assert_int_equal(OPEN(16, 1, 1, RULE(PCI_RULE_BDF, PCI_BDF(0, 0x1e, 0), 0xffffu)),
			 PURLIN_NO_DEVICE);
}

static void broken_policies_are_refused(void **state)
{
	(void)state;
	assert_int_equal(OPEN(16, 1), PURLIN_BAD_ARGUMENT);
	assert_int_equal(OPEN(16, 1, 2, USB), PURLIN_BAD_ARGUMENT);
	assert_int_equal(OPEN(16, 1, 1ull << 40, USB), PURLIN_BAD_ARGUMENT);
	assert_int_equal(OPEN(16, 8, 1, USB), PURLIN_BAD_ARGUMENT);
	assert_int_equal(OPEN(16, 1, 1, RULE(9u, 0, 0)), PURLIN_BAD_ARGUMENT);
}

static void places_are_kept_on_bus_0(void **state)
{
	(void)state;
	assert_int_equal(OPEN(16, 1, 1, USB), PURLIN_OK);
	assert_int_equal(ask(PCI_DEVICE, 0, 0, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], PCI_BDF(0, 4, 0));
	assert_int_equal(request.reply[1], 0x000d1b36);
	assert_int_equal(ask(PCI_DEVICE, 1, 0, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], PCI_BDF(0, 0x1d, 0));
	assert_int_equal(ask(PCI_DEVICE, 2, 0, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], PCI_BDF(0, 0x1d, 7));
	assert_int_equal(ask(PCI_DEVICE, 3, 0, 0, 0), PURLIN_NO_DEVICE);
	assert_int_equal(ask(PCI_CONFIG_READ, PCI_BDF(0, 0x1d, 0), 0x0e, 1, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], 0x80);
	assert_int_equal(ask(PCI_CONFIG_READ, PCI_BDF(0, 4, 0), 0x0e, 1, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], 0);
	assert_int_equal(ask(PCI_CONFIG_READ, PCI_BDF(0, 0x1e, 0), 0, 4, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], 0xffffffff);
}

static void others_get_a_place_of_their_own(void **state)
{
	(void)state;
	assert_int_equal(OPEN(16, 1, 2, EDU, RULE(PCI_RULE_ID, 0x33331111u, 0xffffffffu)),
			 PURLIN_OK);
	assert_int_equal(ask(PCI_DEVICE, 0, 0, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], PCI_BDF(0, 1, 0));
	assert_int_equal(request.reply[1], 0x33331111);
	assert_int_equal(ask(PCI_DEVICE, 1, 0, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], PCI_BDF(0, 2, 0));
	assert_int_equal(request.reply[1], 0x11e81234);
}

static void a_device_has_one_owner(void **state)
{
	(void)state;
	assert_int_equal(OPEN(16, 1, 1, EDU), PURLIN_OK);
	assert_int_equal(OPEN(17, 1, 1, EDU), PURLIN_BUSY);
	assert_true(close_session(&server, 16));
	assert_int_equal(OPEN(17, 1, 1, EDU), PURLIN_OK);
}

static void parts_of_memory_are_attached(void **state)
{
	(void)state;
	assert_int_equal(OPEN(16, PCI_POLICY_TRUSTED_DMA, 1, EDU), PURLIN_OK);
	memset(&request, 0, sizeof(request));
	request.operation = PCI_DMA_MAP;
	request.words = 3;
	request.word[0] = 0;
	request.word[1] = 3;
	request.word[2] = 1;
	request.caps = 1;
	request.cap[0] = 50;
	assert_int_equal(pci_request(&server, session, &request), PURLIN_OK);
	assert_int_equal(request.reply[0], (50ull << 20) + 0x3000);
	assert_int_equal(ask(PCI_DMA_MAP, 0, 0, 0, 0), PURLIN_BAD_ARGUMENT);
}

static void bus_mastering_needs_memory(void **state)
{
	(void)state;
	assert_int_equal(OPEN(16, 1, 1, EDU), PURLIN_OK);
	ask(PCI_CONFIG_WRITE, PCI_BDF(0, 1, 0), 4, 2, 0x6);
	assert_false(command_of(edu) & COMMAND_MASTER);
	assert_int_equal(attach(5), PURLIN_BAD_ARGUMENT);
	assert_false(command_of(edu) & COMMAND_MASTER);
	assert_int_equal(attach(50), PURLIN_OK);
	assert_int_equal(request.reply[0], 50 << 20);
	assert_int_equal(request.cap[0], 0);
	assert_true(command_of(edu) & COMMAND_MASTER);
	assert_true(pci_config_read(PCI_BDF(0, 0x1e, 0), 4, 2) & COMMAND_MASTER);
	assert_int_equal(ask(PCI_DMA_UNMAP, 1, 0, 0, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(ask(PCI_DMA_UNMAP, 50 << 20, 0, 0, 0), PURLIN_OK);
	assert_false(command_of(edu) & COMMAND_MASTER);
}

static void intx_opens_with_the_line(void **state)
{
	(void)state;
	assert_int_equal(OPEN(16, 1, 1, EDU), PURLIN_OK);
	ask(PCI_CONFIG_WRITE, PCI_BDF(0, 1, 0), 4, 2, 0x2);
	assert_true(command_of(edu) & COMMAND_INTX_DISABLE);
	assert_int_equal(ask(PCI_INTX, PCI_BDF(0, 1, 0), 0, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], PURLIN_IRQ_LEVEL);
	assert_int_equal(request.reply[1], 20);
	assert_false(command_of(edu) & COMMAND_INTX_DISABLE);
	ask(PCI_CONFIG_WRITE, PCI_BDF(0, 1, 0), 4, 2, 0x402);
	assert_true(command_of(edu) & COMMAND_INTX_DISABLE);
}

static void shared_lines_stay_within_a_session(void **state)
{
	purlin_u64 slot;

	(void)state;
	assert_int_equal(OPEN(16, 1, 2, EDU, RULE(PCI_RULE_BDF, PCI_BDF(0, 4, 0), 0xffffu)),
			 PURLIN_OK);
	assert_int_equal(ask(PCI_INTX, PCI_BDF(0, 1, 0), 0, 0, 0), PURLIN_OK);
	slot = request.reply_cap[0].slot;
	assert_int_equal(ask(PCI_INTX, PCI_BDF(0, 4, 0), 0, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply_cap[0].slot, slot);
	assert_string_equal(fake_events, "G");
}

static void sessions_share_a_line(void **state)
{
	(void)state;
	assert_int_equal(OPEN(16, 1, 1, EDU), PURLIN_OK);
	assert_int_equal(ask(PCI_INTX, PCI_BDF(0, 1, 0), 0, 0, 0), PURLIN_OK);
	assert_int_equal(OPEN(17, 1, 1, USB), PURLIN_OK);
	assert_int_equal(ask(PCI_INTX, PCI_BDF(0, 4, 0), 0, 0, 0), PURLIN_OK);
	assert_string_equal(fake_events, "GSS");
	assert_int_equal(ask(PCI_INTX, PCI_BDF(0, 0x1d, 0), 0, 0, 0), PURLIN_NO_DEVICE);
}

static void msi_is_programmed_for_real(void **state)
{
	(void)state;
	assert_int_equal(OPEN(16, 1, 1, USB), PURLIN_OK);
	ask(PCI_CONFIG_WRITE, PCI_BDF(0, 4, 0), MSI + 2, 2, 1);
	assert_false(fake_get(xhci, MSI + 2, 2) & MSI_ENABLE);
	assert_int_equal(ask(PCI_MSI_ALLOC, PCI_BDF(0, 4, 0), PCI_MSI, 0, 0), PURLIN_OK);
	assert_int_equal(fake_get(xhci, MSI + 4, 4), 0xfee00000);
	assert_int_not_equal(fake_get(xhci, MSI + 8, 2), 0);
	assert_true(fake_get(xhci, MSI + 2, 2) & MSI_ENABLE);
	assert_int_equal(ask(PCI_MSI_ALLOC, PCI_BDF(0, 4, 0), PCI_MSI, 0, 0), PURLIN_BUSY);
	assert_int_equal(ask(PCI_MSI_ALLOC, PCI_BDF(0, 4, 0), PCI_MSI, 1, 0), PURLIN_NO_DEVICE);
	assert_int_equal(ask(PCI_MSI_FREE, PCI_BDF(0, 4, 0), PCI_MSI, 0, 0), PURLIN_OK);
	assert_false(fake_get(xhci, MSI + 2, 2) & MSI_ENABLE);
	assert_int_equal(ask(PCI_MSI_FREE, PCI_BDF(0, 4, 0), PCI_MSI, 0, 0), PURLIN_NO_DEVICE);
}

static void msix_entries_are_masked_until_allocated(void **state)
{
	(void)state;
	assert_int_equal(OPEN(16, 1, 1, USB), PURLIN_OK);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(fake_msix_table[4 * i + 3], 1);
	ask(PCI_CONFIG_WRITE, PCI_BDF(0, 4, 0), MSIX + 2, 2, 0x8000);
	assert_true(fake_get(xhci, MSIX + 2, 2) & MSIX_ENABLE);
	assert_int_equal(ask(PCI_MSI_ALLOC, PCI_BDF(0, 4, 0), PCI_MSIX, 2, 0), PURLIN_OK);
	assert_int_equal(fake_msix_table[8], 0xfee00000);
	assert_int_equal(fake_msix_table[11], 0);
	assert_int_equal(fake_msix_table[7], 1);
	assert_int_equal(ask(PCI_MSI_ALLOC, PCI_BDF(0, 4, 0), PCI_MSIX, 4, 0), PURLIN_NO_DEVICE);
	assert_int_equal(ask(PCI_MSI_FREE, PCI_BDF(0, 4, 0), PCI_MSIX, 2, 0), PURLIN_OK);
	assert_int_equal(fake_msix_table[11], 1);
	assert_int_equal(fake_msix_table[8], 0);
}

static void requests_name_what_there_is(void **state)
{
	purlin_u64 xhci_bdf = PCI_BDF(0, 4, 0), nobody = PCI_BDF(0, 9, 0);

	(void)state;
	assert_int_equal(OPEN(16, 1, 1, USB), PURLIN_OK);
	assert_int_equal(ask(PCI_MSI_ALLOC, xhci_bdf, PCI_MSI, 1, 0), PURLIN_NO_DEVICE);
	assert_int_equal(ask(PCI_MSI_ALLOC, xhci_bdf, PCI_MSIX, 4, 0), PURLIN_NO_DEVICE);
	assert_int_equal(ask(PCI_MSI_ALLOC, xhci_bdf, 2, 0, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(ask(PCI_MSI_FREE, xhci_bdf, PCI_MSI, 0, 0), PURLIN_NO_DEVICE);
	assert_int_equal(ask(PCI_MSI_FREE, xhci_bdf, 2, 0, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(ask(PCI_MSI_FREE, xhci_bdf, PCI_MSIX, 2048, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(ask(PCI_CLAIM, 2, 0, 0, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(ask(PCI_MSI_ALLOC, xhci_bdf, PCI_MSI, 0, 0), PURLIN_OK);
	assert_int_equal(ask(PCI_MSI_ALLOC, xhci_bdf, PCI_MSI, 0, 0), PURLIN_BUSY);
	assert_int_equal(ask(PCI_DMA_UNMAP, 0x1000, 0, 0, 0), PURLIN_BAD_ARGUMENT);
	for (purlin_u32 call = PCI_BAR; call <= PCI_RESET; call++)
		if (call != PCI_DMA_MAP && call != PCI_DMA_UNMAP)
			assert_int_equal(ask(call, nobody, 0, 0, 0), PURLIN_NO_DEVICE);
	/* Whatever the words say. */
	assert_int_equal(ask(0, nobody, 0, 0, 0), PURLIN_BAD_CALL);
	assert_int_equal(ask(PCI_AWAIT, nobody, 0, 0, 0), PURLIN_BAD_CALL);
	assert_int_equal(ask(PCI_AWAIT + 1, nobody, 0, 0, 0), PURLIN_BAD_CALL);
}

static void the_table_page_is_replaced(void **state)
{
	(void)state;
	assert_int_equal(OPEN(16, 1, 1, USB), PURLIN_OK);
	assert_int_equal(ask(PCI_BAR, PCI_BDF(0, 4, 0), 0, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], PCI_BAR_MEMORY);
	assert_int_equal(request.reply[2], 0x4000);
	assert_int_equal(request.reply[3], 3);
	assert_int_equal(request.reply[4], 1);
	assert_int_equal(ask(PCI_BAR_PIECE, PCI_BDF(0, 4, 0), 0, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], 0);
	assert_int_equal(request.reply[1], 3);
	assert_int_equal(ask(PCI_BAR_PIECE, PCI_BDF(0, 4, 0), 0, 1, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], 3);
	assert_int_equal(request.reply[1], 1);
	assert_int_equal(ask(PCI_BAR_PIECE, PCI_BDF(0, 4, 0), 0, 2, 0), PURLIN_NO_DEVICE);
	assert_string_equal(fake_events, "IR");
	assert_int_equal(ask(PCI_BAR, PCI_BDF(0, 0x1d, 0), 4, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], PCI_BAR_PORTS);
	assert_int_equal(request.reply_caps, 1);
	assert_int_equal(ask(PCI_BAR, PCI_BDF(0, 4, 0), 7, 0, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(ask(PCI_BAR_PIECE, PCI_BDF(0, 4, 0), 6, 0, 0), PURLIN_NO_DEVICE);
	assert_int_equal(ask(PCI_BAR_PIECE, PCI_BDF(0, 4, 0), 7, 0, 0), PURLIN_BAD_ARGUMENT);
}

/* The session for edu, and its place there. */
static purlin_u64 open_edu(void)
{
	assert_int_equal(OPEN(16, 1, 1, EDU), PURLIN_OK);
	assert_int_equal(ask(PCI_DEVICE, 0, 0, 0, 0), PURLIN_OK);
	return request.reply[0];
}

static uint32_t client_rom(purlin_u64 bdf)
{
	assert_int_equal(ask(PCI_CONFIG_READ, bdf, 0x30, 4, 0), PURLIN_OK);
	return (uint32_t)request.reply[0];
}

static void rom_is_switched_on_for_its_holder(void **state)
{
	purlin_u64 bdf = open_edu();

	(void)state;
	assert_int_equal(ask(PCI_BAR, bdf, 6, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], PCI_BAR_MEMORY);
	assert_int_equal(request.reply[1], ROM_AT);
	assert_int_equal(request.reply[2], 0x10000);
	assert_int_equal(ask(PCI_CONFIG_WRITE, bdf, 0x30, 4, ROM_AT | 1), PURLIN_OK);
	assert_int_equal(client_rom(bdf), ROM_AT | 1);
	assert_int_equal(fake_get(edu, 0x30, 4), ROM_AT);
	assert_int_equal(ask(PCI_BAR_PIECE, bdf, 6, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], 0);
	assert_int_equal(request.reply[1], 16);
	assert_int_equal(request.reply_caps, 1);
	assert_int_equal(fake_get(edu, 0x30, 4), ROM_AT | 1);
	assert_int_equal(command_of(edu) & 2, 2);
	assert_int_equal(ask(PCI_BAR_PIECE, bdf, 6, 1, 0), PURLIN_NO_DEVICE);
	assert_int_equal(ask(PCI_CONFIG_WRITE, bdf, 0x30, 4, ROM_AT), PURLIN_OK);
	assert_int_equal(fake_get(edu, 0x30, 4), ROM_AT);
	assert_int_equal(ask(PCI_CONFIG_WRITE, bdf, 0x30, 1, 1), PURLIN_OK);
	assert_int_equal(fake_get(edu, 0x30, 4), ROM_AT | 1);
	close_session(&server, 16);
	assert_int_equal(fake_get(edu, 0x30, 4), ROM_AT);
}

static void rom_stays_where_it_is(void **state)
{
	purlin_u64 bdf = open_edu();

	(void)state;
	assert_int_equal(ask(PCI_BAR_PIECE, bdf, 6, 0, 0), PURLIN_OK);
	assert_int_equal(ask(PCI_CONFIG_WRITE, bdf, 0x30, 4, 0xfe000001u), PURLIN_OK);
	assert_int_equal(fake_get(edu, 0x30, 4), ROM_AT | 1);
	assert_int_equal(client_rom(bdf), ROM_AT | 1);
	/* It answers sizing as a real one, but the real one is not moved and off meanwhile. */
	assert_int_equal(ask(PCI_CONFIG_WRITE, bdf, 0x30, 4, 0xffffffffu), PURLIN_OK);
	assert_int_equal(client_rom(bdf) & 0xfffff800u, 0xffff0000u);
	assert_int_equal(fake_get(edu, 0x30, 4), ROM_AT);
}

static void rom_is_refused_over_others(void **state)
{
	struct pci_function *other = pci_tree_find(&server.tree, PCI_BDF(0, 5, 1));
	purlin_u64 bdf = open_edu();

	(void)state;
	assert_int_equal(ask(PCI_CONFIG_WRITE, bdf, 0x30, 4, ROM_AT | 1), PURLIN_OK);
	for (unsigned int place = 0; place <= PCI_ROM; place += PCI_ROM) {
		other->bar[place] = (struct pci_bar){ .address = ROM_AT + 0xf800, .size = 0x800 };
		assert_int_equal(ask(PCI_BAR, bdf, 6, 0, 0), PURLIN_NO_RIGHT);
		assert_int_equal(ask(PCI_BAR_PIECE, bdf, 6, 0, 0), PURLIN_NO_RIGHT);
		assert_int_equal(fake_get(edu, 0x30, 4), ROM_AT);
		other->bar[place].size = 0;
	}
	assert_int_equal(ask(PCI_BAR_PIECE, bdf, 6, 0, 0), PURLIN_OK);
}

static void rom_without_address_is_in_nobodys_way(void **state)
{
	purlin_u64 bdf;

	(void)state;
	fake_set(edu, 0x30, 4, 1, 0xffff0001, 0);
	memset(&server.tree, 0, sizeof(server.tree));
	pci_tree_scan(&server.tree, 0);
	assert_int_equal(fake_get(edu, 0x30, 4), 0);
	bdf = open_edu();
	assert_int_equal(ask(PCI_BAR, bdf, 6, 0, 0), PURLIN_NO_DEVICE);
	assert_int_equal(ask(PCI_BAR_PIECE, bdf, 6, 0, 0), PURLIN_NO_DEVICE);
	assert_int_equal(ask(PCI_CONFIG_WRITE, bdf, 0x30, 4, 1), PURLIN_OK);
	assert_int_equal(fake_get(edu, 0x30, 4), 0);
	assert_int_equal(ask(PCI_BAR, bdf, 0, 0, 0), PURLIN_OK);
}

static void small_bars_share_no_page(void **state)
{
	(void)state;
	/* Another component's registers in the same page as a BAR of ours. */
	server.tree.function[1].bar[0] = (struct pci_bar){ .address = 0xfe010800, .size = 0x100 };
	server.tree.function[4].bar[0].address = 0xfe010000;
	server.tree.function[4].bar[0].size = 0x400;
	assert_int_equal(OPEN(16, 1, 1, USB), PURLIN_OK);
	assert_int_equal(ask(PCI_BAR_PIECE, PCI_BDF(0, 0x1d, 7), 0, 0, 0), PURLIN_NO_RIGHT);
	server.tree.function[1].bar[0].address = 0xfe011000;
	assert_int_equal(ask(PCI_BAR_PIECE, PCI_BDF(0, 0x1d, 7), 0, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[1], 1);
}

static void a_session_has_so_many_attachments(void **state)
{
	(void)state;
	assert_int_equal(OPEN(16, 1, 1, EDU), PURLIN_OK);
	for (purlin_u64 i = 0; i < PCI_DMA_MOST; i++)
		assert_int_equal(attach(50 + i), PURLIN_OK);
	assert_int_equal(attach(50 + PCI_DMA_MOST), PURLIN_NO_MEMORY);
	assert_int_equal(ask(PCI_DMA_UNMAP, 50 << 20, 0, 0, 0), PURLIN_OK);
	assert_int_equal(attach(50 + PCI_DMA_MOST), PURLIN_OK);
}

static void windows_are_those_of_the_bridge(void **state)
{
	(void)state;
	assert_int_equal(OPEN(16, 1, 1, EDU), PURLIN_OK);
	server.acpi.windows = 2;
	server.acpi.window[0] =
		(struct acpi_window){ .base = 0xc0000000, .size = 0x100000, .prefetchable = true };
	server.acpi.window[1] = (struct acpi_window){ .base = 0xd00, .size = 0x20, .ports = true };
	assert_int_equal(ask(PCI_WINDOWS, 0, 0, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply_words, 7);
	assert_int_equal(request.reply[0], 2);
	assert_int_equal(request.reply[1], 0xc0000000);
	assert_int_equal(request.reply[2], 0x100000);
	assert_int_equal(request.reply[3], PCI_BAR_MEMORY | PCI_BAR_PREFETCHABLE);
	assert_int_equal(request.reply[4], 0xd00);
	assert_int_equal(request.reply[6], PCI_BAR_PORTS);
}

/* More than a reply holds: those that the session's devices need are there. */
static void windows_of_its_devices_come_first(void **state)
{
	const unsigned int last = ACPI_WINDOWS - 1;

	(void)state;
	assert_int_equal(OPEN(16, 1, 1, EDU), PURLIN_OK);
	server.acpi.windows = ACPI_WINDOWS;
	for (unsigned int i = 0; i < last; i++)
		server.acpi.window[i] =
			(struct acpi_window){ .base = 0x100000000ull * (i + 1), .size = 0x1000 };
	server.acpi.window[last] =
		(struct acpi_window){ .base = session->devices->function->bar[0].address,
				      .size = session->devices->function->bar[0].size };
	assert_int_equal(ask(PCI_WINDOWS, 0, 0, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply_words, 1 + 3 * PCI_WINDOWS_MOST);
	assert_int_equal(request.reply[0], PCI_WINDOWS_MOST);
	assert_int_equal(request.reply[1], server.acpi.window[last].base);
	assert_int_equal(request.reply[4], 0x100000000ull);
	assert_int_equal(request.reply[1 + 3 * (PCI_WINDOWS_MOST - 1)],
			 0x100000000ull * (PCI_WINDOWS_MOST - 1));
}

/* What a component has by IO_PORT, IO_MEM or IRQ, and what the kernel uses. */
static void what_core_refuses_is_refused(void **state)
{
	static const purlin_s64 reasons[] = { PURLIN_BUSY, PURLIN_OVERLAP };
	purlin_u64 ports = PCI_BDF(0, 4, 0), bdf = PCI_BDF(0, 4, 0);
	struct pci_bar *bar = &pci_tree_find(&server.tree, PCI_BDF(0, 4, 0))->bar[1];

	(void)state;
	*bar = (struct pci_bar){ .address = 0xc000, .size = 0x20, .flags = 1 };
	assert_int_equal(OPEN(16, 1, 1, USB), PURLIN_OK);
	for (unsigned int i = 0; i < 2; i++) {
		fake_refusal = reasons[i];
		assert_int_equal(ask(PCI_BAR, ports, 1, 0, 0), reasons[i]);
		assert_int_equal(ask(PCI_BAR_PIECE, bdf, 0, 0, 0), reasons[i]);
	}
	fake_refusal = PURLIN_BUSY;
	assert_int_equal(ask(PCI_INTX, bdf, 0, 0, 0), PURLIN_BUSY);
	fake_refusal = PURLIN_OK;
	assert_int_equal(ask(PCI_BAR, ports, 1, 0, 0), PURLIN_OK);
	assert_int_equal(ask(PCI_BAR_PIECE, bdf, 0, 0, 0), PURLIN_OK);
	assert_int_equal(ask(PCI_INTX, bdf, 0, 0, 0), PURLIN_OK);
	assert_int_equal(ask(PCI_BAR_PIECE, bdf, 7, 0, 0), PURLIN_BAD_ARGUMENT);
}

static void bad_places_in_configuration_space(void **state)
{
	(void)state;
	assert_int_equal(OPEN(16, 1, 1, USB), PURLIN_OK);
	assert_int_equal(ask(PCI_CONFIG_READ, PCI_BDF(0, 4, 0), 2, 4, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(ask(PCI_CONFIG_READ, PCI_BDF(0, 4, 0), 4096, 1, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(ask(PCI_CONFIG_WRITE, PCI_BDF(0, 4, 0), 0, 3, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(ask(PCI_CONFIG_READ, 1ull << 32 | PCI_BDF(0, 4, 0), 0, 4, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], 0xffffffff);
	assert_int_equal(ask(99, PCI_BDF(0, 4, 0), 0, 0, 0), PURLIN_BAD_CALL);
}

/* No interrupt goes and no pin ends while the function could still use it. */
static void check_silence(char event)
{
	if (event != 'g' && event != 'a' && event != 'i' && event != 'r')
		return;
	assert_false(command_of(xhci) & COMMAND_MASTER);
	assert_true(command_of(xhci) & COMMAND_INTX_DISABLE);
	assert_false(fake_get(xhci, MSI + 2, 2) & MSI_ENABLE);
	assert_false(fake_get(xhci, MSIX + 2, 2) & MSIX_ENABLE);
	assert_int_equal(fake_msix_table[3], 1);
}

static void teardown_goes_from_device_to_memory(void **state)
{
	(void)state;
	assert_int_equal(OPEN(16, 1, 1, USB), PURLIN_OK);
	assert_int_equal(attach(50), PURLIN_OK);
	assert_int_equal(ask(PCI_INTX, PCI_BDF(0, 4, 0), 0, 0, 0), PURLIN_OK);
	assert_int_equal(ask(PCI_MSI_ALLOC, PCI_BDF(0, 4, 0), PCI_MSIX, 0, 0), PURLIN_OK);
	assert_int_equal(ask(PCI_BAR_PIECE, PCI_BDF(0, 4, 0), 0, 0, 0), PURLIN_OK);
	assert_int_equal(ask(PCI_BAR_PIECE, PCI_BDF(0, 4, 0), 0, 1, 0), PURLIN_OK);
	ask(PCI_CONFIG_WRITE, PCI_BDF(0, 4, 0), MSIX + 2, 2, 0x8000);
	ask(PCI_CONFIG_WRITE, PCI_BDF(0, 4, 0), 4, 2, 0x6);
	assert_true(command_of(xhci) & COMMAND_MASTER);
	assert_string_equal(fake_events, "AGSMIR");
	fake_on_event = check_silence;
	assert_true(close_session(&server, 16));
	assert_string_equal(fake_events, "AGSMIRgirsga");
	assert_false(close_session(&server, 16));
	for (unsigned int i = 0; i < server.tree.count; i++)
		assert_null(server.tree.function[i].owner);
}

static void badges_of_closed_sessions_name_nothing(void **state)
{
	(void)state;
	assert_int_equal(OPEN(16, 1, 1, USB), PURLIN_OK);
	assert_true(close_session(&server, 16));
	assert_null(pci_session_find(&server, 16));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, server_clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everything_is_quiet_at_first),
		TEST(trust_is_demanded_by_name),
		TEST(missing_devices_are_named),
		TEST(bridges_are_never_given),
		TEST(broken_policies_are_refused),
		TEST(places_are_kept_on_bus_0),
		TEST(others_get_a_place_of_their_own),
		TEST(a_device_has_one_owner),
		TEST(bus_mastering_needs_memory),
		TEST(parts_of_memory_are_attached),
		TEST(intx_opens_with_the_line),
		TEST(shared_lines_stay_within_a_session),
		TEST(sessions_share_a_line),
		TEST(msi_is_programmed_for_real),
		TEST(msix_entries_are_masked_until_allocated),
		TEST(requests_name_what_there_is),
		TEST(the_table_page_is_replaced),
		TEST(rom_is_switched_on_for_its_holder),
		TEST(rom_stays_where_it_is),
		TEST(rom_is_refused_over_others),
		TEST(rom_without_address_is_in_nobodys_way),
		TEST(small_bars_share_no_page),
		TEST(a_session_has_so_many_attachments),
		TEST(windows_are_those_of_the_bridge),
		TEST(windows_of_its_devices_come_first),
		TEST(what_core_refuses_is_refused),
		TEST(bad_places_in_configuration_space),
		TEST(teardown_goes_from_device_to_memory),
		TEST(badges_of_closed_sessions_name_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
