/* SPDX-License-Identifier: MIT */
/* Groups of functions, in made-up machines: who reaches whom without an IOMMU between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "drivers/platform/device_reset.h"
#include "drivers/platform/pci_config.h"
#include "drivers/platform/pci_groups.h"
#include "drivers/platform/pci_registers.h"
#include "fake_core.h"
#include "fake_pci.h"
#include "fake_server.h"
#include "session/pci.h"

#define PCIE 0x40
#define ACS 0x140
#define ALL 0x5f /* what a port can switch on */
#define NONE 0

static struct dma_domain_type isolating;

static struct fake_function *add(uint16_t bdf, uint32_t class_code, unsigned int type,
				 uint32_t services)
{
	struct fake_function *function = fake_pci_add(bdf, 0x1111, bdf, class_code);

	if (type != PCIE_TYPE_LEGACY) {
		fake_capability(function, PCIE, CAP_PCIE);
		fake_set(function, PCIE + PCIE_FLAGS, 2, 2 | type, 0, 0);
	}
	if (services) {
		fake_extended_capability(function, ACS, XCAP_ACS);
		fake_set(function, ACS + ACS_CAPABILITIES, 2, services, 0, 0);
		fake_set(function, ACS + ACS_CONTROL, 2, 0, services, 0);
	}
	return function;
}

/* A legacy endpoint stands for what is not PCI Express. */
static struct fake_function *device(uint16_t bdf)
{
	return add(bdf, 0x020000, PCIE_TYPE_LEGACY, NONE);
}

static struct fake_function *endpoint(uint16_t bdf, uint32_t services)
{
	return add(bdf, 0x020000, PCIE_TYPE_ENDPOINT, services);
}

static struct fake_function *bridge(uint16_t bdf, unsigned int bus, unsigned int last,
				    unsigned int type, uint32_t services)
{
	struct fake_function *function = add(bdf, 0x060400, type, services);

	fake_set(function, CFG_HEADER_TYPE, 1, HEADER_BRIDGE, 0, 0);
	fake_set(function, 0x18, 4, last << 16 | bus << 8 | PCI_BUS(bdf), 0, 0);
	return function;
}

static void form(void)
{
	pci_tree_scan(&server.tree, 0);
	pci_groups_form(&server.tree);
}

static void multifunction(struct fake_function *function)
{
	fake_set(function, CFG_HEADER_TYPE, 1,
		 fake_get(function, CFG_HEADER_TYPE, 1) | HEADER_MULTIFUNCTION, 0, 0);
}

static bool together(uint16_t one, uint16_t other)
{
	return pci_tree_find(&server.tree, one)->group == pci_tree_find(&server.tree, other)->group;
}

static int prepare(void **state)
{
	(void)state;
	fake_core_clear();
	isolating = dma_untranslated;
	isolating.isolates = true;
	server_begin(&isolating);
	fake_pci_clear();
	server.tree.count = 0;
	return 0;
}

static void devices_of_the_root_are_apart(void **state)
{
	(void)state;
	device(PCI_BDF(0, 2, 0));
	device(PCI_BDF(0, 3, 0));
	multifunction(device(PCI_BDF(0, 4, 0)));
	device(PCI_BDF(0, 4, 3));
	form();
	assert_false(together(PCI_BDF(0, 2, 0), PCI_BDF(0, 3, 0)));
	assert_false(together(PCI_BDF(0, 3, 0), PCI_BDF(0, 4, 0)));
	assert_true(together(PCI_BDF(0, 4, 0), PCI_BDF(0, 4, 3)));
}

/* Two ports at 00:05, one at 00:06. */
static void add_root_ports(uint32_t first, uint32_t second)
{
	multifunction(bridge(PCI_BDF(0, 5, 0), 1, 1, PCIE_TYPE_ROOT_PORT, first));
	bridge(PCI_BDF(0, 5, 1), 2, 2, PCIE_TYPE_ROOT_PORT, second);
	bridge(PCI_BDF(0, 6, 0), 3, 3, PCIE_TYPE_ROOT_PORT, NONE);
	for (unsigned int bus = 1; bus <= 3; bus++)
		endpoint(PCI_BDF(bus, 0, 0), NONE);
	form();
}

static void root_ports_keep_apart(void **state)
{
	(void)state;
	add_root_ports(ALL, ALL);
	assert_false(together(PCI_BDF(1, 0, 0), PCI_BDF(2, 0, 0)));
	assert_false(together(PCI_BDF(1, 0, 0), PCI_BDF(3, 0, 0)));
}

/* One is enough: what it gets from below it hands to the other. */
static void root_ports_of_one_device_may_not(void **state)
{
	(void)state;
	add_root_ports(ALL, NONE);
	assert_true(together(PCI_BDF(1, 0, 0), PCI_BDF(2, 0, 0)));
	assert_false(together(PCI_BDF(1, 0, 0), PCI_BDF(3, 0, 0)));
}

/* A switch with three ports at 00:05: buses 3, 4, 5. */
static void add_switch(uint32_t root, uint32_t first, uint32_t others)
{
	bridge(PCI_BDF(0, 5, 0), 1, 5, PCIE_TYPE_ROOT_PORT, root);
	bridge(PCI_BDF(1, 0, 0), 2, 5, PCIE_TYPE_UPSTREAM, NONE);
	for (unsigned int i = 0; i < 3; i++) {
		bridge(PCI_BDF(2, i, 0), 3 + i, 3 + i, PCIE_TYPE_DOWNSTREAM, i ? others : first);
		endpoint(PCI_BDF(3 + i, 0, 0), NONE);
	}
	device(PCI_BDF(0, 7, 0));
	form();
}

static void expect_switch(bool first, bool others)
{
	assert_int_equal(together(PCI_BDF(3, 0, 0), PCI_BDF(4, 0, 0)), first);
	assert_int_equal(together(PCI_BDF(4, 0, 0), PCI_BDF(5, 0, 0)), others);
	assert_false(together(PCI_BDF(4, 0, 0), PCI_BDF(0, 7, 0)));
}

static void switches_keep_apart(void **state)
{
	(void)state;
	add_switch(ALL, ALL, ALL);
	expect_switch(false, false);
}

static void switches_may_not(void **state)
{
	(void)state;
	add_switch(ALL, NONE, ALL);
	expect_switch(true, true);
}

/* What goes up comes back. */
static void ports_above_turn_around(void **state)
{
	(void)state;
	add_switch(NONE, ALL, ALL);
	expect_switch(true, true);
}

/* Without forwarding upstream, or redirection, or a look at sources. */
static void half_of_it_is_not_enough(void **state)
{
	static const uint32_t parts[] = { ALL & ~0x10u, ALL & ~0x04u, ALL & ~0x08u, ALL & ~0x01u };

	for (unsigned int i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		(void)prepare(state);
		add_switch(ALL, parts[i], ALL);
		expect_switch(true, true);
	}
}

static void what_cannot_be_switched_on_is_not_believed(void **state)
{
	struct fake_function *port;

	(void)state;
	bridge(PCI_BDF(0, 5, 0), 1, 4, PCIE_TYPE_ROOT_PORT, ALL);
	bridge(PCI_BDF(1, 0, 0), 2, 4, PCIE_TYPE_UPSTREAM, NONE);
	port = bridge(PCI_BDF(2, 0, 0), 3, 3, PCIE_TYPE_DOWNSTREAM, ALL);
	fake_set(port, ACS + ACS_CONTROL, 2, 0, 0, 0);
	bridge(PCI_BDF(2, 1, 0), 4, 4, PCIE_TYPE_DOWNSTREAM, ALL);
	endpoint(PCI_BDF(3, 0, 0), NONE);
	endpoint(PCI_BDF(4, 0, 0), NONE);
	form();
	assert_true(together(PCI_BDF(3, 0, 0), PCI_BDF(4, 0, 0)));
}

static void conventional_buses_are_shared(void **state)
{
	(void)state;
	bridge(PCI_BDF(0, 5, 0), 1, 3, PCIE_TYPE_ROOT_PORT, ALL);
	bridge(PCI_BDF(1, 0, 0), 2, 3, PCIE_TYPE_TO_PCI, ALL);
	device(PCI_BDF(2, 1, 0));
	device(PCI_BDF(2, 2, 0));
	bridge(PCI_BDF(2, 3, 0), 3, 3, PCIE_TYPE_LEGACY, NONE);
	device(PCI_BDF(3, 0, 0));
	device(PCI_BDF(0, 7, 0));
	form();
	assert_true(together(PCI_BDF(2, 1, 0), PCI_BDF(2, 2, 0)));
	assert_true(together(PCI_BDF(2, 1, 0), PCI_BDF(3, 0, 0)));
	assert_false(together(PCI_BDF(2, 1, 0), PCI_BDF(0, 7, 0)));
}

/* Functions 0 and 1 of a device behind a port. */
static bool functions_are_together(void **state, uint32_t first, uint32_t second)
{
	(void)prepare(state);
	bridge(PCI_BDF(0, 5, 0), 1, 1, PCIE_TYPE_ROOT_PORT, ALL);
	multifunction(endpoint(PCI_BDF(1, 0, 0), first));
	endpoint(PCI_BDF(1, 0, 1), second);
	form();
	return together(PCI_BDF(1, 0, 0), PCI_BDF(1, 0, 1));
}

static void functions_of_one_device(void **state)
{
	assert_true(functions_are_together(state, NONE, NONE));
	assert_true(functions_are_together(state, 0x0c, NONE));
	assert_true(functions_are_together(state, NONE, 0x0c));
	assert_false(functions_are_together(state, 0x0c, 0x0c));
	/* Egress control alone: they would not pass anything on. */
	assert_false(functions_are_together(state, 0x20, 0x20));
}

/* Their numbers go on into those of slots. */
static void functions_with_large_numbers(void **state)
{
	(void)state;
	bridge(PCI_BDF(0, 5, 0), 1, 1, PCIE_TYPE_ROOT_PORT, ALL);
	endpoint(PCI_BDF(1, 0, 0), NONE);
	endpoint(PCI_BDF(1, 1, 0), NONE);
	form();
	assert_true(together(PCI_BDF(1, 0, 0), PCI_BDF(1, 1, 0)));
}

/* A switch beside an endpoint in one device. */
static void a_switch_may_have_a_neighbour(void **state)
{
	(void)state;
	bridge(PCI_BDF(0, 5, 0), 1, 3, PCIE_TYPE_ROOT_PORT, ALL);
	multifunction(bridge(PCI_BDF(1, 0, 0), 2, 3, PCIE_TYPE_UPSTREAM, NONE));
	endpoint(PCI_BDF(1, 0, 1), NONE);
	bridge(PCI_BDF(2, 0, 0), 3, 3, PCIE_TYPE_DOWNSTREAM, ALL);
	endpoint(PCI_BDF(3, 0, 0), NONE);
	form();
	assert_true(together(PCI_BDF(1, 0, 1), PCI_BDF(3, 0, 0)));
}

static void aliases_are_together(void **state)
{
	(void)state;
	device(PCI_BDF(0, 2, 0));
	device(PCI_BDF(0, 3, 0));
	device(PCI_BDF(0, 4, 0));
	device(PCI_BDF(0, 6, 0));
	pci_tree_scan(&server.tree, 0);
	pci_tree_find(&server.tree, PCI_BDF(0, 2, 0))->alias = PCI_BDF(0, 3, 0);
	pci_tree_find(&server.tree, PCI_BDF(0, 4, 0))->alias = PCI_BDF(0, 3, 0);
	pci_groups_form(&server.tree);
	assert_true(together(PCI_BDF(0, 2, 0), PCI_BDF(0, 3, 0)));
	assert_true(together(PCI_BDF(0, 2, 0), PCI_BDF(0, 4, 0)));
	assert_false(together(PCI_BDF(0, 2, 0), PCI_BDF(0, 6, 0)));
}

/* A reset clears it, and the client cannot write it. */
static void services_stay_on(void **state)
{
	struct fake_function *one;
	struct pci_function *function;

	(void)state;
	bridge(PCI_BDF(0, 5, 0), 1, 1, PCIE_TYPE_ROOT_PORT, ALL);
	one = endpoint(PCI_BDF(1, 0, 0), 0x0c);
	multifunction(one);
	endpoint(PCI_BDF(1, 0, 1), 0x0c);
	form();
	function = pci_tree_find(&server.tree, PCI_BDF(1, 0, 0));
	assert_int_equal(fake_get(one, ACS + ACS_CONTROL, 2), 0x0c);
	fake_set(one, ACS + ACS_CONTROL, 2, 0, 0x0c, 0);
	reset_restore(function);
	assert_int_equal(fake_get(one, ACS + ACS_CONTROL, 2), 0x0c);
}

static purlin_s64 open(purlin_u64 badge, purlin_u64 kind, purlin_u64 pattern)
{
	const purlin_u64 words[] = { 0, 1, kind, pattern };

	return open_session(&server, badge, badge == 1 ? "one" : "two", words, 4);
}

static purlin_s64 open_at(purlin_u64 badge, uint16_t bdf)
{
	return open(badge, PCI_RULE_BDF, bdf | 0xffffull << 32);
}

static void add_pair(void)
{
	multifunction(device(PCI_BDF(0, 4, 0)));
	device(PCI_BDF(0, 4, 3));
	device(PCI_BDF(0, 7, 0));
	form();
}

static void a_group_is_not_split(void **state)
{
	(void)state;
	add_pair();
	assert_int_equal(open_at(1, PCI_BDF(0, 4, 0)), PURLIN_OK);
	assert_int_equal(open_at(2, PCI_BDF(0, 4, 3)), PURLIN_NO_RIGHT);
	assert_non_null(strstr(fake_log, "00:04.3 (1111:0023) is not given to 'two'"));
	assert_non_null(strstr(fake_log, "00:04.3 and 00:04.0 reach each other"));
	assert_int_equal(open(2, PCI_RULE_CLASS, 0x020000 | 0xffffffull << 32), PURLIN_NO_RIGHT);
	assert_int_equal(open_at(2, PCI_BDF(0, 7, 0)), PURLIN_OK);
	assert_true(close_session(&server, 2));
	assert_true(close_session(&server, 1));
	assert_int_equal(open_at(2, PCI_BDF(0, 4, 3)), PURLIN_OK);
}

static void one_session_may_have_all(void **state)
{
	(void)state;
	add_pair();
	assert_int_equal(open(1, PCI_RULE_CLASS, 0x020000 | 0xffffffull << 32), PURLIN_OK);
}

/* What may still write to memory of the owner before could be made to by its neighbour. */
static void neighbours_of_the_quarantined_are_kept(void **state)
{
	(void)state;
	add_pair();
	pci_tree_find(&server.tree, PCI_BDF(0, 4, 0))->quarantined = true;
	assert_int_equal(open_at(2, PCI_BDF(0, 4, 3)), PURLIN_NO_RIGHT);
}

/* The positive control: who trusts them all may split them. */
static void without_an_iommu_nothing_is_apart(void **state)
{
	const purlin_u64 left[] = { PCI_POLICY_TRUSTED_DMA, 1, PCI_RULE_BDF,
				    PCI_BDF(0, 4, 0) | 0xffffull << 32 };
	const purlin_u64 right[] = { PCI_POLICY_TRUSTED_DMA, 1, PCI_RULE_BDF,
				     PCI_BDF(0, 4, 3) | 0xffffull << 32 };

	(void)state;
	isolating.isolates = false;
	add_pair();
	assert_int_equal(open_session(&server, 1, "one", left, 4), PURLIN_OK);
	assert_int_equal(open_session(&server, 2, "two", right, 4), PURLIN_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, server_clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(devices_of_the_root_are_apart),
		TEST(root_ports_keep_apart),
		TEST(root_ports_of_one_device_may_not),
		TEST(switches_keep_apart),
		TEST(switches_may_not),
		TEST(ports_above_turn_around),
		TEST(half_of_it_is_not_enough),
		TEST(what_cannot_be_switched_on_is_not_believed),
		TEST(conventional_buses_are_shared),
		TEST(functions_of_one_device),
		TEST(functions_with_large_numbers),
		TEST(a_switch_may_have_a_neighbour),
		TEST(aliases_are_together),
		TEST(services_stay_on),
		TEST(a_group_is_not_split),
		TEST(one_session_may_have_all),
		TEST(neighbours_of_the_quarantined_are_kept),
		TEST(without_an_iommu_nothing_is_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
