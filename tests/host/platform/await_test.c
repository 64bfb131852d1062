/* SPDX-License-Identifier: MIT */
/* Components that do not run, and wait for a device. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "drivers/platform/pci_await.h"
#include "drivers/platform/pci_config.h"
#include "drivers/platform/pci_life.h"
#include "fake_core.h"
#include "fake_pci.h"
#include "fake_server.h"

#define DRIVE 0x010802
#define NET 0x020000
#define SIGNAL 99
#define POLICY (PARENT_LABEL_BYTES / 8)

static struct pci_function *drive;

static int prepare(void **state)
{
	(void)state;
	server_begin(&dma_untranslated);
	fake_pci_add(PCI_BDF(0, 3, 0), 0x1111, 0x0010, DRIVE);
	fake_pci_add(PCI_BDF(0, 4, 0), 0x1111, 0x0020, NET);
	pci_tree_scan(&server.tree, 0);
	drive = pci_tree_find(&server.tree, PCI_BDF(0, 3, 0));
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

static purlin_s64 await(struct request *request, const char *label, uint32_t class_code)
{
	const purlin_u64 policy[] = { PCI_POLICY_TRUSTED_DMA, 1, PCI_RULE_CLASS,
				      class_code | 0xffffffull << 32 };

	*request = (struct request){
		.operation = PCI_AWAIT, .words = POLICY + 4, .caps = 1, .cap = { SIGNAL }
	};
	memcpy(&request->word[POLICY], policy, sizeof(policy));
	return pci_await(&server, label, request);
}

static purlin_u64 there(const char *label, uint32_t class_code)
{
	struct request request;

	assert_int_equal(await(&request, label, class_code), PURLIN_OK);
	/* It is kept. */
	assert_int_equal(request.cap[0], 0);
	return request.reply[0];
}

static void arrive(void)
{
	drive->arrived = true;
	fake_events[0] = 0;
	pci_life_arrived(&server);
}

static void open_drive(void)
{
	const purlin_u64 words[] = { PCI_POLICY_TRUSTED_DMA, 1, PCI_RULE_CLASS,
				     DRIVE | 0xffffffull << 32 };

	assert_int_equal(open_session(&server, 16, "client", words, 4), PURLIN_OK);
}

static void what_is_there_is_told(void **state)
{
	(void)state;
	assert_int_equal(there("a/", DRIVE), PCI_AWAIT_FREE);
	assert_int_equal(there("a/", 0x030000), 0);
	open_drive();
	assert_int_equal(there("a/", DRIVE), 0);
}

static void what_comes_is_told(void **state)
{
	(void)state;
	assert_int_equal(there("a/", DRIVE), PCI_AWAIT_FREE);
	assert_int_equal(there("b/", NET), PCI_AWAIT_FREE);
	arrive();
	assert_string_equal(fake_events, "N");
	assert_int_equal(there("a/", DRIVE), PCI_AWAIT_FREE | PCI_AWAIT_NEW);
}

/* Whoever had it has given it back: it is there, and has not come. */
static void what_was_had_is_not_new(void **state)
{
	(void)state;
	arrive();
	open_drive();
	assert_true(close_session(&server, 16));
	assert_int_equal(there("a/", DRIVE), PCI_AWAIT_FREE);
}

static void a_label_has_one_signal(void **state)
{
	(void)state;
	(void)there("a/", DRIVE);
	fake_events[0] = 0;
	(void)there("a/", DRIVE);
	assert_string_equal(fake_events, "n");
	arrive();
	assert_string_equal(fake_events, "N");
}

static void nonsense_is_refused(void **state)
{
	struct request request = { .operation = PCI_AWAIT, .words = POLICY + 4 };

	(void)state;
	assert_int_equal(pci_await(&server, "a/", &request), PURLIN_BAD_CAPABILITY);
	fake_signal_status = PURLIN_NO_RIGHT;
	assert_int_equal(await(&request, "a/", DRIVE), PURLIN_NO_RIGHT);
	fake_signal_status = PURLIN_OK;
	assert_int_equal(await(&request, "a/", DRIVE), PURLIN_OK);
	request.cap[0] = SIGNAL;
	request.word[POLICY + 2] = 77; /* no kind of rule */
	assert_int_equal(pci_await(&server, "a/", &request), PURLIN_BAD_ARGUMENT);
	assert_int_equal(request.cap[0], SIGNAL);
	request.words = POLICY - 1;
	assert_int_equal(pci_await(&server, "a/", &request), PURLIN_BAD_ARGUMENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_there_is_told),   TEST(what_comes_is_told),
		TEST(what_was_had_is_not_new), TEST(a_label_has_one_signal),
		TEST(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
