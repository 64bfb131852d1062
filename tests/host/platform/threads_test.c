/* SPDX-License-Identifier: MIT */
/*
 * The threads of the service, on the fake kernel of the fuzz targets: a thread goes on only when
 * the test lets time pass, so that each test is one interleaving. Configuration space is touched by
 * who has the turn, and by nobody else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "drivers/platform/resource.h"
#include "drivers/platform/hardware.h"
#include "drivers/platform/pci_config.h"
#include "drivers/platform/pci_registers.h"
#include "drivers/platform/service.h"
#include "drivers/platform/turn.h"
#include "fake_kernel.h"
#include "fake_pci.h"
#include "runtime/component.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
#include "session/devices.h"
#include "session/parent.h"
#include "session/pci.h"
#include "session/power.h"
#include "threads_hardware.h"

#define PCIE 0x80
#define CONTROL (PCIE + PCIE_DEVICE_CONTROL)
#define STATUS (PCIE + PCIE_DEVICE_STATUS)
#define SLOW PCI_BDF(0, 4, 0)  /* resets take their time */
#define SLOW2 PCI_BDF(0, 5, 0) /* likewise */
#define SLOW3 PCI_BDF(0, 8, 0) /* likewise */
#define QUICK PCI_BDF(0, 6, 0) /* have nothing to wait for */
#define QUICK2 PCI_BDF(0, 7, 0)

static struct pci_server server;
static struct fake_object *pci_endpoint, *power_endpoint, *devices_endpoint;
static struct fake_function *slow;
static unsigned int resets;
static const struct thread *turn_of;

/* Who has the turn. */

void __real_turn_take(void);
void __real_turn_give(void);
void __real_turn_pause(uint64_t nanoseconds);
void __wrap_turn_take(void);
void __wrap_turn_give(void);
void __wrap_turn_pause(uint64_t nanoseconds);

void __wrap_turn_take(void)
{
	__real_turn_take();
	assert_null(turn_of);
	turn_of = thread_self();
}

void __wrap_turn_give(void)
{
	assert_ptr_equal(turn_of, thread_self());
	turn_of = NULL;
	__real_turn_give();
}

void __wrap_turn_pause(uint64_t nanoseconds)
{
	assert_ptr_equal(turn_of, thread_self());
	turn_of = NULL;
	__real_turn_pause(nanoseconds);
	assert_null(turn_of);
	turn_of = thread_self();
}

static void must_not_be_touched(void)
{
	FAIL("a device was touched");
}

void check_turn(void)
{
	assert_ptr_equal(turn_of, thread_self());
}

/* Core and init. */

static bool answer_parent(struct fake_object *endpoint, struct fake_message *message)
{
	(void)endpoint;
	assert_int_equal(message->label, PARENT_ANNOUNCE);
	if (!strcmp((const char *)message->word, "PCI"))
		pci_endpoint = message->cap[0].object;
	else if (!strcmp((const char *)message->word, "Power"))
		power_endpoint = message->cap[0].object;
	else
		devices_endpoint = message->cap[0].object;
	fake_message_drop(message);
	memset(message, 0, sizeof(*message));
	return true;
}

static void run_service(void *argument)
{
	assert_int_equal(turn_start(), PURLIN_OK);
	assert_int_equal(turn_add_thread(), PURLIN_OK);
	turn_take();
	pci_tree_scan(&server.tree, 0);
	service_run(argument, 0);
}

static void notice_reset(struct fake_function *function, unsigned int offset)
{
	if (offset != CONTROL || !(fake_get(function, CONTROL, 2) & PCIE_CONTROL_FLR))
		return;
	resets++;
	fake_set(function, CONTROL, 2, 0, 0xffff, 0);
}

static struct fake_function *add(uint16_t bdf, bool is_slow)
{
	struct fake_function *function =
		fake_pci_add(bdf, 0x1111, (uint16_t)PCI_SLOT(bdf), 0x020000);

	fake_set(function, 0x10, 4, 0xfe000000u + bdf * 0x2000u, 0xffff0000, 0);
	fake_set(function, 0x3d, 1, 1, 0, 0);
	if (!is_slow)
		return function;
	fake_capability(function, PCIE, CAP_PCIE);
	fake_set(function, PCIE + 2, 2, 0x0002, 0, 0);
	fake_set(function, PCIE + PCIE_DEVICE_CAPABILITIES, 4, PCIE_CAN_FLR, 0, 0);
	fake_set(function, CONTROL, 2, 0, 0xffff, 0);
	function->written = notice_reset;
	return function;
}

static int prepare(void **state)
{
	struct fake_object *parent;
	void fake_slots_reset(void);

	(void)state;
	fake_pci_clear();
	slow = add(SLOW, true);
	(void)add(SLOW2, true);
	(void)add(SLOW3, true);
	(void)add(QUICK, false);
	(void)add(QUICK2, false);
	server = (struct pci_server){ .dma = &dma_untranslated };
	turn_of = NULL;
	powered_off = resets = pins = 0;
	fake_on_access = check_turn;
	fake_slots_reset();
	fake_start(512, 0x10000);
	parent = fake_new(PURLIN_TYPE_ENDPOINT);
	parent->answer = answer_parent;
	fake_give(PURLIN_SLOT_PARENT, (struct fake_cap){ parent, PURLIN_RIGHT_WRITE, 1 });
	fake_thread_start(run_service, &server);
	return 0;
}

/* Requests. One that is not answered at once stays where it is until time passes. */

struct ask {
	struct fake_message message;
	struct fake_cap session; /* of an open */
};

static void post(struct fake_object *endpoint, purlin_u64 badge, struct ask *ask)
{
	ask->message.badge = badge;
	assert_true(fake_post(endpoint, &ask->message));
	assert_null(turn_of);
}

static purlin_s64 status_of(const struct ask *ask)
{
	assert_true(ask->message.answered);
	return (int32_t)ask->message.label;
}

static void post_open(struct ask *ask, const char *label, uint16_t bdf)
{
	memset(ask, 0, sizeof(*ask));
	ask->message.label = SERVER_OPEN;
	ask->message.words = 8;
	strcpy((char *)ask->message.word, label);
	ask->message.word[4] = PCI_POLICY_TRUSTED_DMA;
	ask->message.word[5] = 1;
	ask->message.word[6] = PCI_RULE_BDF;
	ask->message.word[7] = bdf | 0xffffull << 32;
	post(pci_endpoint, SERVER_PARENT_BADGE, ask);
}

static void post_close(struct ask *ask, struct fake_cap session)
{
	memset(ask, 0, sizeof(*ask));
	ask->message.label = SERVER_CLOSE;
	ask->message.words = 1;
	ask->message.word[0] = session.badge;
	post(pci_endpoint, SERVER_PARENT_BADGE, ask);
}

static void post_request(struct ask *ask, struct fake_cap session, purlin_u32 operation,
			 purlin_u64 a, purlin_u64 b, purlin_u64 c, purlin_u64 d)
{
	memset(ask, 0, sizeof(*ask));
	ask->message.label = operation;
	ask->message.words = 4;
	ask->message.word[0] = a;
	ask->message.word[1] = b;
	ask->message.word[2] = c;
	ask->message.word[3] = d;
	post(session.object, session.badge, ask);
}

static void pass_time(const struct ask *ask)
{
	for (unsigned int i = 0; !ask->message.answered && i < 1000; i++) {
		assert_true(fake_time_passes());
		fake_run();
	}
	assert_true(ask->message.answered);
}

static struct fake_cap opened(const struct ask *ask)
{
	assert_int_equal(status_of(ask), PURLIN_OK);
	assert_int_equal(ask->message.cap[0].badge, ask->message.word[0]);
	return ask->message.cap[0];
}

static struct fake_cap open_now(const char *label, uint16_t bdf)
{
	struct ask ask;

	post_open(&ask, label, bdf);
	pass_time(&ask);
	return opened(&ask);
}

static purlin_s64 now(struct fake_cap session, purlin_u32 operation, purlin_u64 a, purlin_u64 b,
		      purlin_u64 c, purlin_u64 d)
{
	struct ask ask;
	purlin_s64 status;

	post_request(&ask, session, operation, a, b, c, d);
	status = status_of(&ask);
	fake_message_drop(&ask.message);
	return status;
}

static purlin_s64 attach_now(struct fake_cap session, purlin_u64 *address)
{
	struct ask ask = { .message = { .label = PCI_DMA_MAP, .caps = 1 } };

	ask.message.cap[0] = (struct fake_cap){ fake_new(PURLIN_TYPE_MEMORY), PURLIN_RIGHT_ALL, 0 };
	post(session.object, session.badge, &ask);
	*address = ask.message.word[0];
	return status_of(&ask);
}

static purlin_s64 close_now(struct fake_cap session)
{
	struct ask ask;

	post_close(&ask, session);
	return status_of(&ask);
}

static purlin_s64 power_now(purlin_u32 operation)
{
	struct ask ask = { .message = { .label = SERVER_OPEN } };
	struct fake_cap power;

	post(power_endpoint, SERVER_PARENT_BADGE, &ask);
	power = opened(&ask);
	return now(power, operation, 0, 0, 0, 0);
}

/* All that others may want, with no time for it. */
static void others_go_on(struct fake_cap other)
{
	struct ask ask;
	purlin_u64 address;

	assert_int_equal(now(other, PCI_CONFIG_READ, QUICK, 0, 4, 0), PURLIN_OK);
	assert_int_equal(now(other, PCI_CONFIG_WRITE, QUICK, 4, 2, 6), PURLIN_OK);
	assert_int_equal(now(other, PCI_INTX, QUICK, 0, 0, 0), PURLIN_OK);
	assert_int_equal(now(other, PCI_BAR_PIECE, QUICK, 0, 0, 0), PURLIN_OK);
	assert_int_equal(attach_now(other, &address), PURLIN_OK);
	assert_int_equal(now(other, PCI_DMA_UNMAP, address, 0, 0, 0), PURLIN_OK);
	post_open(&ask, "third/pci", QUICK2);
	assert_int_equal(close_now(opened(&ask)), PURLIN_OK);
	assert_int_equal(power_now(POWER_OFF), PURLIN_NO_DEVICE);
	assert_int_equal(powered_off, 1);
	assert_int_equal(power_now(POWER_RESET), PURLIN_NO_DEVICE);
}

static void reset_delays_nobody(void **state)
{
	struct fake_cap first = open_now("first/pci", SLOW), other = open_now("other/pci", QUICK);
	struct ask reset;

	(void)state;
	post_request(&reset, first, PCI_RESET, SLOW, 0, 0, 0);
	assert_false(reset.message.answered);
	others_go_on(other);
	assert_false(reset.message.answered);
	pass_time(&reset);
	assert_int_equal(status_of(&reset), PURLIN_OK);
	assert_int_equal(resets, 2);
}

/* Two are reset, a third is reset since its session begins: together they take as long as one. */
static void resets_at_a_time_delay_nobody(void **state)
{
	struct fake_cap first = open_now("first/pci", SLOW), second = open_now("second/pci", SLOW2);
	struct fake_cap other = open_now("other/pci", QUICK);
	struct ask one, two, open;

	(void)state;
	post_request(&one, first, PCI_RESET, SLOW, 0, 0, 0);
	post_request(&two, second, PCI_RESET, SLOW2, 0, 0, 0);
	post_open(&open, "fourth/pci", SLOW3);
	others_go_on(other);
	assert_false(one.message.answered || two.message.answered || open.message.answered);
	pass_time(&one);
	assert_int_equal(status_of(&one), PURLIN_OK);
	assert_int_equal(status_of(&two), PURLIN_OK);
	assert_int_equal(now(opened(&open), PCI_INTX, SLOW3, 0, 0, 0), PURLIN_OK);
	assert_int_equal(resets, 5);
}

static void open_delays_nobody(void **state)
{
	struct fake_cap other = open_now("other/pci", QUICK);
	struct ask open, same;

	(void)state;
	post_open(&open, "first/pci", SLOW);
	assert_false(open.message.answered);
	others_go_on(other);
	/* The function is taken already. */
	post_open(&same, "second/pci", SLOW);
	assert_int_equal(status_of(&same), PURLIN_BUSY);
	pass_time(&open);
	assert_int_equal(opened(&open).badge != other.badge, true);
}

static void opens_at_a_time_have_badges_of_their_own(void **state)
{
	struct ask one, two;

	(void)state;
	post_open(&one, "first/pci", SLOW);
	post_open(&two, "second/pci", SLOW2);
	assert_false(one.message.answered || two.message.answered);
	pass_time(&one);
	pass_time(&two);
	assert_int_not_equal(opened(&one).badge, opened(&two).badge);
	assert_ptr_not_equal(opened(&one).object, opened(&two).object);
}

/* What the session has is its own until it has been given back. */
static void close_delays_nobody(void **state)
{
	struct fake_cap first = open_now("first/pci", SLOW), other = open_now("other/pci", QUICK);
	struct ask close, again, open;
	purlin_u64 address;

	(void)state;
	assert_int_equal(now(first, PCI_INTX, SLOW, 0, 0, 0), PURLIN_OK);
	assert_int_equal(attach_now(first, &address), PURLIN_OK);
	fake_set(slow, STATUS, 2, PCIE_STATUS_PENDING, 0, 0);
	post_close(&close, first);
	assert_false(close.message.answered);
	assert_int_equal(pins, 1);
	assert_true(first.object->dead);
	post_close(&again, first);
	assert_int_equal(status_of(&again), PURLIN_BAD_ARGUMENT);
	post_open(&open, "second/pci", SLOW);
	assert_int_equal(status_of(&open), PURLIN_BUSY);
	assert_int_equal(now(other, PCI_INTX, QUICK, 0, 0, 0), PURLIN_OK);
	assert_int_equal(now(other, PCI_CONFIG_READ, QUICK, 0, 4, 0), PURLIN_OK);
	assert_int_equal(power_now(POWER_OFF), PURLIN_NO_DEVICE);
	assert_true(fake_time_passes());
	fake_run();
	assert_int_equal(pins, 1);
	fake_set(slow, STATUS, 2, 0, 0, 0);
	pass_time(&close);
	assert_int_equal(pins, 0);
	assert_int_equal(now(other, PCI_INTX, QUICK, 0, 0, 0), PURLIN_OK);
	open_now("second/pci", SLOW);
}

/* The request of a session that ends meanwhile is finished, but nobody hears of it. */
static void close_waits_for_a_request(void **state)
{
	struct fake_cap first = open_now("first/pci", SLOW);
	struct ask reset, close;

	(void)state;
	post_request(&reset, first, PCI_RESET, SLOW, 0, 0, 0);
	post_close(&close, first);
	assert_false(close.message.answered);
	pass_time(&close);
	assert_int_equal(status_of(&close), PURLIN_OK);
	assert_int_equal(status_of(&reset), PURLIN_DEAD);
	assert_int_equal(resets, 3);
	assert_null(server.sessions);
}

static unsigned int alarms_set(void)
{
	unsigned int count = 0;

	for (const struct fake_object *object = fake_objects; object; object = object->next)
		count += object->type == PURLIN_TYPE_TIMER && object->bound;
	return count;
}

static void pauses_have_alarms_of_their_own(void **state)
{
	struct fake_cap first = open_now("first/pci", SLOW);
	struct fake_cap second = open_now("second/pci", SLOW2);
	struct ask one, two;

	(void)state;
	post_request(&one, first, PCI_RESET, SLOW, 0, 0, 0);
	assert_int_equal(alarms_set(), 1);
	post_request(&two, second, PCI_RESET, SLOW2, 0, 0, 0);
	assert_int_equal(alarms_set(), 2);
	pass_time(&one);
	pass_time(&two);
	assert_int_equal(alarms_set(), 0);
}

/* A second thread of the client has to wait: its session's state never changes under a request. */
static void requests_of_a_session_follow_one_another(void **state)
{
	struct fake_cap first = open_now("first/pci", SLOW);
	struct ask detach, more = { .message = { .label = PCI_DMA_MAP } };
	purlin_u64 address;

	(void)state;
	assert_int_equal(attach_now(first, &address), PURLIN_OK);
	assert_int_equal(now(first, PCI_CONFIG_WRITE, SLOW, 4, 2, 6), PURLIN_OK);
	fake_set(slow, STATUS, 2, PCIE_STATUS_PENDING, 0, 0);
	post_request(&detach, first, PCI_DMA_UNMAP, address, 0, 0, 0);
	assert_false(detach.message.answered);
	assert_int_equal(pins, 1);
	assert_false(fake_get(slow, 4, 2) & COMMAND_MASTER);
	more.message.badge = first.badge;
	assert_false(fake_post(first.object, &more.message));
	fake_set(slow, STATUS, 2, 0, 0, 0);
	pass_time(&detach);
	assert_int_equal(pins, 0);
}

static void sessions_of_a_component_are_limited(void **state)
{
	struct ask ask;

	(void)state;
	open_now("first/a", QUICK);
	open_now("first/b", QUICK2);
	open_now("first/c", SLOW);
	post_open(&ask, "first/d", SLOW2);
	assert_int_equal(status_of(&ask), PURLIN_NO_MEMORY);
	open_now("first-not/d", SLOW2);
}

static void post_look(struct ask *ask, purlin_u64 names)
{
	memset(ask, 0, sizeof(*ask));
	ask->message.label = SERVER_OPEN;
	ask->message.word[PARENT_LABEL_BYTES / 8] = names;
	ask->message.words = PARENT_LABEL_BYTES / 8 + 1;
	post(devices_endpoint, SERVER_PARENT_BADGE, ask);
}

/* Who sees everything, and who sees nobody: the badge says which, until the session is closed. */
static void who_looks_sees_what_it_may(void **state)
{
	struct fake_cap session = open_now("first/pci", QUICK), all, none;
	struct ask ask;

	(void)state;
	post_look(&ask, DEVICES_NAMES + 1);
	assert_int_equal(status_of(&ask), PURLIN_BAD_ARGUMENT);
	post_look(&ask, DEVICES_ALL);
	all = opened(&ask);
	post_look(&ask, 0);
	none = opened(&ask);
	assert_int_equal(now(all, DEVICES_FUNCTION, 0, 0, 0, 0), PURLIN_OK);
	assert_int_equal(now(none, DEVICES_FUNCTION, 0, 0, 0, 0), PURLIN_NO_DEVICE);
	memset(&ask, 0, sizeof(ask));
	ask.message.label = SERVER_CLOSE;
	ask.message.words = 1;
	ask.message.word[0] = none.badge;
	post(devices_endpoint, SERVER_PARENT_BADGE, &ask);
	assert_int_equal(status_of(&ask), PURLIN_OK);
	assert_int_equal(now(none, DEVICES_FUNCTION, 0, 0, 0, 0), PURLIN_DEAD);
	assert_int_equal(now(all, DEVICES_FUNCTION, 0, 0, 0, 0), PURLIN_OK);
	fake_cap_drop(&all);
	fake_cap_drop(&none);
	assert_int_equal(close_now(session), PURLIN_OK);
}

/* In the middle of a reset, too: the function that is left alone then is not touched. */
static void who_looks_waits_for_nobody(void **state)
{
	struct fake_cap session = open_now("first/pci", SLOW);
	struct ask reset, look;
	struct fake_cap looking;

	(void)state;
	post_look(&look, DEVICES_ALL);
	looking = opened(&look);
	post_request(&reset, session, PCI_RESET, SLOW, 0, 0, 0);
	assert_false(reset.message.answered);
	fake_on_access = must_not_be_touched;
	assert_int_equal(now(looking, DEVICES_FUNCTION, 0, 0, 0, 0), PURLIN_OK);
	assert_int_equal(now(looking, DEVICES_INTERRUPT, 0, 0, 0, 0), PURLIN_NO_DEVICE);
	assert_int_equal(now(looking, PCI_RESET, SLOW, 0, 0, 0), PURLIN_BAD_CALL);
	fake_on_access = check_turn;
	pass_time(&reset);
	fake_cap_drop(&looking);
}

static void threads_are_used_again(void **state)
{
	struct fake_census first, last;

	(void)state;
	assert_int_equal(close_now(open_now("first/pci", QUICK)), PURLIN_OK);
	first = fake_count();
	for (unsigned int i = 0; i < 300; i++) {
		struct fake_cap session = open_now("first/pci", i % 2 ? QUICK : QUICK2);

		assert_int_equal(close_now(session), PURLIN_OK);
		fake_cap_drop(&session);
	}
	last = fake_count();
	assert_int_equal(last.caps, first.caps);
	assert_int_equal(last.slots, first.slots);
	assert_int_equal(last.pages, first.pages);
}

/* Nothing is left of the sessions but their threads. */
static int clean(void **state)
{
	(void)state;
	while (server.sessions) {
		struct ask close;

		post_close(&close, (struct fake_cap){ .badge = server.sessions->badge });
		pass_time(&close);
	}
	for (unsigned int i = 0; i < server.tree.count; i++)
		assert_null(server.tree.function[i].owner);
	fake_end();
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, prepare, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reset_delays_nobody),
		TEST(resets_at_a_time_delay_nobody),
		TEST(open_delays_nobody),
		TEST(opens_at_a_time_have_badges_of_their_own),
		TEST(close_delays_nobody),
		TEST(close_waits_for_a_request),
		TEST(pauses_have_alarms_of_their_own),
		TEST(requests_of_a_session_follow_one_another),
		TEST(sessions_of_a_component_are_limited),
		TEST(who_looks_waits_for_nobody),
		TEST(who_looks_sees_what_it_may),
		TEST(threads_are_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
