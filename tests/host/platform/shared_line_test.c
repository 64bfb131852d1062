/* SPDX-License-Identifier: MIT */
/* Lines with several owners, and sources that come too fast. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "drivers/platform/pci_config.h"
#include "drivers/platform/pci_registers.h"
#include "drivers/platform/pci_requests.h"
#include "drivers/platform/shared_line.h"
#include "drivers/platform/storms.h"
#include "fake_core.h"
#include "fake_pci.h"
#include "fake_server.h"
#include "session/pci.h"

#define GOOD PCI_BDF(0, 3, 0)
#define BAD PCI_BDF(0, 4, 0)
#define OLD PCI_BDF(0, 5, 0) /* without INTx Disable and Interrupt Status */
#define MSI 0x50
#define MSIX 0x70
#define GOOD_BADGE 16
#define BAD_BADGE 17
#define MILLISECOND 1000000ull

static struct fake_function *good, *bad, *old;
static struct request request;

static struct fake_function *add(uint16_t bdf)
{
	struct fake_function *function = fake_pci_add(bdf, 0x1111, (uint16_t)bdf, 0x020000);

	fake_set(function, 0x10, 4, 0xfe000000u + bdf * 0x10000u, 0xffff0000, 0);
	fake_set(function, 0x3d, 1, 1, 0, 0);
	fake_capability(function, MSI, CAP_MSI);
	fake_set(function, MSI + 2, 2, 0, 0x71, 0);
	fake_set(function, MSI + 4, 4, 0, 0xfffffffc, 0);
	fake_set(function, MSI + 8, 4, 0, 0xffff, 0);
	fake_capability(function, MSIX, CAP_MSIX);
	fake_set(function, MSIX + 2, 2, 0x3, 0xc000, 0);
	fake_set(function, MSIX + 4, 4, 0x3000, 0, 0);
	return function;
}

static int prepare(void **state)
{
	(void)state;
	server_begin(&dma_untranslated);
	good = add(GOOD);
	bad = add(BAD);
	old = add(OLD);
	fake_set(old, 4, 2, 0, 0xffff & ~COMMAND_INTX_DISABLE, 0);
	pci_tree_scan(&server.tree, 0);
	return 0;
}

static purlin_s64 ask(purlin_u64 badge, purlin_u32 operation, purlin_u64 a, purlin_u64 b,
		      purlin_u64 c)
{
	memset(&request, 0, sizeof(request));
	request.operation = operation;
	request.word[0] = a;
	request.word[1] = b;
	request.word[2] = c;
	return pci_request(&server, pci_session_find(&server, badge), &request);
}

/* Opens the session and takes the line; the slot of what it got for it. */
static purlin_u64 take_line(purlin_u64 badge, uint16_t bdf)
{
	const purlin_u64 words[] = { PCI_POLICY_TRUSTED_DMA, 1, PCI_RULE_BDF,
				     bdf | 0xffffull << 32 };

	assert_int_equal(open_session(&server, badge, "c/pci", words, 4), PURLIN_OK);
	assert_int_equal(ask(badge, PCI_INTX, bdf, 0, 0), PURLIN_OK);
	return pci_session_find(&server, badge)->line[0].resource.slot;
}

static struct device *device_of(purlin_u64 badge)
{
	return pci_session_find(&server, badge)->devices;
}

static bool masked(const struct fake_function *function)
{
	return fake_get(function, 4, 2) & COMMAND_INTX_DISABLE;
}

static void assert_line(struct fake_function *function, bool on)
{
	function->value[6] =
		(uint8_t)((function->value[6] & ~STATUS_INTX) | (on ? STATUS_INTX : 0));
}

/* Level-triggered: it comes while somebody asserts it and may, and the platform has acked it. */
static bool is_asserted(void)
{
	return (good->value[6] & STATUS_INTX && !masked(good)) ||
	       (bad->value[6] & STATUS_INTX && !masked(bad)) || old->value[6] & STATUS_INTX;
}

static const unsigned int index_of_line = SHARED_LINES - 1; /* the first that is taken */

static purlin_u64 line_slot(void)
{
	return 100; /* the first that fake_core gives */
}

/* Whether the line was open again afterwards. */
static bool line_comes(void)
{
	unsigned int before = fake_acked[line_slot()];

	shared_lines_note(&server, SHARED_LINE_CAME(index_of_line));
	return fake_acked[line_slot()] == before + 1;
}

static void owner_acks(purlin_u64 slot)
{
	fake_unacked[slot] = false;
	shared_lines_note(&server, SHARED_LINE_ACKED(index_of_line));
}

static void who_asserts_is_told(void **state)
{
	purlin_u64 first = take_line(GOOD_BADGE, GOOD), second = take_line(BAD_BADGE, BAD);

	(void)state;
	assert_false(masked(good));
	assert_line(good, true);
	assert_true(line_comes());
	assert_int_equal(fake_raised[first], 1);
	assert_int_equal(fake_raised[second], 0);
	assert_true(masked(good));
	assert_false(masked(bad));
	assert_false(is_asserted());
	assert_line(good, false);
	owner_acks(first);
	assert_false(masked(good));
}

static void both_are_told(void **state)
{
	purlin_u64 first = take_line(GOOD_BADGE, GOOD), second = take_line(BAD_BADGE, BAD);

	(void)state;
	assert_line(good, true);
	assert_line(bad, true);
	assert_true(line_comes());
	assert_int_equal(fake_raised[first], 1);
	assert_int_equal(fake_raised[second], 1);
	assert_false(is_asserted());
}

/* The hostile owner: its device stays silent, the other's works a thousand times. */
static void who_never_acks_harms_nobody(void **state)
{
	purlin_u64 first = take_line(GOOD_BADGE, GOOD), second = take_line(BAD_BADGE, BAD);

	(void)state;
	assert_line(bad, true);
	assert_true(line_comes());
	for (unsigned int i = 0; i < 1000; i++) {
		assert_line(good, true);
		assert_true(line_comes());
		assert_int_equal(fake_raised[first], i + 1);
		assert_line(good, false);
		owner_acks(first);
		assert_false(masked(good));
		fake_now += MILLISECOND;
		(void)shared_lines_due(&server);
		assert_true(masked(bad));
	}
	assert_int_equal(fake_raised[second], 1);
	owner_acks(second);
	assert_false(masked(bad));
}

/* It may not undo the mask by its command register either, nor by asking for the line again. */
static void the_mask_is_the_platforms(void **state)
{
	(void)take_line(GOOD_BADGE, GOOD);
	(void)state;
	assert_line(good, true);
	assert_true(line_comes());
	assert_int_equal(ask(GOOD_BADGE, PCI_CONFIG_WRITE, GOOD, CFG_COMMAND, 2), PURLIN_OK);
	assert_true(masked(good));
	assert_int_equal(ask(GOOD_BADGE, PCI_INTX, GOOD, 0, 0), PURLIN_OK);
	assert_true(masked(good));
}

/* Acks at once, and leaves the device as it is. */
static void who_acks_without_service_is_held_back(void **state)
{
	purlin_u64 second = take_line(BAD_BADGE, BAD);
	uint64_t due;

	(void)state;
	assert_line(bad, true);
	for (unsigned int i = 0; i < SHARED_LINE_BUDGET; i++) {
		assert_true(line_comes());
		owner_acks(second);
	}
	assert_true(masked(bad));
	assert_int_equal(fake_raised[second], SHARED_LINE_BUDGET);
	due = shared_lines_due(&server);
	assert_int_equal(due, fake_now + SHARED_LINE_STRETCH);
	fake_now = due;
	assert_int_equal(shared_lines_due(&server), ~0ull);
	assert_false(masked(bad));
	assert_non_null(strstr(fake_log, "without end"));
}

static void old_functions_are_asked(void **state)
{
	purlin_u64 first = take_line(GOOD_BADGE, GOOD), second = take_line(BAD_BADGE, OLD);

	(void)state;
	assert_line(old, true);
	assert_false(line_comes());
	assert_int_equal(fake_raised[first], 0);
	assert_int_equal(fake_raised[second], 1);
	assert_line(old, false);
	owner_acks(second);
	assert_int_equal(fake_acked[line_slot()], 1);
	assert_int_equal(shared_lines_due(&server), ~0ull);
}

/* Its owner has had its chance: the device goes, the line works for the others. */
static void old_functions_are_lost_without_an_ack(void **state)
{
	purlin_u64 first = take_line(GOOD_BADGE, GOOD);
	uint64_t due;

	(void)take_line(BAD_BADGE, OLD);
	(void)state;
	assert_line(old, true);
	assert_false(line_comes());
	due = shared_lines_due(&server);
	assert_int_equal(due, fake_now + SHARED_LINE_WAIT);
	fake_now = due - 1;
	assert_int_equal(shared_lines_due(&server), due);
	assert_false(device_of(BAD_BADGE)->lost);
	fake_now = due;
	(void)shared_lines_due(&server);
	assert_true(device_of(BAD_BADGE)->lost);
	assert_int_equal(fake_acked[line_slot()], 1);
	assert_int_equal(fake_get(old, 4, 2) & (COMMAND_MEMORY | COMMAND_IO | COMMAND_MASTER), 0);
	assert_int_equal(ask(BAD_BADGE, PCI_CONFIG_READ, OLD, 0, 4), PURLIN_OK);
	assert_int_equal(request.reply[0], 0xffffffff);
	assert_int_equal(ask(BAD_BADGE, PCI_INTX, OLD, 0, 0), PURLIN_NO_DEVICE);
	assert_int_equal(ask(BAD_BADGE, PCI_MSI_ALLOC, OLD, PCI_MSI, 0), PURLIN_NO_DEVICE);
	assert_non_null(strstr(fake_log, "did not ack"));
	/* It goes on asserting: the line comes, rests now and then, and serves the others. */
	for (unsigned int i = 0; i < 200; i++) {
		assert_line(good, true);
		(void)line_comes();
		assert_int_equal(fake_raised[first], i + 1);
		assert_line(good, false);
		owner_acks(first);
		fake_now += SHARED_LINE_STRETCH;
		(void)shared_lines_due(&server);
	}
	assert_false(device_of(GOOD_BADGE)->lost);
}

/* A function that nobody has asserts a line, whatever the platform told it. */
static void nobodys_interrupts_rest(void **state)
{
	uint64_t due;

	(void)take_line(GOOD_BADGE, GOOD);
	(void)state;
	for (unsigned int i = 1; i < SHARED_LINE_UNCLAIMED; i++)
		assert_true(line_comes());
	assert_false(line_comes());
	due = shared_lines_due(&server);
	assert_int_equal(due, fake_now + SHARED_LINE_STRETCH);
	fake_now = due;
	assert_int_equal(shared_lines_due(&server), ~0ull);
	assert_int_equal(fake_acked[line_slot()], SHARED_LINE_UNCLAIMED);
}

static uint16_t resetting;

static void refuse_access(void)
{
	if (resetting)
		fail_msg("a function was touched in its reset");
}

/* In its reset a function is left alone (PCI Express 5.0, 6.6.2), whatever the line does. */
static void resets_are_left_alone(void **state)
{
	purlin_u64 first = take_line(GOOD_BADGE, GOOD);

	(void)state;
	assert_line(good, true);
	assert_true(line_comes());
	device_of(GOOD_BADGE)->busy = true;
	resetting = GOOD;
	fake_on_access = refuse_access;
	owner_acks(first);
	(void)line_comes();
	fake_on_access = NULL;
	resetting = 0;
	device_of(GOOD_BADGE)->busy = false;
}

static void the_last_gives_the_line_back(void **state)
{
	(void)take_line(GOOD_BADGE, GOOD);
	(void)take_line(BAD_BADGE, BAD);
	(void)state;
	assert_string_equal(fake_events, "GSS");
	assert_line(bad, true);
	assert_true(line_comes());
	assert_true(close_session(&server, BAD_BADGE));
	assert_string_equal(fake_events, "GSSs");
	assert_line(good, true);
	assert_true(line_comes());
	assert_true(close_session(&server, GOOD_BADGE));
	assert_string_equal(fake_events, "GSSssg");
	assert_true(masked(good) && masked(bad));
}

/* All that is on the line is one session's: it has the interrupt itself. */
static void alone_on_a_line(void **state)
{
	const purlin_u64 words[] = { PCI_POLICY_TRUSTED_DMA, 1, PCI_RULE_CLASS,
				     0x020000ull | 0xffff00ull << 32 };

	(void)state;
	assert_int_equal(open_session(&server, GOOD_BADGE, "c/pci", words, 4), PURLIN_OK);
	assert_int_equal(ask(GOOD_BADGE, PCI_INTX, GOOD, 0, 0), PURLIN_OK);
	assert_string_equal(fake_events, "G");
}

/* Storms. */

static void message(purlin_u64 badge, uint16_t bdf, unsigned int kind, unsigned int index)
{
	assert_int_equal(ask(badge, PCI_MSI_ALLOC, bdf, kind, index), PURLIN_OK);
}

static void storm(const struct resource *resource)
{
	fake_storms[resource->slot]++;
	storms_note(&server);
}

static void only_the_source_is_silenced(void **state)
{
	struct device_msi *msi;

	(void)state;
	(void)take_line(GOOD_BADGE, GOOD);
	message(GOOD_BADGE, GOOD, PCI_MSIX, 0);
	message(GOOD_BADGE, GOOD, PCI_MSIX, 2);
	msi = &device_of(GOOD_BADGE)->msi;
	storm(&msi->entry[2].resource);
	assert_int_equal(fake_msix_table[3], 0);
	assert_int_equal(fake_msix_table[2 * 4 + 3], 1);
	assert_false(masked(good));
	assert_int_equal(storms_due(&server), fake_now + STORM_REST);
	fake_now += STORM_REST;
	assert_int_equal(storms_due(&server), ~0ull);
	assert_int_equal(fake_msix_table[2 * 4 + 3], 0);
	/* One may have been lost meanwhile. */
	assert_int_equal(fake_raised[msi->entry[2].resource.slot], 1);
	assert_int_equal(fake_raised[msi->entry[0].resource.slot], 0);
}

static void messages_without_a_mask_are_switched_off(void **state)
{
	struct device_msi *msi;

	(void)state;
	(void)take_line(GOOD_BADGE, GOOD);
	message(GOOD_BADGE, GOOD, PCI_MSI, 0);
	request.word[3] = 0;
	assert_int_equal(ask(GOOD_BADGE, PCI_CONFIG_WRITE, GOOD, MSI + 2, 2), PURLIN_OK);
	device_config_write(device_of(GOOD_BADGE), MSI + 2, 2, 1);
	assert_true(fake_get(good, MSI + 2, 2) & MSI_ENABLE);
	msi = &device_of(GOOD_BADGE)->msi;
	storm(&msi->msi[0].resource);
	assert_false(fake_get(good, MSI + 2, 2) & MSI_ENABLE);
	/* Its owner cannot switch it on again by itself. */
	device_config_write(device_of(GOOD_BADGE), MSI + 2, 2, 1);
	assert_false(fake_get(good, MSI + 2, 2) & MSI_ENABLE);
	fake_now += STORM_REST;
	(void)storms_due(&server);
	assert_true(fake_get(good, MSI + 2, 2) & MSI_ENABLE);
}

static void owners_that_are_told_say_when(void **state)
{
	struct device_msi *msi;

	(void)state;
	(void)take_line(GOOD_BADGE, GOOD);
	message(GOOD_BADGE, GOOD, PCI_MSIX, 1);
	memset(&request, 0, sizeof(request));
	request.operation = PCI_STORMS;
	request.caps = 1;
	request.cap[0] = 50;
	assert_int_equal(pci_request(&server, pci_session_find(&server, GOOD_BADGE), &request),
			 PURLIN_OK);
	assert_int_equal(request.reply[0], 0);
	fake_events[0] = 0;
	msi = &device_of(GOOD_BADGE)->msi;
	assert_int_equal(ask(GOOD_BADGE, PCI_STORM_RESUME, GOOD, PCI_MSIX, 1), PURLIN_NO_DEVICE);
	storm(&msi->entry[1].resource);
	assert_string_equal(fake_events, "N");
	assert_int_equal(ask(GOOD_BADGE, PCI_STORMS, 0, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], 1);
	assert_int_equal(request.reply[1], GOOD);
	assert_int_equal(request.reply[2], PCI_MSIX);
	assert_int_equal(request.reply[3], 1);
	assert_int_equal(ask(GOOD_BADGE, PCI_STORM_RESUME, GOOD, PCI_MSIX, 1), PURLIN_AGAIN);
	fake_now += 1000 * STORM_REST;
	assert_int_equal(storms_due(&server), ~0ull);
	assert_int_equal(fake_msix_table[4 + 3], 1);
	assert_int_equal(ask(GOOD_BADGE, PCI_STORM_RESUME, GOOD, 9, 1), PURLIN_BAD_ARGUMENT);
	assert_int_equal(ask(GOOD_BADGE, PCI_STORM_RESUME, GOOD, PCI_MSIX, 999), PURLIN_NO_DEVICE);
	assert_int_equal(fake_raised[msi->entry[1].resource.slot], 0);
	assert_int_equal(ask(GOOD_BADGE, PCI_STORM_RESUME, GOOD, PCI_MSIX, 1), PURLIN_OK);
	assert_int_equal(fake_msix_table[4 + 3], 0);
	assert_int_equal(fake_raised[msi->entry[1].resource.slot], 1);
}

static void lines_of_one_owner_are_silenced_at_the_function(void **state)
{
	const purlin_u64 words[] = { PCI_POLICY_TRUSTED_DMA, 1, PCI_RULE_CLASS,
				     0x020000ull | 0xffff00ull << 32 };

	(void)state;
	assert_int_equal(open_session(&server, GOOD_BADGE, "c/pci", words, 4), PURLIN_OK);
	assert_int_equal(ask(GOOD_BADGE, PCI_INTX, GOOD, 0, 0), PURLIN_OK);
	assert_false(masked(good));
	storm(&pci_session_find(&server, GOOD_BADGE)->line[0].resource);
	assert_true(masked(good));
	fake_now += STORM_REST;
	(void)storms_due(&server);
	assert_false(masked(good));
}

/* Nothing is made up for it: what still asserts it comes again. */
static void a_line_goes_on_when_its_owner_says(void **state)
{
	const purlin_u64 words[] = { PCI_POLICY_TRUSTED_DMA, 1, PCI_RULE_CLASS,
				     0x020000ull | 0xffff00ull << 32 };
	const struct resource *line;

	(void)state;
	assert_int_equal(open_session(&server, GOOD_BADGE, "c/pci", words, 4), PURLIN_OK);
	assert_int_equal(ask(GOOD_BADGE, PCI_INTX, GOOD, 0, 0), PURLIN_OK);
	line = &pci_session_find(&server, GOOD_BADGE)->line[0].resource;
	assert_int_equal(ask(GOOD_BADGE, PCI_STORM_RESUME, GOOD, PCI_LINE, 0), PURLIN_NO_DEVICE);
	storm(line);
	assert_true(masked(good));
	assert_int_equal(ask(GOOD_BADGE, PCI_STORM_RESUME, GOOD, PCI_LINE, 0), PURLIN_AGAIN);
	fake_now += STORM_REST;
	assert_int_equal(ask(GOOD_BADGE, PCI_STORM_RESUME, GOOD, PCI_LINE, 0), PURLIN_OK);
	assert_false(masked(good));
	assert_int_equal(fake_raised[line->slot], 0);
}

static void lines_of_a_session_are_limited(void **state)
{
	const purlin_u64 words[] = { PCI_POLICY_TRUSTED_DMA, 1, PCI_RULE_CLASS,
				     0x020000ull | 0xffff00ull << 32 };
	unsigned int given = 0;

	(void)state;
	server_begin(&dma_untranslated);
	for (unsigned int slot = 1; slot <= SESSION_LINES + 1; slot++)
		(void)add(PCI_BDF(0, slot, 0));
	pci_tree_scan(&server.tree, 0);
	assert_int_equal(open_session(&server, GOOD_BADGE, "c/pci", words, 4), PURLIN_OK);
	for (struct device *device = device_of(GOOD_BADGE); device; device = device->next)
		device->route.gsi = 16 + PCI_SLOT(device->function->bdf);
	for (unsigned int slot = 1; slot <= SESSION_LINES + 1; slot++)
		given += !ask(GOOD_BADGE, PCI_INTX, PCI_BDF(0, slot, 0), 0, 0);
	assert_int_equal(given, SESSION_LINES);
	assert_int_equal(ask(GOOD_BADGE, PCI_INTX, PCI_BDF(0, SESSION_LINES + 1, 0), 0, 0),
			 PURLIN_NO_MEMORY);
	/* A line that it has already is one. */
	device_of(GOOD_BADGE)->route.gsi = device_of(GOOD_BADGE)->next->route.gsi;
	assert_int_equal(ask(GOOD_BADGE, PCI_INTX, device_of(GOOD_BADGE)->function->bdf, 0, 0),
			 PURLIN_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, server_clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_asserts_is_told),
		TEST(both_are_told),
		TEST(who_never_acks_harms_nobody),
		TEST(the_mask_is_the_platforms),
		TEST(who_acks_without_service_is_held_back),
		TEST(old_functions_are_asked),
		TEST(old_functions_are_lost_without_an_ack),
		TEST(nobodys_interrupts_rest),
		TEST(resets_are_left_alone),
		TEST(the_last_gives_the_line_back),
		TEST(alone_on_a_line),
		TEST(only_the_source_is_silenced),
		TEST(messages_without_a_mask_are_switched_off),
		TEST(owners_that_are_told_say_when),
		TEST(lines_of_one_owner_are_silenced_at_the_function),
		TEST(a_line_goes_on_when_its_owner_says),
		TEST(lines_of_a_session_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
