/* SPDX-License-Identifier: MIT */
/* What Devices tells of who has what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "drivers/platform/device_reset.h"
#include "drivers/platform/devices_session.h"
#include "drivers/platform/pci_config.h"
#include "drivers/platform/pci_groups.h"
#include "drivers/platform/pci_registers.h"
#include "drivers/platform/pci_requests.h"
#include "fake_core.h"
#include "fake_pci.h"
#include "fake_server.h"
#include "session/devices.h"
#include "session/pci.h"

#define NIC PCI_BDF(0, 4, 0)
#define DISK PCI_BDF(0, 5, 3)
#define BRIDGE PCI_BDF(0, 0x1e, 0)
#define BEHIND PCI_BDF(2, 3, 0)
#define PM 0x40
#define MSIX 0x70

static struct request request;
static struct devices_viewer *viewer; /* NULL: whoever looks sees everything */

static int prepare(void **state)
{
	struct fake_function *nic, *bridge;

	(void)state;
	viewer = NULL;
	server_begin(&dma_untranslated);
	nic = fake_pci_add(NIC, 0x8086, 0x10d3, 0x020000);
	fake_set(nic, 0x10, 4, 0xfe000000, 0xfffc0000, 0);
	fake_set(nic, 0x3d, 1, 1, 0, 0);
	fake_capability(nic, PM, CAP_PM);
	fake_set(nic, PM + PM_CONTROL, 2, 0, 3, 0);
	fake_capability(nic, MSIX, CAP_MSIX);
	fake_set(nic, MSIX + 2, 2, 0x3, 0xc000, 0);
	fake_set(nic, MSIX + 4, 4, 0x3000, 0, 0);
	fake_set(fake_pci_add(PCI_BDF(0, 5, 0), 0x1111, 0x2222, 0x030000), 0x0e, 1, 0x80, 0, 0);
	fake_set(fake_pci_add(DISK, 0x1111, 0x3333, 0x010802), 0x20, 4, 0xc001, 0xffe0, 0);
	bridge = fake_pci_add(BRIDGE, 0x1b36, 0x0001, 0x060400);
	fake_set(bridge, 0x0e, 1, 1, 0, 0);
	fake_set(bridge, 0x18, 4, 0x00020200, 0, 0);
	fake_pci_add(BEHIND, 0x1234, 0x11e8, 0x00ff00);
	pci_tree_scan(&server.tree, 0);
	pci_groups_form(&server.tree);
	reset_note_all(&server.tree);
	return 0;
}

static purlin_s64 look(purlin_u32 operation, purlin_u64 first, purlin_u64 second)
{
	memset(&request, 0, sizeof(request));
	request.operation = operation;
	request.word[0] = first;
	request.word[1] = second;
	return devices_request(&server, viewer, &request);
}

/* The record of a function goes to `request`; its index. */
static purlin_u64 find(uint16_t bdf)
{
	for (purlin_u64 i = 0;; i++) {
		assert_int_equal(look(DEVICES_FUNCTION, i, 0), PURLIN_OK);
		if (request.reply[DEVICES_FUNCTION_BDF] == bdf)
			return i;
	}
}

static const char *text_at(unsigned int word)
{
	return (const char *)&request.reply[word];
}

static purlin_s64 open_for(const char *label, purlin_u64 badge, purlin_u64 flags, uint16_t bdf)
{
	const purlin_u64 words[] = { flags, 1, PCI_RULE_BDF, bdf | 0xffffull << 32 };

	return open_session(&server, badge, label, words, 4);
}

static purlin_s64 ask(purlin_u64 badge, purlin_u32 operation, purlin_u64 a, purlin_u64 b,
		      purlin_u64 c)
{
	struct pci_session *session = pci_session_find(&server, badge);

	memset(&request, 0, sizeof(request));
	request.operation = operation;
	request.word[0] = a;
	request.word[1] = b;
	request.word[2] = c;
	request.caps = operation == PCI_DMA_MAP;
	request.cap[0] = operation == PCI_DMA_MAP ? 20 : 0;
	if (operation == PCI_DMA_MAP)
		request.words = 0;
	return pci_request(&server, session, &request);
}

static void functions_without_an_owner(void **state)
{
	(void)state;
	(void)find(NIC);
	assert_int_equal(request.reply_words, 32);
	assert_int_equal(request.reply[DEVICES_FUNCTION_ID], 0x10d38086);
	assert_int_equal(request.reply[DEVICES_FUNCTION_CLASS], 0x02000001);
	assert_int_equal(request.reply[DEVICES_FUNCTION_FLAGS], 0);
	assert_int_equal(request.reply[DEVICES_FUNCTION_RESETS], DEVICES_RESET_POWER);
	assert_string_equal(text_at(DEVICES_FUNCTION_OWNER), "");
	assert_string_equal(text_at(DEVICES_FUNCTION_CLIENT), "");
	(void)find(DISK);
	assert_int_equal(request.reply[DEVICES_FUNCTION_RESETS], 0);
	(void)find(BRIDGE);
	assert_int_equal(request.reply[DEVICES_FUNCTION_FLAGS], DEVICES_PLATFORM);
	(void)find(BEHIND);
	assert_int_equal(request.reply[DEVICES_FUNCTION_GROUP], BRIDGE);
	assert_int_equal(look(DEVICES_FUNCTION, server.tree.count, 0), PURLIN_NO_DEVICE);
	assert_int_equal(look(DEVICES_FUNCTION, ~0ull, 0), PURLIN_NO_DEVICE);
}

static void owners_are_named(void **state)
{
	(void)state;
	assert_int_equal(open_for("linux/pci", 16, PCI_POLICY_TRUSTED_DMA, DISK), PURLIN_OK);
	(void)find(DISK);
	assert_int_equal(request.reply[DEVICES_FUNCTION_FLAGS], DEVICES_OWNED);
	assert_string_equal(text_at(DEVICES_FUNCTION_OWNER), "linux/pci");
	assert_int_equal(request.reply[DEVICES_FUNCTION_SEEN], PCI_BDF(0, 1, 0));
	assert_true(close_session(&server, 16));
	(void)find(DISK);
	assert_int_equal(request.reply[DEVICES_FUNCTION_FLAGS], 0);
	server.tree.function[find(DISK)].quarantined = true;
	(void)find(DISK);
	assert_int_equal(request.reply[DEVICES_FUNCTION_FLAGS], DEVICES_QUARANTINED);
}

static void faults_are_told(void **state)
{
	(void)state;
	assert_int_equal(open_for("linux/pci", 16, PCI_POLICY_TRUSTED_DMA, NIC), PURLIN_OK);
	server.sessions->devices->faults = 5;
	server.sessions->fault.count = 7;
	server.sessions->fault.bdf = NIC;
	server.sessions->fault.last = (struct dma_fault){ 0x1000, NIC, 6, true, "", false };
	(void)find(NIC);
	assert_int_equal(request.reply[DEVICES_FUNCTION_FAULTS], 5);
	assert_int_equal(look(DEVICES_DOMAIN, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[7], 7);
	assert_int_equal(request.reply[8], NIC);
	assert_int_equal(request.reply[9], 0x1000);
	assert_int_equal(request.reply[10], 6 | PCI_FAULT_READ);
}

static void refusals_are_told(void **state)
{
	(void)state;
	assert_int_equal(open_for("bold/pci", 16, 0, NIC), PURLIN_NO_RIGHT);
	(void)find(NIC);
	assert_string_equal(text_at(DEVICES_FUNCTION_CLIENT), "bold/pci");
	assert_non_null(strstr(text_at(DEVICES_FUNCTION_REASON), "trusted-dma"));
	assert_int_equal(open_for("linux/pci", 16, PCI_POLICY_TRUSTED_DMA, NIC), PURLIN_OK);
	assert_int_equal(open_for("late/pci", 17, PCI_POLICY_TRUSTED_DMA, NIC), PURLIN_BUSY);
	(void)find(NIC);
	assert_string_equal(text_at(DEVICES_FUNCTION_CLIENT), "late/pci");
	assert_string_equal(text_at(DEVICES_FUNCTION_REASON), "another component has it");
	assert_string_equal(text_at(DEVICES_FUNCTION_OWNER), "linux/pci");
}

/* As init opens a session for a component with control of others. */
static void view_as(purlin_u64 badge, const char *first, const char *second)
{
	purlin_u64 words[1 + 2 * DEVICES_NAME_WORDS] = { 2 };

	strcpy((char *)&words[1], first);
	strcpy((char *)&words[1 + DEVICES_NAME_WORDS], second);
	assert_int_equal(devices_open(words, 1 + 2 * DEVICES_NAME_WORDS, &viewer), PURLIN_OK);
	viewer->badge = badge;
}

static purlin_u64 functions_seen(void)
{
	assert_int_equal(look(DEVICES_MACHINE, 0, 0), PURLIN_OK);
	return request.reply[1];
}

static void only_those_of_some_are_seen(void **state)
{
	(void)state;
	view_as(3, "linux", "bold");
	assert_int_equal(functions_seen(), 0);
	assert_int_equal(look(DEVICES_FUNCTION, 0, 0), PURLIN_NO_DEVICE);
	assert_int_equal(open_for("linux2/pci", 16, PCI_POLICY_TRUSTED_DMA, NIC), PURLIN_OK);
	assert_int_equal(open_for("linux/pci", 17, PCI_POLICY_TRUSTED_DMA, DISK), PURLIN_OK);
	assert_int_equal(functions_seen(), 1);
	assert_int_equal(find(DISK), 0);
	assert_string_equal(text_at(DEVICES_FUNCTION_OWNER), "linux/pci");
	assert_int_equal(look(DEVICES_FUNCTION, 1, 0), PURLIN_NO_DEVICE);
	assert_int_equal(look(DEVICES_BAR, 1, 0), PURLIN_NO_DEVICE);
	assert_int_equal(look(DEVICES_DOMAIN, 0, 0), PURLIN_OK);
	assert_string_equal(text_at(0), "linux/pci");
	assert_int_equal(look(DEVICES_DOMAIN, 1, 0), PURLIN_NO_DEVICE);
	/* Whose it is that one of them wanted is not told. */
	assert_int_equal(open_for("bold/pci", 18, PCI_POLICY_TRUSTED_DMA, NIC), PURLIN_BUSY);
	(void)find(NIC);
	assert_string_equal(text_at(DEVICES_FUNCTION_CLIENT), "bold/pci");
	assert_string_equal(text_at(DEVICES_FUNCTION_OWNER), "");
	assert_int_equal(request.reply[DEVICES_FUNCTION_SEEN], 0);
	assert_int_equal(open_for("other/pci", 19, PCI_POLICY_TRUSTED_DMA, DISK), PURLIN_BUSY);
	(void)find(DISK);
	assert_string_equal(text_at(DEVICES_FUNCTION_CLIENT), "");
	assert_string_equal(text_at(DEVICES_FUNCTION_REASON), "");
	viewer->badge = 0;
}

static void few_see_only_some(void **state)
{
	struct devices_viewer *all[DEVICES_VIEWERS];
	purlin_u64 words[2] = { DEVICES_NAMES + 1 };

	(void)state;
	assert_int_equal(devices_open(words, 0, &viewer), PURLIN_BAD_ARGUMENT);
	assert_int_equal(devices_open(words, 2, &viewer), PURLIN_BAD_ARGUMENT);
	words[0] = 1;
	assert_int_equal(devices_open(words, 2, &viewer), PURLIN_BAD_ARGUMENT);
	words[0] = DEVICES_ALL;
	assert_int_equal(devices_open(words, 1, &viewer), PURLIN_OK);
	assert_null(viewer);
	for (purlin_u64 i = 0; i < DEVICES_VIEWERS; i++) {
		view_as(3 + i, "one", "another");
		all[i] = viewer;
		assert_ptr_equal(devices_viewer(3 + i), viewer);
	}
	words[0] = 0;
	assert_int_equal(devices_open(words, 1, &viewer), PURLIN_NO_MEMORY);
	for (unsigned int i = 0; i < DEVICES_VIEWERS; i++)
		all[i]->badge = 0;
	assert_null(devices_viewer(0));
	assert_null(devices_viewer(3));
}

static void bars_are_listed(void **state)
{
	purlin_u64 nic = find(NIC);

	(void)state;
	assert_int_equal(look(DEVICES_BAR, nic, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], 0xfe000000);
	assert_int_equal(request.reply[1], 0x40000);
	assert_int_equal(request.reply[2], PCI_BAR_MEMORY);
	assert_int_equal(look(DEVICES_BAR, nic, 1), PURLIN_OK);
	assert_int_equal(request.reply[1], 0);
	assert_int_equal(look(DEVICES_BAR, nic, 7), PURLIN_NO_DEVICE);
	assert_int_equal(look(DEVICES_BAR, ~0ull, 0), PURLIN_NO_DEVICE);
	assert_int_equal(look(DEVICES_BAR, find(DISK), 4), PURLIN_OK);
	assert_int_equal(request.reply[2], PCI_BAR_PORTS);
}

static void expect_interrupt(purlin_u64 index, purlin_u64 kind, purlin_u64 number)
{
	assert_int_equal(look(DEVICES_INTERRUPT, index, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], NIC);
	assert_int_equal(request.reply[1], kind);
	assert_int_equal(request.reply[2], number);
	assert_true(request.reply[3] >= 100);
	assert_int_equal(request.reply[4], 2);
}

static void interrupts_are_counted(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < FAKE_SLOTS; i++)
		fake_storms[i] = 2;
	assert_int_equal(open_for("linux/pci", 16, PCI_POLICY_TRUSTED_DMA, NIC), PURLIN_OK);
	assert_int_equal(look(DEVICES_INTERRUPT, 0, 0), PURLIN_NO_DEVICE);
	assert_int_equal(ask(16, PCI_INTX, NIC, 0, 0), PURLIN_OK);
	assert_int_equal(ask(16, PCI_MSI_ALLOC, NIC, PCI_MSIX, 0), PURLIN_OK);
	assert_int_equal(ask(16, PCI_MSI_ALLOC, NIC, PCI_MSIX, 2), PURLIN_OK);
	expect_interrupt(0, DEVICES_LINE, fake_route.gsi);
	expect_interrupt(1, PCI_MSIX, 0);
	expect_interrupt(2, PCI_MSIX, 2);
	assert_int_equal(look(DEVICES_INTERRUPT, 3, 0), PURLIN_NO_DEVICE);
}

static void domains_have_sizes(void **state)
{
	(void)state;
	assert_int_equal(open_for("linux/pci", 16, PCI_POLICY_TRUSTED_DMA, NIC), PURLIN_OK);
	assert_int_equal(ask(16, PCI_DMA_MAP, 0, 0, 0), PURLIN_OK);
	assert_int_equal(look(DEVICES_DOMAIN, 0, 0), PURLIN_OK);
	assert_string_equal(text_at(0), "linux/pci");
	assert_int_equal(request.reply[4], 1);
	assert_int_equal(request.reply[5], 1);
	assert_int_equal(request.reply[6], fake_pin_pages);
	assert_int_equal(look(DEVICES_DOMAIN, 1, 0), PURLIN_NO_DEVICE);
}

static purlin_u64 changes(void)
{
	assert_int_equal(look(DEVICES_MACHINE, 0, 0), PURLIN_OK);
	return request.reply[0];
}

static void changes_are_counted(void **state)
{
	purlin_u64 before = changes();

	(void)state;
	assert_int_equal(request.reply[1], server.tree.count);
	assert_int_equal(request.reply[2], 0);
	assert_string_equal(text_at(3), "none");
	assert_int_equal(changes(), before);
	assert_int_equal(open_for("linux/pci", 16, PCI_POLICY_TRUSTED_DMA, NIC), PURLIN_OK);
	assert_true(changes() > before);
	assert_int_equal(request.reply[2], 1);
	before = changes();
	assert_int_equal(ask(16, PCI_CONFIG_READ, NIC, 0, 4), PURLIN_OK);
	assert_int_equal(changes(), before);
	assert_int_equal(ask(16, PCI_MSI_ALLOC, NIC, PCI_MSIX, 0), PURLIN_OK);
	assert_true(changes() > before);
	before = changes();
	assert_true(close_session(&server, 16));
	assert_true(changes() > before);
}

static purlin_u64 when_it_paused;

static void look_meanwhile(void)
{
	when_it_paused = changes();
}

/* A refusal is a change, and so is what happens after a pause. */
static void all_changes_are_counted(void **state)
{
	purlin_u64 before;

	(void)state;
	assert_int_equal(open_for("linux/pci", 16, PCI_POLICY_TRUSTED_DMA, NIC), PURLIN_OK);
	before = changes();
	assert_int_equal(open_for("late/pci", 17, PCI_POLICY_TRUSTED_DMA, NIC), PURLIN_BUSY);
	assert_true(changes() > before);
	fake_on_sleep = look_meanwhile;
	assert_int_equal(ask(16, PCI_RELEASE, NIC, 0, 0), PURLIN_OK);
	fake_on_sleep = NULL;
	assert_int_not_equal(when_it_paused, 0);
	assert_true(changes() > when_it_paused);
}

static void refuse_access(void)
{
	fail_msg("a device was touched");
}

/* Nor is there any request that changes something. */
static void looking_touches_no_device(void **state)
{
	(void)state;
	assert_int_equal(open_for("linux/pci", 16, PCI_POLICY_TRUSTED_DMA, NIC), PURLIN_OK);
	assert_int_equal(ask(16, PCI_MSI_ALLOC, NIC, PCI_MSIX, 0), PURLIN_OK);
	fake_events[0] = 0;
	fake_on_access = refuse_access;
	for (purlin_u32 operation = 0; operation < 64; operation++)
		for (purlin_u64 index = 0; index < 8; index++)
			(void)look(operation, index, index);
	fake_on_access = NULL;
	assert_string_equal(fake_events, "");
	assert_int_equal(look(PCI_RESET, NIC, 0), PURLIN_BAD_CALL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, server_clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(functions_without_an_owner),
		TEST(owners_are_named),
		TEST(faults_are_told),
		TEST(refusals_are_told),
		TEST(only_those_of_some_are_seen),
		TEST(few_see_only_some),
		TEST(bars_are_listed),
		TEST(interrupts_are_counted),
		TEST(domains_have_sizes),
		TEST(changes_are_counted),
		TEST(all_changes_are_counted),
		TEST(looking_touches_no_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
