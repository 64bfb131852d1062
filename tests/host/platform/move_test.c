/* SPDX-License-Identifier: MIT */
/* Functions that are moved from one component to another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "drivers/platform/alarm.h"
#include "drivers/platform/device_reset.h"
#include "drivers/platform/devices_session.h"
#include "drivers/platform/pci_await.h"
#include "drivers/platform/pci_config.h"
#include "drivers/platform/pci_groups.h"
#include "drivers/platform/pci_move.h"
#include "drivers/platform/pci_registers.h"
#include "drivers/platform/pci_requests.h"
#include "fake_core.h"
#include "fake_pci.h"
#include "fake_server.h"

#define NIC PCI_BDF(0, 4, 0)  /* can be reset */
#define DISK PCI_BDF(0, 5, 0) /* cannot */
#define LEFT PCI_BDF(0, 6, 0) /* these two reach each other */
#define RIGHT PCI_BDF(0, 6, 1)
#define PM 0x40
#define PCIE 0x50
#define NET 0x020000
#define DRIVE 0x010802
#define BOTH 0x040300
#define ALL 0xffffffull

/* Names of the viewer. */
enum { MOVER, FIRST, SECOND, WAITING };
#define SIGNAL 99
#define POLICY (PARENT_LABEL_BYTES / 8)

static struct devices_viewer viewer;
static struct dma_domain_type isolating;
static struct request request;

static void add(uint16_t bdf, uint32_t class_code, bool resets)
{
	struct fake_function *function = fake_pci_add(bdf, 0x1111, 0x0010, class_code);

	fake_set(function, CFG_HEADER_TYPE, 1, bdf == LEFT ? HEADER_MULTIFUNCTION : 0, 0, 0);
	if (!resets)
		return;
	fake_capability(function, PM, CAP_PM);
	fake_set(function, PM + PM_CONTROL, 2, 0, 3, 0);
}

static int prepare(void **state)
{
	(void)state;
	viewer = (struct devices_viewer){ .badge = 3,
					  .may_move = true,
					  .count = 4,
					  .name = { "mover", "first", "second", "waiting" } };
	isolating = dma_untranslated;
	isolating.isolates = true;
	server_begin(&dma_untranslated);
	server.slots = 1;
	add(NIC, NET, true);
	add(DISK, DRIVE, false);
	add(LEFT, BOTH, true);
	add(RIGHT, BOTH, true);
	pci_tree_scan(&server.tree, 0);
	pci_groups_form(&server.tree);
	reset_note_all(&server.tree);
	return 0;
}

static int clean(void **state)
{
	while (server.awaiting) {
		struct pci_awaiting *entry = server.awaiting;

		server.awaiting = entry->next;
		free(entry);
	}
	return server_clean(state);
}

static struct pci_session *open_flagged(purlin_u64 badge, const char *label, purlin_u64 flags,
					purlin_u64 kind, purlin_u64 rule)
{
	const purlin_u64 words[] = { PCI_POLICY_TRUSTED_DMA | flags, 1, kind, rule };
	struct pci_session *session;

	assert_int_equal(open_session(&server, badge, label, words, 4), PURLIN_OK);
	session = pci_session_find(&server, badge);
	memset(&request, 0, sizeof(request));
	request.operation = PCI_CHANGES;
	assert_int_equal(pci_request(&server, session, &request), PURLIN_OK);
	return session;
}

static struct pci_session *open_class(purlin_u64 badge, const char *label, purlin_u64 flags,
				      purlin_u64 moved, uint32_t class_code)
{
	return open_flagged(badge, label, flags, PCI_RULE_CLASS | moved, class_code | ALL << 32);
}

static unsigned int told(const struct pci_session *session)
{
	return fake_raised[session->changed.slot];
}

static purlin_s64 ask(struct pci_session *session, purlin_u32 operation, purlin_u64 word)
{
	memset(&request, 0, sizeof(request));
	request.operation = operation;
	request.word[0] = word;
	return pci_request(&server, session, &request);
}

static purlin_u64 state_of(struct pci_session *session)
{
	assert_int_equal(ask(session, PCI_DEVICE, 0), PURLIN_OK);
	return request.reply[3];
}

static purlin_s64 release(struct pci_session *session)
{
	assert_int_equal(ask(session, PCI_DEVICE, 0), PURLIN_OK);
	return ask(session, PCI_RELEASE, request.reply[0]);
}

static purlin_s64 claim(struct pci_session *session)
{
	return ask(session, PCI_CLAIM, PCI_CLAIM_NEW);
}

static purlin_s64 move_by(const struct devices_viewer *mover, uint16_t bdf, purlin_u64 name)
{
	memset(&request, 0, sizeof(request));
	request.operation = DEVICES_MOVE;
	request.word[0] = bdf;
	request.word[1] = name;
	return devices_request(&server, mover, &request);
}

static purlin_s64 move(uint16_t bdf, purlin_u64 name)
{
	return move_by(&viewer, bdf, name);
}

/* ~0: the viewer does not see it. */
static purlin_u64 flags_of(uint16_t bdf)
{
	for (purlin_u64 i = 0;; i++) {
		memset(&request, 0, sizeof(request));
		request.operation = DEVICES_FUNCTION;
		request.word[0] = i;
		if (devices_request(&server, &viewer, &request))
			return ~0ull;
		if (request.reply[DEVICES_FUNCTION_BDF] == bdf)
			return request.reply[DEVICES_FUNCTION_FLAGS];
	}
}

static const struct pci_session *owner(uint16_t bdf)
{
	return pci_tree_find(&server.tree, bdf)->owner;
}

static void it_goes_from_one_to_the_other(void **state)
{
	struct pci_session *first = open_class(16, "first/pci", 0, 0, NET);
	struct pci_session *second = open_class(17, "second/pci", 0, PCI_RULE_MOVED, NET);

	(void)state;
	assert_ptr_equal(owner(NIC), first);
	assert_null(second->devices);
	assert_int_equal(move(NIC, SECOND), PURLIN_OK);
	pci_move_look(&server);
	assert_int_equal(told(first), 1);
	assert_int_equal(told(second), 0);
	assert_int_equal(state_of(first), PCI_DEVICE_LEAVING);
	assert_int_equal(flags_of(NIC), DEVICES_OWNED | DEVICES_RESERVED | DEVICES_MOVING);
	assert_int_equal(pci_move_deadline(&server), fake_now + PCI_LEAVING_TIME);
	/* It cannot have it yet. */
	assert_int_equal(claim(second), PURLIN_NO_DEVICE);
	assert_int_equal(release(first), PURLIN_OK);
	assert_int_equal(flags_of(NIC), DEVICES_RESERVED);
	pci_move_look(&server);
	assert_int_equal(told(second), 1);
	assert_int_equal(told(first), 1);
	assert_int_equal(pci_move_deadline(&server), ALARM_NEVER);
	assert_int_equal(ask(first, PCI_CLAIM, PCI_CLAIM_ANY), PURLIN_NO_DEVICE);
	assert_int_equal(claim(second), PURLIN_OK);
	assert_ptr_equal(owner(NIC), second);
	assert_int_equal(flags_of(NIC), DEVICES_OWNED | DEVICES_RESERVED);
	assert_int_equal(state_of(second), PCI_DEVICE_THERE);
}

static void it_goes_back(void **state)
{
	struct pci_session *first = open_class(16, "first/pci", 0, 0, NET);
	struct pci_session *second = open_class(17, "second/pci", 0, PCI_RULE_MOVED, NET);

	(void)state;
	assert_int_equal(move(NIC, SECOND), PURLIN_OK);
	assert_int_equal(release(first), PURLIN_OK);
	pci_move_look(&server);
	assert_int_equal(claim(second), PURLIN_OK);
	assert_int_equal(move(NIC, FIRST), PURLIN_OK);
	assert_int_equal(release(second), PURLIN_OK);
	pci_move_look(&server);
	assert_int_equal(claim(second), PURLIN_NO_DEVICE);
	assert_int_equal(claim(first), PURLIN_OK);
	assert_ptr_equal(owner(NIC), first);
}

/* It is reserved: its earlier owner's next life does without, also if a rule names it. */
static void it_outlives_both(void **state)
{
	struct pci_session *first =
		open_flagged(16, "first/pci", 0, PCI_RULE_BDF, NIC | 0xffffull << 32);
	struct pci_session *second = open_class(17, "second/pci", 0, PCI_RULE_MOVED, NET);

	(void)state;
	assert_ptr_equal(owner(NIC), first);
	assert_int_equal(move(NIC, SECOND), PURLIN_OK);
	/* Its end gives it back, too. */
	assert_true(close_session(&server, 16));
	pci_move_look(&server);
	first = open_flagged(18, "first/pci", 0, PCI_RULE_BDF, NIC | 0xffffull << 32);
	assert_null(first->devices);
	assert_int_equal(claim(second), PURLIN_OK);
	assert_true(close_session(&server, 17));
	pci_move_look(&server);
	assert_int_equal(ask(first, PCI_CLAIM, PCI_CLAIM_ANY), PURLIN_NO_DEVICE);
	assert_int_equal(flags_of(NIC), DEVICES_RESERVED);
	second = open_class(19, "second/pci", 0, PCI_RULE_MOVED, NET);
	assert_ptr_equal(owner(NIC), second);
}

/* Whoever keeps it can do nothing with it, and who is to have it waits until it is given back. */
static void it_is_taken_away(void **state)
{
	struct pci_session *first = open_class(16, "first/pci", 0, 0, NET);
	struct pci_session *second = open_class(17, "second/pci", 0, PCI_RULE_MOVED, NET);
	purlin_u64 bdf;

	(void)state;
	assert_int_equal(ask(first, PCI_DEVICE, 0), PURLIN_OK);
	bdf = request.reply[0];
	assert_int_equal(move(NIC, SECOND), PURLIN_OK);
	fake_now += PCI_LEAVING_TIME - 1;
	pci_move_look(&server);
	assert_int_equal(state_of(first), PCI_DEVICE_LEAVING);
	fake_now++;
	pci_move_look(&server);
	assert_int_equal(state_of(first), PCI_DEVICE_GONE);
	assert_int_equal(told(first), 2);
	assert_int_equal(pci_move_deadline(&server), ALARM_NEVER);
	request.operation = PCI_CONFIG_READ;
	request.word[0] = bdf;
	request.word[1] = 0;
	request.word[2] = 4;
	request.reply_words = 0;
	assert_int_equal(pci_request(&server, first, &request), PURLIN_OK);
	assert_int_equal(request.reply[0], 0xffffffff);
	assert_int_equal(claim(second), PURLIN_NO_DEVICE);
	pci_move_look(&server);
	assert_int_equal(told(first), 2);
	assert_int_equal(ask(first, PCI_RELEASE, bdf), PURLIN_OK);
	pci_move_look(&server);
	assert_int_equal(claim(second), PURLIN_OK);
}

/* Also back to the one that is just giving it back. */
static void another_move_comes_first(void **state)
{
	struct pci_session *first = open_class(16, "first/pci", 0, 0, NET);
	struct pci_session *second = open_class(17, "second/pci", 0, PCI_RULE_MOVED, NET);

	(void)state;
	assert_int_equal(move(NIC, SECOND), PURLIN_OK);
	assert_int_equal(move(NIC, FIRST), PURLIN_OK);
	assert_int_equal(state_of(first), PCI_DEVICE_LEAVING);
	assert_int_equal(release(first), PURLIN_OK);
	pci_move_look(&server);
	assert_int_equal(told(second), 0);
	assert_int_equal(claim(first), PURLIN_OK);
	/* To who has it: nothing happens. */
	assert_int_equal(move(NIC, FIRST), PURLIN_OK);
	pci_move_look(&server);
	assert_int_equal(state_of(first), PCI_DEVICE_THERE);
}

/* What was claimed before anybody looked is not asked for again. */
static void it_is_claimed_at_once(void **state)
{
	struct pci_session *first = open_class(16, "first/pci", 0, 0, NET);
	struct pci_session *second = open_class(17, "second/pci", 0, PCI_RULE_MOVED, NET);

	(void)state;
	assert_int_equal(move(NIC, SECOND), PURLIN_OK);
	assert_int_equal(release(first), PURLIN_OK);
	assert_int_equal(ask(second, PCI_CLAIM, PCI_CLAIM_ANY), PURLIN_OK);
	fake_now += PCI_LEAVING_TIME;
	pci_move_look(&server);
	assert_int_equal(state_of(second), PCI_DEVICE_THERE);
}

static void what_nobody_has_is_moved(void **state)
{
	struct pci_session *second = open_class(17, "second/pci", 0, PCI_RULE_MOVED, NET);

	(void)state;
	assert_int_equal(ask(second, PCI_CLAIM, PCI_CLAIM_ANY), PURLIN_NO_DEVICE);
	assert_int_equal(flags_of(NIC), 0);
	assert_int_equal(move(NIC, SECOND), PURLIN_OK);
	pci_move_look(&server);
	assert_int_equal(told(second), 1);
	assert_int_equal(claim(second), PURLIN_OK);
}

static void who_waits_is_told(void **state)
{
	const purlin_u64 policy[] = { PCI_POLICY_TRUSTED_DMA, 1, PCI_RULE_CLASS | PCI_RULE_MOVED,
				      NET | ALL << 32 };
	struct pci_session *first = open_class(16, "first/pci", 0, 0, NET);

	(void)state;
	request = (struct request){
		.operation = PCI_AWAIT, .words = POLICY + 4, .caps = 1, .cap = { SIGNAL }
	};
	memcpy(&request.word[POLICY], policy, sizeof(policy));
	assert_int_equal(pci_await(&server, "waiting/", &request), PURLIN_OK);
	assert_int_equal(request.reply[0], 0);
	assert_int_equal(move(NIC, WAITING), PURLIN_OK);
	assert_int_equal(release(first), PURLIN_OK);
	fake_events[0] = 0;
	pci_move_look(&server);
	assert_string_equal(fake_events, "N");
}

static void groups_stay_together(void **state)
{
	struct pci_session *first = open_class(16, "first/pci", 0, 0, BOTH);
	struct pci_session *second = open_class(17, "second/pci", 0, PCI_RULE_MOVED, BOTH);

	(void)state;
	server.dma = &isolating;
	second->policy.isolated = true;
	assert_int_equal(pci_tree_find(&server.tree, LEFT)->group,
			 pci_tree_find(&server.tree, RIGHT)->group);
	assert_int_equal(move(RIGHT, SECOND), PURLIN_OK);
	assert_int_equal(release(first), PURLIN_OK);
	pci_move_look(&server);
	/* The other one is still with its owner: nobody is told of the one. */
	assert_int_equal(told(second), 0);
	assert_int_equal(release(first), PURLIN_OK);
	pci_move_look(&server);
	assert_int_equal(told(second), 1);
	fake_log[0] = 0;
	assert_int_equal(claim(second), PURLIN_OK);
	assert_int_equal(request.reply[0], 2);
	assert_null(strstr(fake_log, "is not given"));
	server.dma = &dma_untranslated;
}

/* One of the group is of a component that the viewer does not see. */
static void groups_of_others_stay(void **state)
{
	(void)open_flagged(16, "first/pci", 0, PCI_RULE_BDF, LEFT | 0xffffull << 32);
	(void)open_flagged(17, "stranger/pci", 0, PCI_RULE_BDF, RIGHT | 0xffffull << 32);
	(void)open_class(18, "second/pci", 0, PCI_RULE_MOVED, BOTH);
	(void)state;
	server.dma = &isolating;
	assert_int_equal(move(LEFT, SECOND), PURLIN_BUSY);
	assert_int_equal(flags_of(LEFT), DEVICES_OWNED);
	server.dma = &dma_untranslated;
	/* Without an IOMMU nothing keeps them apart anyway. */
	assert_int_equal(move(LEFT, SECOND), PURLIN_OK);
}

static void the_description_decides(void **state)
{
	struct devices_viewer looker = viewer;

	(void)open_class(16, "first/pci", 0, 0, NET);
	(void)open_class(17, "second/pci", 0, PCI_RULE_MOVED, DRIVE);
	(void)state;
	looker.may_move = false;
	assert_int_equal(move_by(&looker, NIC, SECOND), PURLIN_NO_RIGHT);
	assert_int_equal(move_by(NULL, NIC, SECOND), PURLIN_NO_RIGHT);
	/* No rule there means it. */
	assert_int_equal(move(NIC, SECOND), PURLIN_NO_RIGHT);
	/* That component is not there. */
	assert_int_equal(move(NIC, WAITING), PURLIN_AGAIN);
	assert_int_equal(move(NIC, 4), PURLIN_BAD_ARGUMENT);
	assert_int_equal(move(NIC, ~0ull), PURLIN_BAD_ARGUMENT);
	assert_int_equal(move(PCI_BDF(9, 9, 1), SECOND), PURLIN_NO_DEVICE);
	assert_int_equal(flags_of(NIC), DEVICES_OWNED);
}

static void strangers_devices_are_not_seen(void **state)
{
	(void)open_class(16, "stranger/pci", 0, 0, NET);
	(void)open_class(17, "second/pci", 0, PCI_RULE_MOVED, NET);
	(void)state;
	assert_int_equal(move(NIC, SECOND), PURLIN_NO_DEVICE);
	assert_int_equal(flags_of(NIC), ~0ull);
}

/* Also while that component has ended. */
static void what_strangers_are_to_have_stays(void **state)
{
	(void)open_class(17, "second/pci", 0, PCI_RULE_MOVED, NET);
	(void)state;
	strcpy(pci_tree_find(&server.tree, NIC)->reserved_for, "stranger");
	assert_int_equal(flags_of(NIC), ~0ull);
	assert_int_equal(move(NIC, SECOND), PURLIN_NO_DEVICE);
}

/* What a driver did to it would come along. */
static void what_cannot_be_reset_stays(void **state)
{
	struct pci_session *first = open_class(16, "first/pci", 0, 0, DRIVE);

	(void)state;
	(void)open_class(17, "second/pci", 0, PCI_RULE_MOVED, DRIVE);
	assert_int_equal(move(DISK, SECOND), PURLIN_NO_RIGHT);
	assert_int_equal(release(first), PURLIN_OK);
	assert_int_equal(move(DISK, SECOND), PURLIN_NO_RIGHT);
	assert_int_equal(ask(first, PCI_CLAIM, PCI_CLAIM_ANY), PURLIN_OK);
	assert_true(close_session(&server, 17));
	(void)open_class(18, "second/pci", PCI_POLICY_USED, PCI_RULE_MOVED, DRIVE);
	assert_int_equal(move(DISK, SECOND), PURLIN_OK);
}

static void what_leaves_stays(void **state)
{
	struct pci_function *function = pci_tree_find(&server.tree, NIC);

	(void)open_class(17, "second/pci", 0, PCI_RULE_MOVED, NET);
	(void)state;
	function->leaving = true;
	assert_int_equal(move(NIC, SECOND), PURLIN_BUSY);
	function->leaving = false;
	function->quarantined = true;
	assert_int_equal(move(NIC, SECOND), PURLIN_BUSY);
	function->quarantined = false;
	assert_int_equal(move(NIC, SECOND), PURLIN_OK);
}

static void opening_says_who_may(void **state)
{
	purlin_u64 words[] = { 1 | DEVICES_MAY_MOVE, 'a', 0 };
	struct devices_viewer *opened;

	(void)state;
	assert_int_equal(devices_open(words, 3, &opened), PURLIN_OK);
	assert_true(opened->may_move);
	assert_int_equal(opened->count, 1);
	words[0] = 1;
	assert_int_equal(devices_open(words, 3, &opened), PURLIN_OK);
	assert_false(opened->may_move);
	words[0] = 1 | DEVICES_MAY_MOVE << 1;
	assert_int_equal(devices_open(words, 3, &opened), PURLIN_BAD_ARGUMENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_goes_from_one_to_the_other),
		TEST(it_goes_back),
		TEST(it_outlives_both),
		TEST(it_is_taken_away),
		TEST(another_move_comes_first),
		TEST(it_is_claimed_at_once),
		TEST(what_nobody_has_is_moved),
		TEST(who_waits_is_told),
		TEST(groups_stay_together),
		TEST(groups_of_others_stay),
		TEST(the_description_decides),
		TEST(strangers_devices_are_not_seen),
		TEST(what_strangers_are_to_have_stays),
		TEST(what_cannot_be_reset_stays),
		TEST(what_leaves_stays),
		TEST(opening_says_who_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
