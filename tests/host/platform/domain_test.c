/* SPDX-License-Identifier: MIT */
/* A DMA domain that isolates: what a session asks of it, and in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "drivers/platform/pci_config.h"
#include "drivers/platform/pci_faults.h"
#include "drivers/platform/pci_registers.h"
#include "drivers/platform/pci_requests.h"
#include "fake_core.h"
#include "fake_pci.h"
#include "fake_server.h"
#include "session/pci.h"

#define FIRST PCI_BDF(0, 4, 0)
#define SECOND PCI_BDF(0, 5, 0)
#define MSI 0x50
#define BADGE 16
#define WINDOW 0x40000000ull /* where memory of slot 50 lies for the devices */
#define REMAPPED 0xfee00010ull

static struct fake_function *first;
static struct request request;
static char calls[64];
static bool confirms, releases, refuses_second, refuses_memory;

static void call(char letter)
{
	size_t length = strlen(calls);

	assert_true(length + 1 < sizeof(calls));
	calls[length] = letter;
	calls[length + 1] = 0;
}

static purlin_s64 start(struct dma_domain *domain)
{
	call('s');
	domain->tables = calls;
	return PURLIN_OK;
}

static void end(struct dma_domain *domain)
{
	assert_ptr_equal(domain->tables, calls);
	call('e');
}

/* A function comes and goes while it is no bus master. */
static purlin_s64 add(struct dma_domain *domain, const struct pci_function *function)
{
	(void)domain;
	assert_false(pci_config_read(function->bdf, 4, 2) & COMMAND_MASTER);
	call('f');
	return refuses_second && function->bdf == SECOND ? PURLIN_NO_MEMORY : PURLIN_OK;
}

static bool remove_function(struct dma_domain *domain, const struct pci_function *function)
{
	(void)domain;
	assert_false(pci_config_read(function->bdf, 4, 2) & COMMAND_MASTER);
	call('d');
	return releases || function->bdf != FIRST;
}

static purlin_s64 map(struct dma_domain *domain, const struct pin *pin, uint64_t wanted,
		      uint64_t *address)
{
	(void)domain;
	assert_int_equal(wanted, PCI_DMA_ANYWHERE);
	call('m');
	*address = WINDOW + (pin->id - 50) * 0x100000;
	return refuses_memory ? PURLIN_NO_MEMORY : PURLIN_OK;
}

static void unmap(struct dma_domain *domain, const struct pin *pin, uint64_t address)
{
	(void)domain;
	assert_int_equal(address, WINDOW + (pin->id - 50) * 0x100000);
	call('u');
}

static bool flush(struct dma_domain *domain)
{
	(void)domain;
	call('x');
	return confirms;
}

static purlin_s64 message(struct dma_domain *domain, const struct pci_function *function,
			  struct message_interrupt *interrupt)
{
	purlin_u64 data;

	(void)function;
	call('i');
	assert_int_equal(domain->processor, 3);
	(void)resource_claim_msi(&interrupt->resource, domain->processor, false,
				 &interrupt->address, &data);
	interrupt->address = REMAPPED;
	return PURLIN_OK;
}

static void message_end(struct dma_domain *domain, struct message_interrupt *interrupt)
{
	(void)domain;
	call('j');
	resource_release_irq(&interrupt->resource);
}

static struct dma_fault faults[2 * PCI_FAULTS_MOST];
static unsigned int fault_count;

static bool fault(struct dma_fault *next)
{
	if (!fault_count)
		return false;
	*next = faults[--fault_count];
	return true;
}

static void unwatch(const struct pci_function *function)
{
	assert_int_equal(function->bdf, FIRST);
	call('w');
}

static const struct dma_domain_type isolating = {
	.isolates = true,
	.start = start,
	.end = end,
	.add = add,
	.remove = remove_function,
	.map = map,
	.unmap = unmap,
	.flush = flush,
	.message = message,
	.message_end = message_end,
	.fault = fault,
	.unwatch = unwatch,
};

/* Pins join the record. */
static void note_pin(char event)
{
	if (event == 'A' || event == 'a')
		call(event);
}

static int prepare(void **state)
{
	(void)state;
	server_begin(&isolating);
	calls[0] = 0;
	confirms = releases = true;
	refuses_second = refuses_memory = false;
	first = fake_pci_add(FIRST, 0x1111, 0x0001, 0x020000);
	fake_capability(first, MSI, CAP_MSI);
	fake_set(first, MSI + 2, 2, 0, 0x71, 0);
	fake_set(first, MSI + 4, 4, 0, 0xfffffffc, 0);
	fake_pci_add(SECOND, 0x1111, 0x0002, 0x020000);
	pci_tree_scan(&server.tree, 0);
	fake_on_event = note_pin;
	return 0;
}

static purlin_s64 open(void)
{
	/* No trust is asked for. */
	const purlin_u64 words[] = { 3ull << PCI_POLICY_PROCESSOR, 1, PCI_RULE_CLASS,
				     0x020000 | 0xffffffull << 32 };

	return open_session(&server, BADGE, "client", words, 4);
}

static purlin_s64 ask(purlin_u32 operation, purlin_u64 a, purlin_u64 b, purlin_u64 c, purlin_u64 d)
{
	request.operation = operation;
	request.word[0] = a;
	request.word[1] = b;
	request.word[2] = c;
	request.word[3] = d;
	return pci_request(&server, pci_session_find(&server, BADGE), &request);
}

static purlin_s64 lend(purlin_u64 slot)
{
	memset(&request, 0, sizeof(request));
	request.caps = 1;
	request.cap[0] = slot;
	return ask(PCI_DMA_MAP, 0, 0, 0, 0);
}

static void life_of_a_session(void **state)
{
	(void)state;
	assert_int_equal(open(), PURLIN_OK);
	assert_int_equal(lend(50), PURLIN_OK);
	assert_int_equal(request.reply[0], WINDOW);
	assert_int_equal(lend(51), PURLIN_OK);
	assert_string_equal(calls, "sffAmAm");
	assert_int_equal(ask(PCI_DMA_UNMAP, WINDOW + 0x100000, 0, 0, 0), PURLIN_OK);
	assert_string_equal(calls, "sffAmAmuxa");
	assert_true(close_session(&server, BADGE));
	assert_string_equal(calls, "sffAmAmuxadduxae");
}

static void messages_are_the_domains(void **state)
{
	(void)state;
	assert_int_equal(open(), PURLIN_OK);
	memset(&request, 0, sizeof(request));
	assert_int_equal(ask(PCI_MSI_ALLOC, FIRST, PCI_MSI, 0, 0), PURLIN_OK);
	assert_int_equal(fake_get(first, MSI + 4, 4), REMAPPED);
	assert_int_equal(ask(PCI_MSI_FREE, FIRST, PCI_MSI, 0, 0), PURLIN_OK);
	assert_string_equal(calls, "sffij");
	assert_string_equal(fake_events, "Mg");
}

/* What a device may still reach is never used again. */
static void unconfirmed_memory_stays_pinned(void **state)
{
	(void)state;
	assert_int_equal(open(), PURLIN_OK);
	assert_int_equal(lend(50), PURLIN_OK);
	confirms = false;
	assert_int_equal(ask(PCI_DMA_UNMAP, WINDOW, 0, 0, 0), PURLIN_OK);
	assert_non_null(strstr(fake_log, "stays pinned"));
	confirms = true;
	assert_int_equal(lend(51), PURLIN_OK);
	assert_true(close_session(&server, BADGE));
	assert_string_equal(calls, "sffAmuxAmdduxae");
}

/* Nobody gets a function that may still reach what its owner had. */
static void unconfirmed_function_is_nobodys(void **state)
{
	(void)state;
	assert_int_equal(open(), PURLIN_OK);
	releases = false;
	assert_true(close_session(&server, BADGE));
	assert_true(pci_tree_find(&server.tree, FIRST)->quarantined);
	assert_false(pci_tree_find(&server.tree, SECOND)->quarantined);
	assert_int_equal(open(), PURLIN_OK);
	assert_null(pci_tree_find(&server.tree, FIRST)->owner);
	assert_non_null(pci_tree_find(&server.tree, SECOND)->owner);
	assert_true(close_session(&server, BADGE));
	assert_int_equal(
		open_session(&server, BADGE, "client",
			     (const purlin_u64[]){ 0, 1, PCI_RULE_BDF, FIRST | 0xffffull << 32 },
			     4),
		PURLIN_BUSY);
	assert_non_null(strstr(fake_log, "may still reach memory"));
}

static void stopped(uint16_t source, uint64_t address)
{
	faults[fault_count++] =
		(struct dma_fault){ address, source, 5, false, "for a test", false };
}

static void faults_are_told_to_the_owner(void **state)
{
	(void)state;
	assert_int_equal(open(), PURLIN_OK);
	stopped(SECOND, 0x7000);
	stopped(PCI_BDF(7, 0, 0), 0x9000);
	assert_false(pci_faults_note(&server));
	assert_non_null(strstr(fake_log, "00:05.0 of 'client' was stopped at 0x7000 (write, 0x5)"));
	assert_non_null(strstr(fake_log, "07:00.0 of 'nobody' was stopped at 0x9000"));
	memset(&request, 0, sizeof(request));
	assert_int_equal(ask(PCI_FAULTS, 0, 0, 0, 0), PURLIN_OK);
	assert_int_equal(request.reply[0], 1);
	assert_int_equal(request.reply[1], SECOND);
	assert_int_equal(request.reply[2], 0x7000);
	assert_int_equal(request.reply[3], 5);
	request.caps = 1;
	request.cap[0] = 77;
	assert_int_equal(ask(PCI_FAULTS, 0, 0, 0, 0), PURLIN_OK);
	assert_int_equal(request.cap[0], 0);
	stopped(FIRST, 0x8000);
	assert_false(pci_faults_note(&server));
	assert_string_equal(fake_events, "N");
	assert_true(close_session(&server, BADGE));
	assert_string_equal(fake_events, "Nn");
}

static void faults_are_limited(void **state)
{
	bool more = true;

	(void)state;
	assert_int_equal(open(), PURLIN_OK);
	for (unsigned int i = 1; i < PCI_FAULTS_MOST; i++)
		stopped(FIRST, i);
	for (unsigned int rounds = 0; more; rounds++) {
		more = pci_faults_note(&server);
		assert_true(rounds < PCI_FAULTS_MOST);
	}
	assert_null(strchr(calls, 'w'));
	fake_log[0] = 0;
	stopped(FIRST, 0);
	assert_false(pci_faults_note(&server));
	assert_non_null(strchr(calls, 'w'));
	assert_non_null(strstr(fake_log, "tells no more"));
}

static void refusals_leave_nothing(void **state)
{
	(void)state;
	refuses_second = true;
	assert_int_equal(open(), PURLIN_NO_MEMORY);
	assert_string_equal(calls, "sffdxe");
	assert_null(server.sessions);
	for (unsigned int i = 0; i < server.tree.count; i++)
		assert_null(server.tree.function[i].owner);
	calls[0] = 0;
	refuses_second = false;
	refuses_memory = true;
	assert_int_equal(open(), PURLIN_OK);
	assert_int_equal(lend(50), PURLIN_NO_MEMORY);
	assert_int_equal(request.cap[0], 0);
	assert_string_equal(calls, "sffAma");
	(void)ask(PCI_CONFIG_WRITE, FIRST, 4, 2, COMMAND_MASTER);
	assert_false(fake_get(first, 4, 2) & COMMAND_MASTER);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, server_clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(life_of_a_session),
		TEST(messages_are_the_domains),
		TEST(unconfirmed_memory_stays_pinned),
		TEST(unconfirmed_function_is_nobodys),
		TEST(faults_are_told_to_the_owner),
		TEST(faults_are_limited),
		TEST(refusals_leave_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
