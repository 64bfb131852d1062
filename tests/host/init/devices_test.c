/* SPDX-License-Identifier: MIT */
/*
 * Device sessions of a Linux over the lives of their server: what init takes of an offer, when it
 * starts again, and when the session is over. The server is here, and may say anything.
 */
#include "tests/host/lib/test.h"

#include "init/ask.h"
#include "init/create.h"
#include "init/device_sessions.h"
#include "init/report.h"
#include "init/route.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"
#include "runtime/thread.h"

#define ENDPOINT_SLOT 100
#define MEMORY_SLOT 200
#define RAM_SLOT 210
#define SENT_SLOT 300
#define SIGNAL_SLOT 400
#define ANSWERS_SLOT 500
#define GUEST_SLOT 16
#define BLOCK_FEATURES (VIRTIO_FEATURE_VERSION_1 | VIRTIO_FEATURE_INDIRECT | 0x44)

/* The server: what it offers and answers, and which life of it this is. */
static struct server_side {
	purlin_u64 offer[PURLIN_MESSAGE_WORDS];
	purlin_s64 open_status, info_status, start_status;
	purlin_u64 generation;
	enum { THERE, AWAY, GONE } state;
	unsigned int ends_in; /* so many more questions; 0: it goes on */
} side;
static purlin_u64 started_with[3], lent_with[3];
static unsigned int starts, lent, told_server, told_guest, given;
static struct virtio_control control;
static struct question open_question;
static struct thread own_thread;
static struct purlin_message own_message;
static char said[128];

struct thread *thread_self(void)
{
	own_thread.message = &own_message;
	return &own_thread;
}

void report(const struct component *component, const char *format, ...)
{
	va_list arguments;

	(void)component;
	va_start(arguments, format);
	vsnprintf(said, sizeof(said), format, arguments);
	va_end(arguments);
}

static purlin_s64 asked(purlin_s64 status)
{
	if (!side.ends_in || --side.ends_in)
		return status;
	side.generation++;
	return PURLIN_DEAD;
}

purlin_s64 route_open(struct component *component, const char *service, const char *label,
		      const purlin_u64 *arguments, unsigned int argument_count, purlin_u64 *slot)
{
	(void)arguments;
	assert_string_equal(service, "Block");
	assert_string_equal(label, "disk");
	assert_int_equal(argument_count, 0);
	open_question.generation = side.generation;
	component->sessions = &open_question;
	*slot = ENDPOINT_SLOT;
	return asked(side.open_status);
}

purlin_s64 route_exchange(struct component *component, const char *service, purlin_u64 session,
			  purlin_u32 operation, unsigned int words, unsigned int sent,
			  const purlin_u64 *send, unsigned int wanted, purlin_u64 *received)
{
	(void)component;
	assert_string_equal(service, "Block");
	assert_int_equal(session, ENDPOINT_SLOT);
	if (operation == VIRTIO_INFO) {
		memcpy(message()->word, side.offer, sizeof(side.offer));
		return asked(side.info_status);
	}
	assert_int_equal(words, 3);
	if (operation == VIRTIO_LEND) {
		assert_int_equal(sent, 1);
		memcpy(lent_with, message()->word, sizeof(lent_with));
		lent++;
		return asked(PURLIN_OK);
	}
	assert_int_equal(operation, VIRTIO_START);
	assert_int_equal(sent, 2);
	assert_int_equal(send[0], SENT_SLOT);
	assert_int_equal(send[1], ANSWERS_SLOT);
	assert_int_equal(wanted, 1);
	memcpy(started_with, message()->word, sizeof(started_with));
	received[0] = SIGNAL_SLOT;
	starts++;
	return asked(side.start_status);
}

enum route_life route_life(const struct component *component, const char *service,
			   purlin_u64 *generation)
{
	(void)component;
	(void)service;
	if (side.state != THERE)
		return side.state == AWAY ? ROUTE_LIFE_AWAITED : ROUTE_LIFE_NONE;
	if (*generation == side.generation)
		return ROUTE_LIFE_SAME;
	*generation = side.generation;
	return ROUTE_LIFE_NEXT;
}

/* The memory as the server gets it: nobody but init can destroy it. */
purlin_s64 slot_copy(purlin_u64 from, purlin_u64 rights, purlin_u64 badge, purlin_u64 *copy)
{
	(void)badge;
	assert_true(from == MEMORY_SLOT || from == RAM_SLOT);
	assert_int_equal(rights, PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE);
	*copy = SENT_SLOT;
	return PURLIN_OK;
}

void slot_delete(purlin_u64 slot)
{
	(void)slot;
}

purlin_s64 purlin_cap_delete(purlin_u64 pd, purlin_u64 slot)
{
	(void)pd;
	assert_int_equal(slot, GUEST_SLOT);
	return PURLIN_OK;
}

purlin_s64 component_give(struct component *component, purlin_u64 pd_slot, purlin_u64 from,
			  purlin_u64 rights, purlin_u64 badge)
{
	(void)component;
	(void)badge;
	assert_int_equal(pd_slot, GUEST_SLOT);
	assert_int_equal(from, SIGNAL_SLOT);
	assert_int_equal(rights, PURLIN_RIGHT_WRITE);
	given++;
	return PURLIN_OK;
}

purlin_s64 purlin_signal_notify(purlin_u64 signal, purlin_u64 bits)
{
	assert_int_equal(bits, ~0ull);
	/* Who is told first, or of a slot that is still empty, would be told nothing. */
	if (signal == SIGNAL_SLOT)
		assert_int_equal(given, ++told_server);
	else
		told_guest++;
	return PURLIN_OK;
}

purlin_s64 memory_map(purlin_u64 memory, purlin_u64 offset_pages, purlin_u64 pages,
		      purlin_u64 rights, void **address)
{
	(void)rights;
	assert_int_equal(memory, MEMORY_SLOT);
	assert_int_equal(offset_pages, 0);
	assert_int_equal(pages, 1);
	*address = &control;
	return PURLIN_OK;
}

void memory_unmap(void *address)
{
	assert_ptr_equal(address, &control);
}

static struct description_session wanted = { .label = "disk" };
static struct component component;
static struct device_session *session;

static int begin(void **state)
{
	(void)state;
	memset(&side, 0, sizeof(side));
	memset(&control, 0, sizeof(control));
	side.generation = 7;
	side.offer[0] = VIRTIO_TYPE_BLOCK;
	side.offer[1] = BLOCK_FEATURES;
	side.offer[2] = 1;
	side.offer[3] = 128;
	side.offer[5] = 0x6b736964;
	starts = lent = told_server = told_guest = given = 0;
	wanted.service = description_service("Block");
	component = (struct component){ .device_count = 1 };
	session = &component.devices[0];
	*session = (struct device_session){
		.wanted = &wanted,
		.memory = MEMORY_SLOT,
		.answers = ANSWERS_SLOT,
		.notify = GUEST_SLOT,
	};
	return 0;
}

static void takes_offers(void **state)
{
	(void)state;
	side.offer[1] |= 1ull << 40 | 1ull << 7; /* of which no driver knows */
	assert_int_equal(device_session_open(&component, session), PURLIN_OK);
	assert_int_equal(started_with[0], BLOCK_FEATURES);
	assert_int_equal(started_with[1], 128);
	assert_int_equal(started_with[2], wanted.service->pages);
	assert_int_equal(given, 1);
	assert_int_equal(told_guest, 1);
}

/* RAM is lent where the server takes it, before each start; not to the servers of networks. */
static void lends_ram(void **state)
{
	(void)state;
	component.memory[1] = RAM_SLOT;
	component.lent_count = 2;
	component.lent[0] = (struct lent_part){ .address = 0, .pages = 16, .piece = 1 };
	component.lent[1] = (struct lent_part){ 1ull << 32, 16, 8, 1 };
	assert_int_equal(device_session_open(&component, session), PURLIN_OK);
	assert_int_equal(lent, 0);
	assert_int_equal(started_with[0], BLOCK_FEATURES);
	begin(state);
	component.memory[1] = RAM_SLOT;
	component.lent_count = 2;
	component.lent[1] = (struct lent_part){ 1ull << 32, 16, 8, 1 };
	component.lent[0].piece = 1;
	side.offer[1] |= VIRTIO_FEATURE_LENT;
	assert_int_equal(device_session_open(&component, session), PURLIN_OK);
	assert_int_equal(lent, 2);
	assert_int_equal(started_with[0], BLOCK_FEATURES | VIRTIO_FEATURE_LENT);
	assert_int_equal(lent_with[0], VIRTIO_LENT + (1ull << 32));
	assert_int_equal(lent_with[1], 16);
	assert_int_equal(lent_with[2], 8);
	side.generation++;
	device_sessions_resume(&component);
	assert_int_equal(lent, 4);
	assert_int_equal(starts, 2);
	/* A next life that takes it no more: what is in flight names it. */
	side.generation++;
	side.offer[1] &= ~VIRTIO_FEATURE_LENT;
	device_sessions_resume(&component);
	assert_true(session->over);
}

static void refuses_offers(void **state)
{
	static const struct {
		unsigned int word;
		purlin_u64 value;
	} bad[] = {
		{ 0, VIRTIO_TYPE_NIC },
		{ 1, 0x44 },
		{ 2, 0 },
		{ 2, VIRTIO_QUEUES_MAX + 1 },
		{ 2, ~0ull },
		{ 3, 0 },
		{ 3, 1 },
		{ 3, 96 },
		{ 3, 2048 },
		{ 3, ~0ull },
	};

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		begin(state);
		side.offer[bad[i].word] = bad[i].value;
		assert_int_equal(device_session_open(&component, session), PURLIN_BAD_ARGUMENT);
		assert_int_equal(starts, 0);
	}
}

static void goes_on(void **state)
{
	(void)state;
	assert_int_equal(device_session_open(&component, session), PURLIN_OK);
	device_sessions_resume(&component);
	assert_int_equal(starts, 1);
	side.state = AWAY;
	device_sessions_resume(&component);
	assert_int_equal(starts, 1);
	/* Comes back, and offers more: what was agreed on is what it is started with. */
	side.state = THERE;
	side.generation++;
	side.offer[1] |= 0x200;
	side.offer[3] = 256;
	device_sessions_resume(&component);
	assert_int_equal(starts, 2);
	assert_int_equal(started_with[0], BLOCK_FEATURES);
	assert_int_equal(started_with[1], 128);
	assert_int_equal(told_server, 2);
	assert_int_equal(told_guest, 2);
	assert_false(session->over);
	assert_int_equal(control.state, VIRTIO_STATE_NEW);
}

/* It ends at each question of its return, and once more. */
static void ends_while_it_returns(void **state)
{
	for (unsigned int question = 1; question <= 3; question++) {
		begin(state);
		assert_int_equal(device_session_open(&component, session), PURLIN_OK);
		side.generation++;
		side.ends_in = question;
		device_sessions_resume(&component);
		assert_false(session->over);
		assert_int_equal(told_server, 2);
		begin(state);
		side.ends_in = question;
		assert_int_equal(device_session_open(&component, session), PURLIN_OK);
	}
}

static void expect_over(void)
{
	unsigned int before = told_guest;

	device_sessions_resume(&component);
	assert_true(session->over);
	assert_int_equal(control.state, VIRTIO_STATE_BROKEN);
	assert_int_equal(control.reason, VIRTIO_BROKEN_SERVER);
	assert_int_equal(told_guest, before + 1);
	/* Once. */
	device_sessions_resume(&component);
	assert_int_equal(told_guest, before + 1);
}

static void is_over(void **state)
{
	static const struct {
		unsigned int word;
		purlin_u64 value;
	} other[] = {
		{ 0, VIRTIO_TYPE_NIC },
		{ 1, VIRTIO_FEATURE_VERSION_1 },
		{ 2, 2 },
		{ 3, 64 },
		{ 5, 0x6b736965 },
		{ 8, 1 },
	};

	for (unsigned int i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		begin(state);
		assert_int_equal(device_session_open(&component, session), PURLIN_OK);
		side.generation++;
		side.offer[other[i].word] = other[i].value;
		expect_over();
		assert_int_equal(starts, 1);
	}
}

/* It answers with an error, or not at all (component_ask says DEAD after its time), and lives. */
static void does_not_answer(void **state)
{
	purlin_s64 *const statuses[] = { &side.open_status, &side.info_status, &side.start_status };

	for (unsigned int i = 0; i < 3; i++) {
		begin(state);
		assert_int_equal(device_session_open(&component, session), PURLIN_OK);
		side.generation++;
		*statuses[i] = PURLIN_DEAD;
		expect_over();
		begin(state);
		*statuses[i] = PURLIN_NO_DEVICE;
		assert_int_equal(device_session_open(&component, session), PURLIN_NO_DEVICE);
	}
}

static void does_not_come_back(void **state)
{
	(void)state;
	assert_int_equal(device_session_open(&component, session), PURLIN_OK);
	side.state = GONE;
	expect_over();
	assert_non_null(strstr(said, "does not come back"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(takes_offers, begin),
		cmocka_unit_test_setup(lends_ram, begin),
		cmocka_unit_test_setup(refuses_offers, begin),
		cmocka_unit_test_setup(goes_on, begin),
		cmocka_unit_test_setup(ends_while_it_returns, begin),
		cmocka_unit_test_setup(is_over, begin),
		cmocka_unit_test_setup(does_not_answer, begin),
		cmocka_unit_test_setup(does_not_come_back, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
