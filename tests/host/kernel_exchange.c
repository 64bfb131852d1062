// SPDX-License-Identifier: MIT
/*
 * The short way of call and reply: what it does is what the long way does, and where it cannot, it
 * leaves everything as it was.
 */
#include "kernel_support.h"

#include "object/endpoint.h"

#define SERVER_PD 30
#define SERVER_THREAD 31
#define ENDPOINT 32
#define CLIENT_ENDPOINT 33 /* badged, may only call */
#define BADGE 77
#define CLIENT_PD 34
#define CLIENT_THREAD 35
#define FAR 2 /* another processor */

static struct thread *server, *client;
static struct endpoint *endpoint;

/* The server waits for a message, the client runs. */
static int setup(void **state)
{
	system_setup(state);
	server = pd_new(PURLIN_SLOT_ACCOUNT, SERVER_PD, "server", 20);
	client = pd_new(PURLIN_SLOT_ACCOUNT, CLIENT_PD, "client", 24);
	assert_int_equal(do_call(core, ENDPOINT_CREATE, PURLIN_SLOT_ACCOUNT, ENDPOINT), PURLIN_OK);
	endpoint = endpoint_of(object_at(core, ENDPOINT));
	give(SERVER_PD, ENDPOINT, ENDPOINT, PURLIN_RIGHT_READ | PURLIN_RIGHT_DESTROY, 0);
	give(CLIENT_PD, CLIENT_ENDPOINT, ENDPOINT, PURLIN_RIGHT_WRITE, BADGE);
	assert_int_equal(do_call(server, ENDPOINT_RECEIVE, ENDPOINT), WAITS);
	/* Core continues to make calls, and must not preempt the others. */
	scheduler_set_priority(core, 1);
	objects_bent = true;
	run(client);
	return 0;
}

static int teardown(void **state)
{
	scheduler_set_priority(core, core->base_priority);
	objects_bent = false;
	return system_teardown(state);
}

static void registers(struct thread *thread, uint64_t slot, uint64_t info)
{
	thread->arch.answered = false;
	thread->arch.argument[0] = slot;
	thread->arch.argument[1] = info;
}

static struct thread *call_shortly(uint64_t slot, uint64_t info)
{
	registers(client, slot, info);
	return exchange_call(client);
}

static struct thread *reply_shortly(uint64_t info)
{
	registers(server, ENDPOINT, info);
	return exchange_reply(server);
}

/* All that an exchange could touch. */
struct snapshot {
	struct thread server, client;
	struct endpoint endpoint;
	struct processor processor;
	struct purlin_message to, from;
};

static void snapshot(struct snapshot *now)
{
	memset(now, 0, sizeof(*now));
	memcpy(&now->server, server, sizeof(*server));
	memcpy(&now->client, client, sizeof(*client));
	memcpy(&now->endpoint, endpoint, sizeof(*endpoint));
	memcpy(&now->processor, &processors[0], sizeof(processors[0]));
	now->to = *server->message;
	if (client->message)
		now->from = *client->message;
}

static void call_refused(uint64_t slot, uint64_t info)
{
	struct snapshot before, after;

	registers(client, slot, info);
	snapshot(&before);
	assert_null(exchange_call(client));
	snapshot(&after);
	assert_memory_equal(&before, &after, sizeof(before));
}

static void reply_refused(uint64_t info)
{
	struct snapshot before, after;

	registers(server, ENDPOINT, info);
	snapshot(&before);
	assert_null(exchange_reply(server));
	snapshot(&after);
	assert_memory_equal(&before, &after, sizeof(before));
}

static void call_and_reply(void **state)
{
	(void)state;
	for (uint64_t words = 0; words <= PURLIN_MESSAGE_WORDS; words++) {
		for (uint64_t i = 0; i < PURLIN_MESSAGE_WORDS; i++) {
			client->message->word[i] = 1000 * words + i;
			server->message->word[i] = 5;
		}
		assert_ptr_equal(call_shortly(CLIENT_ENDPOINT, PURLIN_INFO(9, words, 0)), server);
		run(server);
		assert_int_equal(client->state, THREAD_AWAITING_REPLY);
		assert_int_equal(answer(server), PURLIN_OK);
		assert_int_equal(answer(client), WAITS);
		assert_int_equal(result(server, 0), PURLIN_INFO(9, words, 0));
		assert_int_equal(result(server, 1), BADGE);
		for (uint64_t i = 0; i < PURLIN_MESSAGE_WORDS; i++)
			assert_int_equal(server->message->word[i],
					 i < words ? 1000 * words + i : 5);

		server->message->word[0] = 4711;
		assert_ptr_equal(reply_shortly(PURLIN_INFO(-3, 1, 0)), client);
		run(client);
		assert_int_equal(server->state, THREAD_RECEIVING);
		assert_int_equal(answer(client), PURLIN_OK);
		assert_int_equal(result(client, 0), PURLIN_INFO(-3, 1, 0));
		assert_int_equal(client->message->word[0], 4711);
	}
}

/* Each half may go either way. */
static void ways_mix(void **state)
{
	(void)state;
	assert_non_null(call_shortly(CLIENT_ENDPOINT, 0));
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), WAITS);
	assert_int_equal(answer(client), PURLIN_OK);
	run(client);
	assert_int_equal(do_call(client, ENDPOINT_CALL, CLIENT_ENDPOINT, 0), WAITS);
	run(server);
	assert_non_null(reply_shortly(0));
	run(client);
	assert_int_equal(do_call(client, ENDPOINT_CALL, CLIENT_ENDPOINT, 0), WAITS);
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), WAITS);
	assert_int_equal(answer(client), PURLIN_OK);
}

static void unusual_calls(void **state)
{
	struct purlin_message *buffer = client->message;

	(void)state;
	call_refused(CLIENT_ENDPOINT, PURLIN_INFO(0, PURLIN_MESSAGE_WORDS + 1, 0));
	call_refused(CLIENT_ENDPOINT, PURLIN_INFO(0, 0, 1)); /* a capability */
	call_refused(CLIENT_ENDPOINT, 1u << 31);	     /* bits without a meaning */
	call_refused(0, 0);
	call_refused(200, 0);	 /* empty */
	call_refused(100000, 0); /* out of range */
	call_refused(~0ull, 0);
	call_refused(PURLIN_SLOT_PD, 0); /* not an endpoint */
	give(CLIENT_PD, 40, ENDPOINT, PURLIN_RIGHT_READ, 0);
	call_refused(40, 0); /* no right */
	client->message = NULL;
	call_refused(CLIENT_ENDPOINT, PURLIN_INFO(0, 1, 0));
	client->message = buffer;
	assert_int_equal(do_call(core, OBJECT_DESTROY, ENDPOINT), PURLIN_OK);
	registers(client, CLIENT_ENDPOINT, 0);
	assert_null(exchange_call(client));
}

static void no_server_waits(void **state)
{
	(void)state;
	assert_non_null(call_shortly(CLIENT_ENDPOINT, 0));
	assert_int_equal(do_call(core, OBJECT_DESTROY, CLIENT_PD), PURLIN_OK);
	client = pd_new(PURLIN_SLOT_ACCOUNT, 50, "second", 25);
	give(50, CLIENT_ENDPOINT, ENDPOINT, PURLIN_RIGHT_WRITE, BADGE);
	run(client);
	call_refused(CLIENT_ENDPOINT, 0);
}

static void others_are_ready(void **state)
{
	struct thread *equal = thread_new(CLIENT_PD, 40, 0x20000000, 24);

	(void)state;
	/* Nobody has looked yet whether the equal's turn is watched over. */
	call_refused(CLIENT_ENDPOINT, 0);
	run(client);
	assert_non_null(call_shortly(CLIENT_ENDPOINT, 0));
	assert_non_null(reply_shortly(0));
	/* A timer that comes too late does not count. */
	processors[0].slice_end--;
	call_refused(CLIENT_ENDPOINT, 0);
	processors[0].slice_end++;
	/* Nobody equal, but something is still to be decided. */
	equal->base_priority = 23;
	scheduler_set_priority(equal, 23);
	assert_non_null(call_shortly(CLIENT_ENDPOINT, 0));
	processors[0].reconsider = true;
	reply_refused(0);
	processors[0].reconsider = false;
	assert_non_null(reply_shortly(0));
}

/* The client is less urgent than who became ready while a more urgent server worked for it. */
static void reply_to_one_less_urgent(void **state)
{
	struct thread *between = thread_new(CLIENT_PD, 40, 0x20000000, 26);

	(void)state;
	scheduler_block(between, THREAD_NEW);
	assert_int_equal(do_call(core, THREAD_SCHEDULE, SERVER_THREAD, 30, 10000), PURLIN_OK);
	run(client);
	assert_non_null(call_shortly(CLIENT_ENDPOINT, 0));
	scheduler_ready(between);
	run(server);
	reply_refused(0);
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), WAITS);
	run(between);
	assert_int_equal(answer(client), PURLIN_OK);
}

static void not_the_one_that_runs(void **state)
{
	struct thread *other = thread_new(CLIENT_PD, 40, 0x20000000, 30);

	(void)state;
	run(other);
	call_refused(CLIENT_ENDPOINT, 0);
}

static void server_on_another_processor(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, OBJECT_DESTROY, SERVER_THREAD), PURLIN_OK);
	assert_int_equal(do_call(core, THREAD_CREATE, SERVER_PD, 40, FAR, 20, 0x20000000),
			 PURLIN_OK);
	assert_int_equal(do_call(core, THREAD_START, 40, 0x1000, 0, 0), PURLIN_OK);
	server = thread_of(object_at(core, 40));
	run(server);
	host.cpu = FAR;
	assert_int_equal(do_call(server, ENDPOINT_RECEIVE, ENDPOINT), WAITS);
	host.cpu = 0;
	call_refused(CLIENT_ENDPOINT, 0);
	/* The long way tells the other processor, and this one goes on without the client. */
	host.rescheduled = 0;
	assert_int_equal(do_call(client, ENDPOINT_CALL, CLIENT_ENDPOINT, 0), WAITS);
	assert_int_equal(host.rescheduled, 1 << FAR);
	run(server);
	host.cpu = FAR;
	reply_refused(0);
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), WAITS);
	host.cpu = 0;
	run(client);
	assert_int_equal(answer(client), PURLIN_OK);
}

static void unusual_replies(void **state)
{
	struct thread *second = thread_new(CLIENT_PD, 40, 0x20000000, 10);

	(void)state;
	assert_non_null(call_shortly(CLIENT_ENDPOINT, 0));
	run(server);
	reply_refused(PURLIN_INFO(0, PURLIN_MESSAGE_WORDS + 1, 0));
	reply_refused(PURLIN_INFO(0, 0, 1));
	/* Bits of the bound signal go first. */
	assert_int_equal(do_call(server, SIGNAL_CREATE, PURLIN_SLOT_ACCOUNT, 60), PURLIN_OK);
	assert_int_equal(do_call(server, THREAD_BIND_SIGNAL, PURLIN_SLOT_THREAD, 60), PURLIN_OK);
	assert_int_equal(do_call(server, SIGNAL_NOTIFY, 60, 1), PURLIN_OK);
	reply_refused(0);
	assert_int_equal(do_call(server, SIGNAL_POLL, 60), PURLIN_OK);
	/* A caller is in the queue. */
	assert_int_equal(do_call(second, ENDPOINT_CALL, CLIENT_ENDPOINT, 0), WAITS);
	reply_refused(0);
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), PURLIN_OK);
	assert_int_equal(answer(client), PURLIN_OK);
}

static void reply_counts_once(void **state)
{
	(void)state;
	assert_non_null(call_shortly(CLIENT_ENDPOINT, 0));
	assert_non_null(reply_shortly(0));
	assert_null(server->client);
	client->arch.answered = false;
	/* As if it were not waiting: a second reply goes the long way, and to nobody. */
	assert_int_equal(do_call(core, OBJECT_DESTROY, SERVER_THREAD), PURLIN_OK);
	server = thread_new(SERVER_PD, 40, 0x20000000, 20);
	reply_refused(0);
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), WAITS);
	assert_int_equal(answer(client), WAITS);
}

static void server_dies(void **state)
{
	(void)state;
	assert_non_null(call_shortly(CLIENT_ENDPOINT, 0));
	assert_int_equal(do_call(core, OBJECT_DESTROY, SERVER_PD), PURLIN_OK);
	assert_int_equal(answer(client), PURLIN_DEAD);
	assert_int_equal(client->state, THREAD_READY);
	assert_true(list_empty(&endpoint->served));
}

static void client_dies(void **state)
{
	(void)state;
	assert_non_null(call_shortly(CLIENT_ENDPOINT, 0));
	run(server);
	assert_int_equal(server->priority, 24);
	assert_int_equal(do_call(core, OBJECT_DESTROY, CLIENT_PD), PURLIN_OK);
	/* What it lent went back; the reply goes to nobody. */
	assert_int_equal(server->priority, 20);
	assert_null(server->client);
	assert_null(reply_shortly(0));
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), WAITS);
}

static void endpoint_dies(void **state)
{
	(void)state;
	assert_non_null(call_shortly(CLIENT_ENDPOINT, 0));
	run(server);
	assert_int_equal(do_call(server, OBJECT_DESTROY, ENDPOINT), PURLIN_OK);
	assert_int_equal(answer(client), PURLIN_DEAD);
	assert_int_equal(server->priority, 20);
	assert_null(reply_shortly(0));
}

static void waiting_server_dies(void **state)
{
	(void)state;
	assert_non_null(call_shortly(CLIENT_ENDPOINT, 0));
	assert_non_null(reply_shortly(0));
	run(client);
	assert_int_equal(do_call(core, OBJECT_DESTROY, SERVER_PD), PURLIN_OK);
	assert_true(list_empty(&endpoint->receivers));
	registers(client, CLIENT_ENDPOINT, 0);
	assert_null(exchange_call(client));
}

static void no_priority_inversion(void **state)
{
	struct thread *between = thread_new(CLIENT_PD, 40, 0x20000000, 22);

	(void)state;
	run(client);
	assert_non_null(call_shortly(CLIENT_ENDPOINT, 0));
	/* The server is in the client's place until it replies. */
	run(server);
	assert_int_equal(server->priority, 24);
	scheduler_block(between, THREAD_NEW);
	scheduler_ready(between);
	run(server);
	assert_non_null(reply_shortly(0));
	run(client);
	assert_int_equal(server->priority, 20);
	/* A more urgent server keeps its own priority, and gives it up with the reply. */
	assert_int_equal(do_call(core, THREAD_SCHEDULE, SERVER_THREAD, 30, 10000), PURLIN_OK);
	assert_non_null(call_shortly(CLIENT_ENDPOINT, 0));
	assert_int_equal(server->priority, 30);
	assert_non_null(reply_shortly(0));
	assert_int_equal(client->priority, 24);
	run(client);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(call_and_reply),	     TEST(ways_mix),
		TEST(unusual_calls),	     TEST(no_server_waits),
		TEST(others_are_ready),	     TEST(reply_to_one_less_urgent),
		TEST(not_the_one_that_runs), TEST(server_on_another_processor),
		TEST(unusual_replies),	     TEST(reply_counts_once),
		TEST(server_dies),	     TEST(client_dies),
		TEST(endpoint_dies),	     TEST(waiting_server_dies),
		TEST(no_priority_inversion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
