/* SPDX-License-Identifier: MIT */
/* Resets, what they lose, and what is waited for before memory is used anew. */
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

#define PM 0x40
#define PCIE 0x80
#define AF 0xc0
#define DEVICE PCI_BDF(0, 4, 0)
#define REBAR 0x100
#define REBAR_CHOSEN 0x00000820u /* one BAR, number 0, of 256 MiB */
#define CONTROL (PCIE + PCIE_DEVICE_CONTROL)
#define FIRMWARE_CONTROL 0x2057u /* payloads of 512 bytes, error reports */

static struct pci_session *session;
static struct fake_function *fake;
static struct request request;
static unsigned int resets, first_resets, absent_after_reset, sleeps;

static void lose_everything(struct fake_function *function)
{
	resets++;
	/* The platform had made it quiet. */
	assert_false(fake_get(function, 4, 2) & COMMAND_MASTER);
	assert_false(fake_get(function, PCIE + PCIE_DEVICE_STATUS, 2) & PCIE_STATUS_PENDING);
	fake_set(function, 4, 2, 0, 0xffff, 0);
	fake_set(function, 0x10, 4, 4, 0xffff0000, 0);
	fake_set(function, 0x14, 4, 0, 0xffffffff, 0);
	if (fake_get(function, REBAR, 2) == XCAP_RESIZABLE_BAR)
		fake_set(function, REBAR + REBAR_CONTROL(0), 4, 0x00000f20, REBAR_SIZE, 0);
	function->absent_reads = absent_after_reset;
}

static void notice_reset(struct fake_function *function, unsigned int offset)
{
	if (offset == CONTROL && (fake_get(function, CONTROL, 2) & PCIE_CONTROL_FLR)) {
		lose_everything(function);
		fake_set(function, CONTROL, 2, 0x2810, 0xffff, 0);
	}
	if (offset == AF + AF_CONTROL && fake_get(function, AF + AF_CONTROL, 1)) {
		lose_everything(function);
		fake_set(function, AF + AF_CONTROL, 1, 0, 1, 0);
	}
	if (offset == PM + PM_CONTROL && (fake_get(function, PM + PM_CONTROL, 2) & PM_STATE) == 3)
		lose_everything(function);
}

static int prepare(void **state)
{
	(void)state;
	server_begin(&dma_untranslated);
	resets = 0;
	absent_after_reset = 0;
	fake = fake_pci_add(DEVICE, 0x1111, 0x0001, 0x020000);
	fake_set(fake, 0x10, 4, 0xfe000004, 0xffff0000, 0);
	fake_set(fake, 0x14, 4, 0x00000001, 0xffffffff, 0);
	fake->written = notice_reset;
	return 0;
}

static void add_pcie(uint32_t capabilities)
{
	fake_capability(fake, PCIE, CAP_PCIE);
	fake_set(fake, PCIE + 2, 2, 0x0002, 0, 0);
	fake_set(fake, PCIE + PCIE_DEVICE_CAPABILITIES, 4, capabilities, 0, 0);
	fake_set(fake, CONTROL, 2, FIRMWARE_CONTROL, 0xffff, 0);
}

static void add_af(void)
{
	fake_capability(fake, AF, CAP_AF);
	fake_set(fake, AF + 2, 2, 0x0306, 0, 0);
	fake_set(fake, AF + AF_CONTROL, 1, 0, 1, 0);
}

static void add_pm(uint32_t control)
{
	fake_capability(fake, PM, CAP_PM);
	fake_set(fake, PM + PM_CONTROL, 2, control, 0x3, 0);
}

static void start(void)
{
	const purlin_u64 words[] = { PCI_POLICY_TRUSTED_DMA, 1, PCI_RULE_BDF,
				     DEVICE | 0xffffull << 32 };

	if (!server.tree.count)
		pci_tree_scan(&server.tree, 0);
	assert_int_equal(open_session(&server, 16, "client", words, 4), PURLIN_OK);
	session = pci_session_find(&server, 16);
	first_resets = resets;
}

/* Since the session began. */
static unsigned int further_resets(void)
{
	return resets - first_resets;
}

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

static void attach(void)
{
	memset(&request, 0, sizeof(request));
	request.operation = PCI_DMA_MAP;
	request.caps = 1;
	request.cap[0] = 50;
	assert_int_equal(pci_request(&server, session, &request), PURLIN_OK);
	(void)ask(PCI_CONFIG_WRITE, DEVICE, 4, 2, COMMAND_MASTER | COMMAND_MEMORY);
	assert_true(fake_get(fake, 4, 2) & COMMAND_MASTER);
}

static void check_restored(void)
{
	assert_int_equal(fake_get(fake, 0x10, 4), 0xfe000004);
	assert_int_equal(fake_get(fake, 0x14, 4), 1);
	assert_int_equal(fake_get(fake, 4, 2) & (COMMAND_MEMORY | COMMAND_MASTER), COMMAND_MEMORY);
}

/* The session's wish for bus mastering is gone, as after power-on; the payload size is not. */
static void function_level_reset(void **state)
{
	(void)state;
	add_pcie(PCIE_CAN_FLR);
	start();
	assert_int_equal(fake_get(fake, CONTROL, 2), FIRMWARE_CONTROL & ~PCIE_CONTROL_REPORT);
	attach();
	absent_after_reset = 5;
	assert_int_equal(ask(PCI_RESET, DEVICE, 0, 0, 0), PURLIN_OK);
	assert_int_equal(further_resets(), 1);
	check_restored();
	assert_int_equal(fake_get(fake, CONTROL, 2), FIRMWARE_CONTROL & ~PCIE_CONTROL_REPORT);
	(void)ask(PCI_CONFIG_READ, DEVICE, 4, 2, 0);
	assert_false(request.reply[0] & COMMAND_MASTER);
	/* By the bit in configuration space, too, and again for the next client. */
	(void)ask(PCI_CONFIG_WRITE, DEVICE, CONTROL, 2, PCIE_CONTROL_FLR);
	assert_int_equal(further_resets(), 2);
	assert_true(close_session(&server, 16));
	assert_int_equal(further_resets(), 3);
	check_restored();
	assert_int_equal(fake_get(fake, CONTROL, 2), FIRMWARE_CONTROL & ~PCIE_CONTROL_REPORT);
}

/* Once before a session, by what firmware or the last client left; not again what was reset. */
static void every_session_begins_after_a_reset(void **state)
{
	(void)state;
	add_pcie(PCIE_CAN_FLR);
	start();
	assert_int_equal(resets, 1);
	assert_true(close_session(&server, 16));
	assert_int_equal(resets, 2);
	start();
	assert_int_equal(resets, 2);
	assert_true(close_session(&server, 16));
	assert_int_equal(resets, 3);
}

static void advanced_features_reset(void **state)
{
	(void)state;
	add_af();
	start();
	attach();
	assert_int_equal(ask(PCI_RESET, DEVICE, 0, 0, 0), PURLIN_OK);
	assert_int_equal(further_resets(), 1);
	check_restored();
	(void)ask(PCI_CONFIG_WRITE, DEVICE, AF + AF_CONTROL, 1, 1);
	assert_int_equal(further_resets(), 2);
}

static void power_state_reset(void **state)
{
	(void)state;
	add_pm(0);
	start();
	attach();
	assert_int_equal(ask(PCI_RESET, DEVICE, 0, 0, 0), PURLIN_OK);
	assert_int_equal(further_resets(), 1);
	check_restored();
	assert_int_equal(fake_get(fake, PM + PM_CONTROL, 2) & PM_STATE, 0);
}

static void no_way_to_reset(void **state)
{
	(void)state;
	add_pcie(0);
	add_pm(PM_NO_SOFT_RESET);
	start();
	attach();
	assert_int_equal(ask(PCI_RESET, DEVICE, 0, 0, 0), PURLIN_NO_DEVICE);
	assert_true(fake_get(fake, 4, 2) & COMMAND_MASTER);
	assert_true(close_session(&server, 16));
	assert_int_equal(further_resets(), 0);
	assert_false(fake_get(fake, 4, 2) & COMMAND_MASTER);
}

/* A reset gives a BAR its largest size, for which firmware had no room. */
static void sizes_of_bars_come_back(void **state)
{
	(void)state;
	add_pcie(PCIE_CAN_FLR);
	fake_extended_capability(fake, REBAR, XCAP_RESIZABLE_BAR);
	fake_set(fake, REBAR + REBAR_CONTROL(0), 4, REBAR_CHOSEN, REBAR_SIZE, 0);
	start();
	assert_int_equal(resets, 1);
	assert_int_equal(fake_get(fake, REBAR + REBAR_CONTROL(0), 4), REBAR_CHOSEN);
	assert_int_equal(ask(PCI_RESET, DEVICE, 0, 0, 0), PURLIN_OK);
	assert_int_equal(fake_get(fake, REBAR + REBAR_CONTROL(0), 4), REBAR_CHOSEN);
	/* Nobody but firmware chooses. */
	(void)ask(PCI_CONFIG_WRITE, DEVICE, REBAR + REBAR_CONTROL(0), 4, 0x00000420);
	assert_int_equal(fake_get(fake, REBAR + REBAR_CONTROL(0), 4), REBAR_CHOSEN);
}

static uint32_t power_state(void)
{
	return fake_get(fake, PM + PM_CONTROL, 2) & PM_STATE;
}

/* Asleep it is no bus master, whatever its owner writes; awake it is as after a reset. */
static void sleep_and_awakening(void **state)
{
	(void)state;
	add_pm(0);
	add_pcie(0);
	start();
	attach();
	(void)ask(PCI_CONFIG_WRITE, DEVICE, PM + PM_CONTROL, 2, PM_D3);
	assert_int_equal(power_state(), PM_D3);
	assert_int_equal(further_resets(), 1);
	(void)ask(PCI_CONFIG_WRITE, DEVICE, 4, 2, COMMAND_MASTER | COMMAND_MEMORY);
	assert_false(fake_get(fake, 4, 2) & COMMAND_MASTER);
	/* Once more says nothing new. */
	(void)ask(PCI_CONFIG_WRITE, DEVICE, PM + PM_CONTROL, 2, PM_D3);
	assert_int_equal(further_resets(), 1);
	(void)ask(PCI_CONFIG_WRITE, DEVICE, PM + PM_CONTROL, 2, 0);
	assert_int_equal(power_state(), 0);
	check_restored();
	assert_int_equal(fake_get(fake, CONTROL, 2), FIRMWARE_CONTROL & ~PCIE_CONTROL_REPORT);
	(void)ask(PCI_CONFIG_READ, DEVICE, 4, 2, 0);
	assert_false(request.reply[0] & COMMAND_MASTER);
	(void)ask(PCI_CONFIG_WRITE, DEVICE, 4, 2, COMMAND_MASTER | COMMAND_MEMORY);
	assert_true(fake_get(fake, 4, 2) & COMMAND_MASTER);
}

/* One that keeps its state goes on by what its owner had wished. */
static void sleep_that_keeps_state(void **state)
{
	(void)state;
	add_pm(PM_NO_SOFT_RESET);
	start();
	attach();
	(void)ask(PCI_CONFIG_WRITE, DEVICE, PM + PM_CONTROL, 2, PM_D3);
	assert_int_equal(power_state(), PM_D3);
	(void)ask(PCI_CONFIG_WRITE, DEVICE, PM + PM_CONTROL, 2, 0);
	assert_int_equal(power_state(), 0);
	assert_true(fake_get(fake, 4, 2) & COMMAND_MASTER);
}

/* Its next owner finds it awake. */
static void owner_ends_while_it_sleeps(void **state)
{
	(void)state;
	add_pm(PM_NO_SOFT_RESET);
	start();
	attach();
	(void)ask(PCI_CONFIG_WRITE, DEVICE, PM + PM_CONTROL, 2, PM_D3);
	assert_true(close_session(&server, 16));
	assert_int_equal(power_state(), 0);
	check_restored();
}

static void check_alone(void)
{
	assert_true(session->devices->busy);
	assert_false(fake_get(fake, 4, 2) & COMMAND_MASTER);
	sleeps++;
}

/* Whoever has the turn while it is being reset, or falls asleep, leaves it alone. */
static void nobody_else_touches_it(void **state)
{
	(void)state;
	add_pm(0);
	add_pcie(PCIE_CAN_FLR);
	start();
	attach();
	sleeps = 0;
	fake_on_sleep = check_alone;
	assert_int_equal(ask(PCI_RESET, DEVICE, 0, 0, 0), PURLIN_OK);
	assert_int_equal(sleeps, 1);
	(void)ask(PCI_CONFIG_WRITE, DEVICE, PM + PM_CONTROL, 2, PM_D3);
	(void)ask(PCI_CONFIG_WRITE, DEVICE, PM + PM_CONTROL, 2, 0);
	assert_int_equal(sleeps, 3);
	assert_false(session->devices->busy);
	fake_on_sleep = NULL;
}

/* A reset wakes it, in the view of its owner, too. */
static void reset_of_one_that_sleeps(void **state)
{
	(void)state;
	add_pm(0);
	add_pcie(PCIE_CAN_FLR);
	start();
	attach();
	(void)ask(PCI_CONFIG_WRITE, DEVICE, PM + PM_CONTROL, 2, PM_D3);
	assert_int_equal(ask(PCI_RESET, DEVICE, 0, 0, 0), PURLIN_OK);
	assert_int_equal(power_state(), 0);
	(void)ask(PCI_CONFIG_READ, DEVICE, PM + PM_CONTROL, 2, 0);
	assert_int_equal(request.reply[0] & PM_STATE, 0);
}

static purlin_s64 open_as(const char *label, purlin_u64 flags)
{
	const purlin_u64 words[] = { PCI_POLICY_TRUSTED_DMA | flags, 1, PCI_RULE_BDF,
				     DEVICE | 0xffffull << 32 };

	return open_session(&server, 17, label, words, 4);
}

/* What one component's driver did to it is not for another, unless that one accepts it. */
static void what_cannot_be_reset_is_kept(void **state)
{
	const purlin_u64 by_class[] = { PCI_POLICY_TRUSTED_DMA, 1, PCI_RULE_CLASS,
					0x020000 | 0xffffffull << 32 };

	(void)state;
	start();
	assert_true(close_session(&server, 16));
	assert_int_equal(open_as("other/pci", 0), PURLIN_NO_RIGHT);
	assert_int_equal(open_as("client2", 0), PURLIN_NO_RIGHT);
	assert_non_null(strstr(fake_log, "used-devices"));
	assert_int_equal(open_session(&server, 18, "third", by_class, 4), PURLIN_OK);
	assert_null(pci_session_find(&server, 18)->devices);
	assert_int_equal(open_as("client/again", 0), PURLIN_OK);
	assert_true(close_session(&server, 17));
	assert_int_equal(open_as("other/pci", PCI_POLICY_USED), PURLIN_OK);
	assert_true(close_session(&server, 17));
	/* Now it is the other one's. */
	assert_int_equal(open_as("client", 0), PURLIN_NO_RIGHT);
}

/* The same with a reset: anybody may have it. */
static void what_was_reset_is_anybodys(void **state)
{
	(void)state;
	add_pcie(PCIE_CAN_FLR);
	start();
	assert_true(close_session(&server, 16));
	assert_int_equal(open_as("other/pci", 0), PURLIN_OK);
}

static void device_that_stays_away(void **state)
{
	(void)state;
	add_pcie(PCIE_CAN_FLR);
	start();
	absent_after_reset = 1000000;
	assert_int_equal(ask(PCI_RESET, DEVICE, 0, 0, 0), PURLIN_OK);
	assert_non_null(strstr(fake_log, "does not come back"));
	fake->absent_reads = 0;
}

static void finish_late(void)
{
	if (++sleeps == 20)
		fake_set(fake, PCIE + PCIE_DEVICE_STATUS, 2, 0, 0, 0);
}

static void check_pending(char event)
{
	if (event != 'a')
		return;
	assert_false(fake_get(fake, PCIE + PCIE_DEVICE_STATUS, 2) & PCIE_STATUS_PENDING);
	assert_false(fake_get(fake, 4, 2) & COMMAND_MASTER);
}

static void begin_transactions(void)
{
	sleeps = 0;
	fake_on_sleep = finish_late;
	fake_on_event = check_pending;
	fake_set(fake, PCIE + PCIE_DEVICE_STATUS, 2, PCIE_STATUS_PENDING, 0, 0);
}

/* Memory is unpinned only when nothing of the device is under way to it. */
static void detach_waits_for_transactions(void **state)
{
	(void)state;
	add_pcie(0);
	start();
	attach();
	begin_transactions();
	assert_int_equal(ask(PCI_DMA_UNMAP, 50 << 20, 0, 0, 0), PURLIN_OK);
	assert_string_equal(fake_events, "Aa");
}

static void end_waits_for_transactions(void **state)
{
	(void)state;
	add_pcie(PCIE_CAN_FLR);
	start();
	attach();
	begin_transactions();
	assert_true(close_session(&server, 16));
	assert_string_equal(fake_events, "Aa");
	assert_int_equal(further_resets(), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, server_clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(function_level_reset),
		TEST(every_session_begins_after_a_reset),
		TEST(advanced_features_reset),
		TEST(power_state_reset),
		TEST(no_way_to_reset),
		TEST(what_cannot_be_reset_is_kept),
		TEST(what_was_reset_is_anybodys),
		TEST(sizes_of_bars_come_back),
		TEST(sleep_and_awakening),
		TEST(sleep_that_keeps_state),
		TEST(owner_ends_while_it_sleeps),
		TEST(reset_of_one_that_sleeps),
		TEST(nobody_else_touches_it),
		TEST(device_that_stays_away),
		TEST(detach_waits_for_transactions),
		TEST(end_waits_for_transactions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
