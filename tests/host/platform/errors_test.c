/* SPDX-License-Identifier: MIT */
/* Errors that root ports hear of: who reports, who is told, and when it is enough. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "drivers/platform/pci_config.h"
#include "drivers/platform/pci_registers.h"
#include "drivers/platform/pci_requests.h"
#include "drivers/platform/port_errors.h"
#include "fake_core.h"
#include "fake_pci.h"
#include "fake_server.h"

#define PORT PCI_BDF(0, 2, 0)
#define CARD PCI_BDF(1, 0, 0)
#define OTHER PCI_BDF(0, 3, 0)
#define PCIE 0x40
#define ERRORS 0x100
#define CONTROL (PCIE + PCIE_DEVICE_CONTROL)
#define SIGNAL 60

static struct fake_function *port, *card, *other;
static struct pci_function *root;
static struct request request;

static struct fake_function *add(uint16_t bdf, uint32_t class_code, uint32_t flags)
{
	struct fake_function *function = fake_pci_add(bdf, 0x1111, 0x0010, class_code);

	fake_capability(function, PCIE, CAP_PCIE);
	fake_set(function, PCIE + PCIE_FLAGS, 2, flags | 2, 0, 0);
	fake_set(function, CONTROL, 2, 0, 0xffff, 0);
	fake_extended_capability(function, ERRORS, XCAP_ERRORS);
	fake_set(function, ERRORS + ERRORS_STATUS, 4, 0, 0, 0xffffffff);
	return function;
}

static int prepare(void **state)
{
	(void)state;
	server_begin(&dma_untranslated);
	port = add(PORT, 0x060400, PCIE_TYPE_ROOT_PORT);
	fake_set(port, CFG_HEADER_TYPE, 1, HEADER_BRIDGE, 0, 0);
	fake_set(port, CFG_SECONDARY_BUS, 2, 0x0101, 0, 0);
	fake_set(port, CFG_BRIDGE_CONTROL, 2, 0, 0xffff, 0);
	fake_set(port, ERRORS + ERRORS_ROOT_TELL, 4, 0, 0x7, 0);
	fake_set(port, ERRORS + ERRORS_ROOT_STATUS, 4, 0x7f, 0, 0x7f);
	card = add(CARD, 0x010802, 0);
	other = add(OTHER, 0x020000, PCIE_TYPE_INTEGRATED);
	pci_tree_scan(&server.tree, 0);
	root = pci_tree_find(&server.tree, PORT);
	port_errors_start(&server, root);
	return 0;
}

static struct pci_session *open_for(purlin_u64 badge, uint16_t bdf)
{
	const purlin_u64 words[] = { PCI_POLICY_TRUSTED_DMA, 1, PCI_RULE_BDF,
				     bdf | 0xffffull << 32 };
	struct pci_session *session;

	assert_int_equal(open_session(&server, badge, badge == 16 ? "first" : "second", words, 4),
			 PURLIN_OK);
	session = pci_session_find(&server, badge);
	session->fault.signal = SIGNAL;
	return session;
}

static void report(uint16_t source, uint32_t status)
{
	fake_set(port, ERRORS + ERRORS_SOURCE, 2, source, 0, 0);
	fake_set(port, ERRORS + ERRORS_ROOT_STATUS, 4, status, 0, 0x7f);
	fake_set(card, ERRORS + ERRORS_STATUS, 4, 0x4000, 0, 0xffffffff);
	port_errors_look(&server, root);
}

static purlin_u64 faults(struct pci_session *session)
{
	memset(&request, 0, sizeof(request));
	request.operation = PCI_FAULTS;
	assert_int_equal(pci_request(&server, session, &request), PURLIN_OK);
	return request.reply[0];
}

/* Below the port only, of what was not corrected only, and nothing of it as a system error. */
static void who_reports(void **state)
{
	(void)state;
	assert_true(port_errors_possible(root));
	assert_int_equal(fake_get(port, ERRORS + ERRORS_ROOT_TELL, 4), ERRORS_TELL);
	assert_int_equal(fake_get(port, ERRORS + ERRORS_ROOT_STATUS, 4), 0);
	assert_int_equal(fake_get(card, CONTROL, 2) & PCIE_CONTROL_REPORT, PCIE_CONTROL_SERIOUS);
	assert_int_equal(fake_get(other, CONTROL, 2) & PCIE_CONTROL_REPORT, 0);
	assert_true(fake_get(port, CFG_BRIDGE_CONTROL, 2) & BRIDGE_SERR);
	assert_false(fake_get(other, CFG_COMMAND, 2) & COMMAND_SERR);
	/* An owner does not switch it off, or on. */
	(void)open_for(16, CARD);
	assert_int_equal(fake_get(card, CONTROL, 2) & PCIE_CONTROL_REPORT, PCIE_CONTROL_SERIOUS);
	assert_true(fake_get(card, CFG_COMMAND, 2) & COMMAND_SERR);
}

static void owners_below_are_told(void **state)
{
	struct pci_session *below = open_for(16, CARD), *beside = open_for(17, OTHER);

	(void)state;
	fake_events[0] = 0;
	report(CARD, 0x24);
	assert_string_equal(fake_events, "N");
	assert_int_equal(faults(below), 1);
	assert_int_equal(request.reply[1], below->devices->bdf);
	assert_int_equal(request.reply[3], PCI_FAULT_ERROR);
	assert_int_equal(faults(beside), 0);
	assert_int_equal(fake_get(card, ERRORS + ERRORS_STATUS, 4), 0);
	assert_int_equal(fake_get(port, ERRORS + ERRORS_ROOT_STATUS, 4), 0);
	/* The port's own: the link is down for all below. */
	report(PORT, 0x54);
	assert_int_equal(faults(below), 2);
	assert_int_equal(request.reply[3], PCI_FAULT_ERROR | PCI_FAULT_FATAL);
	assert_non_null(strstr(fake_log, "a fatal error"));
}

/* A port that answers with all ones, as one that has vanished does, keeps nobody busy. */
static void no_answer_is_no_error(void **state)
{
	(void)state;
	fake_log[0] = 0;
	port->absent_reads = 1000;
	port_errors_look(&server, root);
	assert_string_equal(fake_log, "");
	assert_true(port->absent_reads > 900);
}

static void sources_are_limited(void **state)
{
	struct pci_session *session = open_for(16, CARD);

	(void)state;
	for (unsigned int i = 0; i < PCI_FAULTS_MOST; i++) {
		assert_true(fake_get(card, CONTROL, 2) & PCIE_CONTROL_REPORT);
		report(CARD, 0x24);
	}
	assert_int_equal(fake_get(card, CONTROL, 2) & PCIE_CONTROL_REPORT, 0);
	assert_false(fake_get(card, CFG_COMMAND, 2) & COMMAND_SERR);
	assert_int_equal(faults(session), PCI_FAULTS_MOST);
	assert_non_null(strstr(fake_log, "too many errors"));
}

/* A source that is no function of ours is logged, and no index into anything. */
static void unknown_sources(void **state)
{
	(void)state;
	report(0xffff, 0x24);
	assert_non_null(strstr(fake_log, "PCI ff:1f.7 reported"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, server_clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_reports),	   TEST(owners_below_are_told), TEST(no_answer_is_no_error),
		TEST(sources_are_limited), TEST(unknown_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
