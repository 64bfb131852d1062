/* SPDX-License-Identifier: MIT */
/* Cards that come into slots and leave them, and sessions that claim and release devices. */
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
#define CARD PCI_BDF(1, 0, 0)
#define PCIE 0x40
#define NUMBER 7u
#define CONTROL (PCIE + PCIE_SLOT_CONTROL)
#define STATUS (PCIE + PCIE_SLOT_STATUS)
#define DRIVE 0x010802
#define AWAY 1000000000u

static struct fake_function *port, *card;
static struct pci_slot slot;
static struct request request;

static void add_port(void)
{
	port = fake_pci_add(PORT, 0x1b36, 0x000c, 0x060400);
	fake_set(port, CFG_HEADER_TYPE, 1, HEADER_BRIDGE, 0, 0);
	fake_set(port, CFG_SECONDARY_BUS, 2, 0x0101, 0, 0);
	fake_set(port, CFG_BRIDGE_PORTS, 2, 0xd0d0, 0, 0);	  /* 4096 ports */
	fake_set(port, CFG_BRIDGE_MEMORY, 4, 0xfe10fe00, 0, 0);	  /* 2 MiB */
	fake_set(port, CFG_BRIDGE_PREFETCH, 4, 0x00010001, 0, 0); /* 1 MiB at 4 GiB */
	fake_set(port, CFG_BRIDGE_PREFETCH_HIGH, 4, 1, 0, 0);
	fake_set(port, CFG_BRIDGE_PREFETCH_HIGH + 4, 4, 1, 0, 0);
	fake_capability(port, PCIE, CAP_PCIE);
	fake_set(port, PCIE + PCIE_FLAGS, 2, PCIE_HAS_SLOT | PCIE_TYPE_ROOT_PORT | 2, 0, 0);
	fake_set(port, PCIE + PCIE_SLOT, 4,
		 NUMBER << SLOT_NUMBER_SHIFT | SLOT_NO_COMPLETION | SLOT_HOT_PLUG | SLOT_HAS_POWER,
		 0, 0);
	fake_set(port, CONTROL, 2, SLOT_POWER_OFF | SLOT_INDICATOR_OFF, 0xffff, 0);
	fake_set(port, STATUS, 2, 0, 0, SLOT_EVENTS);
}

/* Present without power: nothing of it answers. */
static void follow_power(struct fake_function *function, unsigned int offset)
{
	(void)function;
	if (offset == CONTROL && card)
		card->absent_reads = fake_get(port, CONTROL, 2) & SLOT_POWER_OFF ? AWAY : 0;
}

static void change(uint32_t bits, uint32_t events)
{
	fake_set(port, STATUS, 2, bits | events, 0, SLOT_EVENTS);
	pci_slot_look(&server, &slot);
}

static void insert(void)
{
	if (!card) {
		card = fake_pci_add(CARD, 0x1111, 0x0010, DRIVE);
		fake_set(card, 0x10, 4, 4, 0xffffc000, 0); /* 16 KiB */
		fake_set(card, 0x14, 4, 0, 0xffffffff, 0);
		fake_set(card, 0x18, 4, 0, 0xffffff00, 0); /* 256 bytes */
		fake_set(card, 0x1c, 4, 1, 0x0000ffe0, 0); /* 32 ports */
		fake_set(card, 0x20, 4, 0, 0xfffffe00, 0); /* 512 bytes */
		fake_set(card, 0x24, 4, 8, 0xfffff000, 0); /* prefetchable */
	}
	card->absent_reads = AWAY;
	change(SLOT_PRESENT, SLOT_PRESENCE_CHANGED | SLOT_BUTTON);
}

static void pull(void)
{
	card->absent_reads = AWAY;
	change(0, SLOT_PRESENCE_CHANGED);
}

static int prepare(void **state)
{
	(void)state;
	server_begin(&dma_untranslated);
	server.slots = 1;
	card = NULL;
	add_port();
	port->written = follow_power;
	pci_tree_scan(&server.tree, 0);
	pci_groups_form(&server.tree);
	slot = (struct pci_slot){ .port = pci_tree_find(&server.tree, PORT) };
	pci_slot_start(&server, &slot);
	return 0;
}

static struct pci_session *open_for(purlin_u64 badge, purlin_u64 kind, purlin_u64 rule)
{
	const purlin_u64 words[] = { PCI_POLICY_TRUSTED_DMA | PCI_POLICY_USED, 1, kind, rule };

	assert_int_equal(open_session(&server, badge, badge == 16 ? "first" : "second", words, 4),
			 PURLIN_OK);
	return pci_session_find(&server, badge);
}

static struct pci_session *open_drives(purlin_u64 badge)
{
	return open_for(badge, PCI_RULE_CLASS, DRIVE | 0xffffffull << 32);
}

static purlin_s64 ask(struct pci_session *session, purlin_u32 operation, purlin_u64 a, purlin_u64 b,
		      purlin_u64 c)
{
	memset(&request, 0, sizeof(request));
	request.operation = operation;
	request.word[0] = a;
	request.word[1] = b;
	request.word[2] = c;
	return pci_request(&server, session, &request);
}

static purlin_s64 claim(struct pci_session *session)
{
	return ask(session, PCI_CLAIM, PCI_CLAIM_NEW, 0, 0);
}

static void listen(struct pci_session *session)
{
	assert_int_equal(ask(session, PCI_CHANGES, 0, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply_caps, 1);
}

static unsigned int told(const struct pci_session *session)
{
	return fake_raised[session->changed.slot];
}

/* Of the first device in the list. */
static purlin_u64 device_state(struct pci_session *session)
{
	assert_int_equal(ask(session, PCI_DEVICE, 0, 0, 0), PURLIN_OK);
	return request.reply[3];
}

static purlin_u64 first_bdf(struct pci_session *session)
{
	assert_int_equal(ask(session, PCI_DEVICE, 0, 0, 0), PURLIN_OK);
	return request.reply[0];
}

static bool has_power(void)
{
	return !(fake_get(port, CONTROL, 2) & SLOT_POWER_OFF);
}

static void card_comes_to_its_component(void **state)
{
	struct pci_session *session = open_drives(16);
	purlin_u64 bdf;

	(void)state;
	listen(session);
	assert_int_equal(claim(session), PURLIN_NO_DEVICE);
	insert();
	assert_true(has_power());
	assert_int_equal(told(session), 1);
	assert_int_equal(claim(session), PURLIN_OK);
	assert_int_equal(request.reply[0], 1);
	assert_int_equal(device_state(session), PCI_DEVICE_THERE);
	bdf = first_bdf(session);
	assert_int_equal(request.reply[1], 0x00101111);
	assert_int_equal(ask(session, PCI_CONFIG_READ, bdf, 0, 4), PURLIN_OK);
	assert_int_equal(request.reply[0], 0x00101111);
	assert_int_equal(claim(session), PURLIN_NO_DEVICE);
	/* It is not in two places. */
	assert_int_equal(ask(session, PCI_DEVICE, 1, 0, 0), PURLIN_NO_DEVICE);
}

/* A session that has memory for its devices has it for this one, too. */
static void late_device_reaches_memory(void **state)
{
	struct pci_session *session = open_drives(16);
	purlin_u64 bdf;

	(void)state;
	memset(&request, 0, sizeof(request));
	request.operation = PCI_DMA_MAP;
	request.caps = 1;
	request.cap[0] = 50;
	assert_int_equal(pci_request(&server, session, &request), PURLIN_OK);
	insert();
	assert_int_equal(claim(session), PURLIN_OK);
	bdf = first_bdf(session);
	assert_false(fake_get(card, CFG_COMMAND, 2) & COMMAND_MASTER);
	memset(&request, 0, sizeof(request));
	request.operation = PCI_CONFIG_WRITE;
	request.word[0] = bdf;
	request.word[1] = CFG_COMMAND;
	request.word[2] = 2;
	request.word[3] = COMMAND_MASTER;
	assert_int_equal(pci_request(&server, session, &request), PURLIN_OK);
	assert_true(fake_get(card, CFG_COMMAND, 2) & COMMAND_MASTER);
}

/* In the windows of the port, and no two of them in one page. */
static void bars_get_places(void **state)
{
	(void)state;
	insert();
	assert_int_equal(fake_get(card, 0x10, 4), 0xfe000004);
	assert_int_equal(fake_get(card, 0x14, 4), 0);
	assert_int_equal(fake_get(card, 0x20, 4), 0xfe005000);
	assert_int_equal(fake_get(card, 0x18, 4), 0xfe006000);
	assert_int_equal(fake_get(card, 0x1c, 4), 0xd001);
	/* Prefetchable, but below 4 GiB only. */
	assert_int_equal(fake_get(card, 0x24, 4), 0xfe004008);
}

/* Nothing of the board, no RAM, nothing reserved; but whole windows that are reserved are used. */
static void bars_are_laid_over_nothing(void **state)
{
	(void)state;
	server.acpi.taken = 1;
	server.acpi.take[0] = (struct acpi_range){ 0xfe000000, 0xfe0007ff, .ports = false };
	fake_memory_ranges = 2;
	fake_memory[0] = (struct purlin_memory_range){ 0xfe004000, 0x3000, PURLIN_MEMORY_USABLE };
	fake_memory[1] = (struct purlin_memory_range){ 0xfe008000, 0x1000, PURLIN_MEMORY_RESERVED };
	insert();
	assert_int_equal(fake_get(card, 0x10, 4), 0xfe00c004);
	assert_int_equal(fake_get(card, 0x24, 4), 0xfe001008);
	assert_int_equal(fake_get(card, 0x20, 4), 0xfe002000);
	assert_int_equal(fake_get(card, 0x18, 4), 0xfe003000);
}

static void windows_that_are_reserved_are_used(void **state)
{
	(void)state;
	fake_memory_ranges = 1;
	fake_memory[0] =
		(struct purlin_memory_range){ 0xf0000000, 0x10000000, PURLIN_MEMORY_RESERVED };
	insert();
	assert_int_equal(fake_get(card, 0x10, 4), 0xfe000004);
}

static void no_room_for_a_bar(void **state)
{
	struct pci_session *session = open_drives(16);

	(void)state;
	card = fake_pci_add(CARD, 0x1111, 0x0010, DRIVE);
	fake_set(card, 0x10, 4, 0, 0xffc00000, 0); /* 4 MiB */
	fake_set(card, 0x14, 4, 0, 0xfffff000, 0);
	insert();
	assert_non_null(strstr(fake_log, "there is no room for a BAR"));
	assert_int_equal(claim(session), PURLIN_OK);
	/* One switch decodes both, so neither is. */
	for (purlin_u64 bar = 0; bar < 2; bar++)
		assert_int_equal(ask(session, PCI_BAR, session->devices->bdf, bar, 0),
				 PURLIN_NO_DEVICE);
	assert_false(fake_get(card, CFG_COMMAND, 2) & COMMAND_MEMORY);
}

static void rules_name_slots(void **state)
{
	struct pci_session *other = open_for(16, PCI_RULE_SLOT, (NUMBER + 1) | 0x1fffull << 32);
	struct pci_session *session = open_for(17, PCI_RULE_SLOT, NUMBER | 0x1fffull << 32);

	(void)state;
	listen(other);
	listen(session);
	insert();
	assert_int_equal(told(other), 0);
	assert_int_equal(told(session), 1);
	assert_int_equal(claim(other), PURLIN_NO_DEVICE);
	assert_int_equal(claim(session), PURLIN_OK);
}

static void who_claims_first_has_it(void **state)
{
	struct pci_session *first = open_drives(16), *second = open_drives(17);

	(void)state;
	listen(first);
	listen(second);
	insert();
	assert_int_equal(told(first), 1);
	assert_int_equal(told(second), 1);
	assert_int_equal(claim(second), PURLIN_OK);
	assert_int_equal(claim(first), PURLIN_NO_DEVICE);
	/* What was somebody's is not new any more. */
	assert_int_equal(ask(second, PCI_RELEASE, first_bdf(second), 0, 0), PURLIN_OK);
	assert_int_equal(claim(first), PURLIN_NO_DEVICE);
	assert_int_equal(ask(first, PCI_CLAIM, PCI_CLAIM_ANY, 0, 0), PURLIN_OK);
	assert_int_equal(ask(first, PCI_CLAIM, PCI_CLAIM_ANY + 1, 0, 0), PURLIN_BAD_ARGUMENT);
}

static void owner_lets_it_go(void **state)
{
	struct pci_session *session = open_drives(16);
	purlin_u64 bdf;

	(void)state;
	listen(session);
	insert();
	assert_int_equal(claim(session), PURLIN_OK);
	bdf = first_bdf(session);
	change(SLOT_PRESENT, SLOT_BUTTON);
	assert_int_equal(told(session), 2);
	assert_int_equal(device_state(session), PCI_DEVICE_LEAVING);
	assert_true(has_power());
	assert_int_equal(ask(session, PCI_RELEASE, bdf, 0, 0), PURLIN_OK);
	/* Nobody gets it any more. */
	assert_int_equal(ask(session, PCI_CLAIM, PCI_CLAIM_ANY, 0, 0), PURLIN_NO_DEVICE);
	pci_slot_look(&server, &slot);
	assert_false(has_power());
	assert_null(pci_tree_find(&server.tree, CARD));
	/* Left in its slot, it stays off; put in anew, it is there again. */
	pci_slot_look(&server, &slot);
	assert_false(has_power());
	insert();
	assert_true(has_power());
	assert_int_equal(claim(session), PURLIN_OK);
}

static void owner_does_not_let_it_go(void **state)
{
	struct pci_session *session = open_drives(16);
	purlin_u64 bdf;

	(void)state;
	listen(session);
	insert();
	assert_int_equal(claim(session), PURLIN_OK);
	bdf = first_bdf(session);
	change(SLOT_PRESENT, SLOT_BUTTON);
	fake_now += PCI_LEAVING_TIME - 1;
	pci_slot_look(&server, &slot);
	assert_true(has_power());
	fake_now++;
	pci_slot_look(&server, &slot);
	assert_false(has_power());
	assert_int_equal(device_state(session), PCI_DEVICE_GONE);
	assert_int_equal(ask(session, PCI_CONFIG_READ, bdf, 0, 4), PURLIN_OK);
	assert_int_equal(request.reply[0], 0xffffffff);
	assert_int_equal(ask(session, PCI_RESET, bdf, 0, 0), PURLIN_NO_DEVICE);
	/* Its registers are somebody's, so no other card is let in. */
	insert();
	assert_false(has_power());
	assert_true(close_session(&server, 16));
	pci_slot_look(&server, &slot);
	assert_true(has_power());
}

static void fail_to_wait(void)
{
	fail_msg("waits for a device that is not there");
}

static void card_vanishes(void **state)
{
	struct pci_session *session = open_drives(16);
	purlin_u64 bdf;

	(void)state;
	listen(session);
	insert();
	assert_int_equal(claim(session), PURLIN_OK);
	bdf = first_bdf(session);
	pull();
	assert_int_equal(told(session), 2);
	assert_int_equal(device_state(session), PCI_DEVICE_GONE);
	fake_on_sleep = fail_to_wait;
	assert_int_equal(ask(session, PCI_RELEASE, bdf, 0, 0), PURLIN_OK);
	assert_int_equal(ask(session, PCI_RELEASE, bdf, 0, 0), PURLIN_NO_DEVICE);
	pci_slot_look(&server, &slot);
	fake_on_sleep = NULL;
	assert_null(pci_tree_find(&server.tree, CARD));
}

/* One that went and came back between two looks is not the one that was claimed. */
static void card_is_exchanged(void **state)
{
	struct pci_session *session = open_drives(16);

	(void)state;
	insert();
	assert_int_equal(claim(session), PURLIN_OK);
	change(SLOT_PRESENT, SLOT_PRESENCE_CHANGED);
	assert_int_equal(device_state(session), PCI_DEVICE_GONE);
	assert_int_equal(ask(session, PCI_RELEASE, first_bdf(session), 0, 0), PURLIN_OK);
	pci_slot_look(&server, &slot);
	assert_true(has_power());
	assert_int_equal(claim(session), PURLIN_OK);
}

/* Nobody had it. */
static void card_vanishes_unclaimed(void **state)
{
	struct pci_session *session = open_drives(16);

	(void)state;
	insert();
	pull();
	assert_int_equal(claim(session), PURLIN_NO_DEVICE);
	assert_null(pci_tree_find(&server.tree, CARD));
	assert_int_equal(server.tree.count, 2);
	insert();
	assert_int_equal(server.tree.count, 2);
}

static void card_does_not_answer(void **state)
{
	(void)state;
	port->written = NULL;
	insert();
	assert_non_null(strstr(fake_log, "does not answer"));
	assert_false(has_power());
	assert_int_equal(slot.state, SLOT_EMPTY);
}

static void the_interrupt_is_one(void **state)
{
	struct pci_session *session = open_drives(16);
	purlin_u64 copy;

	(void)state;
	listen(session);
	copy = request.reply_cap[0].slot;
	listen(session);
	assert_int_equal(request.reply_cap[0].slot, copy);
}

/* On the flat bus of a client. */
static void too_many_devices(void **state)
{
	struct pci_session *session;

	(void)state;
	for (unsigned int number = 1; number < 32; number++)
		(void)fake_pci_add(PCI_BDF(0, number, number == 2), 0x1111, 0x0011, DRIVE);
	fake_set(port, CFG_HEADER_TYPE, 1, HEADER_BRIDGE | HEADER_MULTIFUNCTION, 0, 0);
	server.tree.count = 0;
	pci_tree_scan(&server.tree, 0);
	slot.port = pci_tree_find(&server.tree, PORT);
	session = open_drives(16);
	insert();
	assert_int_equal(claim(session), PURLIN_NO_MEMORY);
	assert_int_equal(ask(session, PCI_RELEASE, PCI_BDF(0, 5, 0), 0, 0), PURLIN_OK);
	assert_int_equal(claim(session), PURLIN_OK);
	assert_int_equal(ask(session, PCI_CONFIG_READ, PCI_BDF(0, 5, 0), 0, 4), PURLIN_OK);
	assert_int_equal(request.reply[0], 0x00101111);
}

static void who_is_not_trusted_gets_nothing(void **state)
{
	const purlin_u64 words[] = { 0, 1, PCI_RULE_CLASS, DRIVE | 0xffffffull << 32 };

	(void)state;
	assert_int_equal(open_session(&server, 16, "first", words, 4), PURLIN_OK);
	insert();
	assert_int_equal(claim(pci_session_find(&server, 16)), PURLIN_NO_RIGHT);
}

/* Its second function would reach the first past the IOMMU. */
static void groups_stay_whole(void **state)
{
	struct pci_session *first = open_drives(16);
	struct pci_session *second = open_for(17, PCI_RULE_CLASS, 0x020000 | 0xffffffull << 32);

	(void)state;
	first->policy.isolated = true;
	second->policy.isolated = true;
	card = fake_pci_add(CARD, 0x1111, 0x0010, DRIVE);
	fake_set(card, CFG_HEADER_TYPE, 1, HEADER_MULTIFUNCTION, 0, 0);
	(void)fake_pci_add(CARD + 1, 0x1111, 0x0011, 0x020000);
	insert();
	assert_int_equal(claim(first), PURLIN_OK);
	assert_int_equal(claim(second), PURLIN_NO_DEVICE);
	assert_non_null(strstr(fake_log, "of one group"));
	/* The other one is free for whoever has the first. */
	second->policy.isolated = false;
	assert_int_equal(claim(second), PURLIN_OK);
}

static void a_release_is_an_end(void **state)
{
	struct pci_session *session = open_drives(16);
	purlin_u64 bdf;

	(void)state;
	insert();
	fake_set(card, CFG_INTERRUPT_PIN, 1, 1, 0, 0);
	fake_capability(card, 0x50, CAP_MSI);
	fake_set(card, 0x52, 2, 0, 0x71, 0);
	pull();
	insert();
	assert_int_equal(claim(session), PURLIN_OK);
	bdf = first_bdf(session);
	assert_int_equal(ask(session, PCI_BAR_PIECE, bdf, 0, 0), PURLIN_OK);
	assert_int_equal(ask(session, PCI_MSI_ALLOC, bdf, PCI_MSI, 0), PURLIN_OK);
	assert_int_equal(ask(session, PCI_INTX, bdf, 0, 0), PURLIN_OK);
	assert_int_equal(session->messages, 1);
	fake_events[0] = 0;
	assert_int_equal(ask(session, PCI_RELEASE, bdf, 0, 0), PURLIN_OK);
	assert_non_null(strchr(fake_events, 'i'));
	assert_non_null(strchr(fake_events, 'g'));
	assert_int_equal(session->messages, 0);
	assert_int_equal(session->line[0].resource.slot, 0);
	assert_int_equal(ask(session, PCI_BAR, bdf, 0, 0), PURLIN_NO_DEVICE);
	assert_true(fake_get(card, CFG_COMMAND, 2) & COMMAND_INTX_DISABLE);
	assert_int_equal(ask(session, PCI_CLAIM, PCI_CLAIM_ANY, 0, 0), PURLIN_OK);
}

#define ROUNDS 10000

/* Nothing is left over of any of them. */
static void many_rounds(void **state)
{
	struct pci_session *session = open_drives(16);

	(void)state;
	listen(session);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		insert();
		assert_int_equal(claim(session), PURLIN_OK);
		if (i % 2)
			change(SLOT_PRESENT, SLOT_BUTTON);
		else
			pull();
		assert_int_equal(ask(session, PCI_RELEASE, first_bdf(session), 0, 0), PURLIN_OK);
		pull();
		fake_log[0] = 0;
	}
	assert_int_equal(server.tree.count, 2);
	assert_int_equal(session->assignments.count, 0);
	assert_int_equal(session->messages, 0);
	assert_null(session->devices);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, server_clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(card_comes_to_its_component),
		TEST(late_device_reaches_memory),
		TEST(bars_get_places),
		TEST(bars_are_laid_over_nothing),
		TEST(windows_that_are_reserved_are_used),
		TEST(no_room_for_a_bar),
		TEST(rules_name_slots),
		TEST(who_claims_first_has_it),
		TEST(owner_lets_it_go),
		TEST(owner_does_not_let_it_go),
		TEST(card_vanishes),
		TEST(card_is_exchanged),
		TEST(card_vanishes_unclaimed),
		TEST(card_does_not_answer),
		TEST(the_interrupt_is_one),
		TEST(too_many_devices),
		TEST(who_is_not_trusted_gets_nothing),
		TEST(groups_stay_whole),
		TEST(a_release_is_an_end),
		TEST(many_rounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
