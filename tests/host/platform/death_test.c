/* SPDX-License-Identifier: MIT */
/*
 * The component dies at any access to configuration space, in the middle of what a client asked
 * for. The next one finds the machine so: nothing may stay a bus master, and every function must be
 * of use again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "drivers/platform/bar_place.h"
#include "drivers/platform/device_reset.h"
#include "drivers/platform/pci_bars.h"
#include "drivers/platform/pci_config.h"
#include "drivers/platform/pci_registers.h"
#include "drivers/platform/pci_requests.h"
#include "drivers/platform/pci_settings.h"
#include "fake_core.h"
#include "fake_pci.h"
#include "fake_server.h"
#include "session/pci.h"

#define PCIE 0x80
#define PM 0x40
#define CONTROL (PCIE + PCIE_DEVICE_CONTROL)
#define FLR PCI_BDF(0, 4, 0)   /* has function-level reset */
#define POWER PCI_BDF(0, 5, 0) /* comes back from D3hot as after a reset */
#define PLAIN PCI_BDF(0, 6, 0) /* has no reset */
#define BADGE 16
#define MOST_ACCESSES 2000

/* What a component has when it dies is nobody's leak here. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static struct pci_settings settings[8];
static unsigned int room;   /* for so many */
static unsigned int astray; /* functions that are not where firmware had put them */
static struct pci_session *session;
static struct request request;
static jmp_buf death;
static unsigned int left; /* accesses until then; 0: it lives */

static void die(void)
{
	if (left && !--left)
		longjmp(death, 1);
}

static void lose_everything(struct fake_function *function)
{
	fake_set(function, 4, 2, 0, 0xffff, 0);
	fake_set(function, 0x10, 4, 4, 0xffff0000, 0);
	fake_set(function, 0x14, 4, 0, 0xffffffff, 0);
}

static void notice_reset(struct fake_function *function, unsigned int offset)
{
	if (function->bdf == FLR && offset == CONTROL &&
	    (fake_get(function, CONTROL, 2) & PCIE_CONTROL_FLR)) {
		lose_everything(function);
		fake_set(function, CONTROL, 2, 0x2810, 0xffff, 0);
	}
	if (function->bdf == POWER && offset == PM + PM_CONTROL &&
	    (fake_get(function, PM + PM_CONTROL, 2) & PM_STATE) == 3)
		lose_everything(function);
}

/* No half of it makes sense without the other. */
static uint64_t address_of(uint16_t bdf)
{
	return 0x100000000 + PCI_SLOT(bdf) * 0x1010000ull;
}

static void add(uint16_t bdf)
{
	struct fake_function *function = fake_pci_add(bdf, 0x1111, PCI_SLOT(bdf), 0x020000);

	fake_set(function, 0x10, 4, (uint32_t)address_of(bdf) | 4, 0xffff0000, 0);
	fake_set(function, 0x14, 4, (uint32_t)(address_of(bdf) >> 32), 0xffffffff, 0);
	function->written = notice_reset;
	if (bdf == FLR) {
		fake_capability(function, PCIE, CAP_PCIE);
		fake_set(function, PCIE + 2, 2, 0x0002, 0, 0);
		fake_set(function, PCIE + PCIE_DEVICE_CAPABILITIES, 4, PCIE_CAN_FLR, 0, 0);
		fake_set(function, CONTROL, 2, 0x2057, 0xffff, 0);
	}
	if (bdf == POWER) {
		fake_capability(function, PM, CAP_PM);
		fake_set(function, PM + PM_CONTROL, 2, 0, 0x3, 0);
	}
}

static void ask(purlin_u32 operation, purlin_u64 a, purlin_u64 b, purlin_u64 c, purlin_u64 d)
{
	memset(&request, 0, sizeof(request));
	request.operation = operation;
	request.word[0] = a;
	request.word[1] = b;
	request.word[2] = c;
	request.word[3] = d;
	(void)pci_request(&server, session, &request);
}

static purlin_s64 open(void)
{
	const purlin_u64 words[] = { PCI_POLICY_TRUSTED_DMA | PCI_POLICY_USED, 1, PCI_RULE_CLASS,
				     0x020000 | 0xffffffull << 32 };
	purlin_s64 status = open_session(&server, BADGE, "client", words, 4);

	session = pci_session_find(&server, BADGE);
	return status;
}

static unsigned int masters(void)
{
	static const uint16_t all[] = { FLR, POWER, PLAIN };
	unsigned int count = 0;

	for (unsigned int i = 0; i < 3; i++)
		count += (pci_config_read(all[i], CFG_COMMAND, 2) & COMMAND_MASTER) != 0;
	return count;
}

/* As main.c does. */
static void next_life(void)
{
	memset(&server, 0, sizeof(server));
	server.dma = &dma_untranslated;
	server.acpi.windows = 1;
	server.acpi.window[0].base = 0x100000000;
	server.acpi.window[0].size = 0x10000000;
	pci_tree_scan(&server.tree, 0);
	reset_drain_all(&server.tree);
	bars_place_lost(&server);
	assert_int_equal(masters(), 0);
}

/* All functions are given, mastering the bus into a client's memory. */
static void use_all(void)
{
	static const uint16_t all[] = { FLR, POWER, PLAIN };

	assert_int_equal(open(), PURLIN_OK);
	memset(&request, 0, sizeof(request));
	request.operation = PCI_DMA_MAP;
	request.caps = 1;
	request.cap[0] = 50;
	assert_int_equal(pci_request(&server, session, &request), PURLIN_OK);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(server.tree.count, 3);
		if (server.tree.function[i].bar[0].address != address_of(all[i]) ||
		    !pci_bar_usable(&server.tree.function[i], 0))
			astray++;
		ask(PCI_CONFIG_WRITE, all[i], CFG_COMMAND, 2, COMMAND_MASTER | COMMAND_MEMORY);
	}
	assert_int_equal(masters(), 3);
}

static void begin(void)
{
	server_begin(&dma_untranslated);
	add(FLR);
	add(POWER);
	add(PLAIN);
	memset(settings, 0, sizeof(settings));
	pci_settings_keep(settings, room);
	fake_on_access = die;
	next_life();
}

/* Where it dies: in the first access of this, the second, ... until there are no more. */
static void all_deaths(void (*what)(void))
{
	/* Not in registers, which longjmp does not keep. */
	static unsigned int with_masters, count;

	with_masters = 0;

	for (count = 1; count < MOST_ACCESSES; count++) {
		begin();
		use_all();
		left = count;
		if (!setjmp(death)) {
			what();
			left = 0;
			break;
		}
		with_masters += masters() != 0;
		next_life();
		use_all();
		(void)close_session(&server, BADGE);
		assert_int_equal(masters(), 0);
	}
	/* There were deaths, and some left devices that went on. */
	assert_in_range(count, 5, MOST_ACCESSES - 1);
	assert_int_not_equal(with_masters, 0);
	(void)close_session(&server, BADGE);
	fake_on_access = NULL;
}

static void deaths(void (*what)(void))
{
	room = sizeof(settings) / sizeof(*settings);
	astray = 0;
	all_deaths(what);
	assert_int_equal(astray, 0);
}

/* The positive control: nobody remembers. */
static void deaths_without_room(void (*what)(void))
{
	room = 0;
	astray = 0;
	all_deaths(what);
	assert_int_not_equal(astray, 0);
}

static void reset_each(void)
{
	ask(PCI_RESET, FLR, 0, 0, 0);
	ask(PCI_RESET, POWER, 0, 0, 0);
}

static void reset_by_its_bit(void)
{
	ask(PCI_CONFIG_WRITE, FLR, CONTROL, 2, PCIE_CONTROL_FLR);
}

static void sleep_and_wake(void)
{
	ask(PCI_CONFIG_WRITE, POWER, PM + PM_CONTROL, 2, 3);
	ask(PCI_CONFIG_WRITE, POWER, PM + PM_CONTROL, 2, 0);
}

static void take_memory_away(void)
{
	ask(PCI_DMA_UNMAP, 50 << 20, 0, 0, 0);
}

static void end_session(void)
{
	(void)close_session(&server, BADGE);
}

static void in_a_reset(void **state)
{
	(void)state;
	deaths(reset_each);
	deaths_without_room(reset_each);
}

/* The second life looks at the machine, and dies. */
static void while_it_starts(void **state)
{
	(void)state;
	deaths(next_life);
	deaths_without_room(next_life);
}

static void in_a_reset_by_its_bit(void **state)
{
	(void)state;
	deaths(reset_by_its_bit);
}

static void in_a_sleep(void **state)
{
	(void)state;
	deaths(sleep_and_wake);
}

static void while_memory_is_taken_away(void **state)
{
	(void)state;
	deaths(take_memory_away);
}

static void while_a_session_ends(void **state)
{
	(void)state;
	deaths(end_session);
}

/* A reset changes them, too, and a card that comes into the place of another has its own. */
static void sizes_and_payload(void **state)
{
	struct fake_function *function;
	struct pci_function *found;

	(void)state;
	room = sizeof(settings) / sizeof(*settings);
	begin();
	function = fake_pci_add(PCI_BDF(0, 7, 0), 0x1111, 7, 0x020000);
	fake_set(function, 0x10, 4, 0xe0000000, 0xf0000000, 0);
	fake_capability(function, PCIE, CAP_PCIE);
	fake_set(function, CONTROL, 2, 0x2040, 0xffff, 0);
	fake_extended_capability(function, 0x100, XCAP_RESIZABLE_BAR);
	fake_set(function, 0x100 + REBAR_CONTROL(0), 4, 0x0820, 0x3f00, 0);
	next_life();
	fake_set(function, 0x10, 4, 0, 0xf0000000, 0);
	fake_set(function, CONTROL, 2, 0x2000, 0xffff, 0);
	fake_set(function, 0x100 + REBAR_CONTROL(0), 4, 0x1020, 0x3f00, 0);
	next_life();
	found = pci_tree_find(&server.tree, PCI_BDF(0, 7, 0));
	assert_int_equal(found->bar[0].address, 0xe0000000);
	assert_int_equal(found->rebar_control[0], 0x0820);
	assert_int_equal(fake_get(function, 0x100 + REBAR_CONTROL(0), 4), 0x0820);
	assert_int_equal(fake_get(function, CONTROL, 2), 0x2040);
	pci_tree_remove(found);
	fake_set(function, 0x10, 4, 0xd0000000, 0xf0000000, 0);
	fake_set(function, CONTROL, 2, 0x2020, 0xffff, 0);
	next_life();
	found = pci_tree_find(&server.tree, PCI_BDF(0, 7, 0));
	assert_int_equal(found->bar[0].address, 0xd0000000);
	assert_int_equal(found->pcie_control, 0x2020);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_a_reset),
		cmocka_unit_test(while_it_starts),
		cmocka_unit_test(sizes_and_payload),
		cmocka_unit_test(in_a_reset_by_its_bit),
		cmocka_unit_test(in_a_sleep),
		cmocka_unit_test(while_memory_is_taken_away),
		cmocka_unit_test(while_a_session_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
