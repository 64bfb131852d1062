// SPDX-License-Identifier: MIT
/* Endpoints and signals: messages, capabilities, badges, priorities, and death in every state. */
#include "kernel_support.h"

#include "object/vcpu.h"

#include "debug/log.h"

/* Core is the client's PD; the server has its own. */
#define SERVER_PD 30
#define SERVER_THREAD 31
#define ENDPOINT 32
#define CLIENT_ENDPOINT 33 /* badged, may only call */
#define BADGE 77
#define CLIENT_PD 34
#define CLIENT_THREAD 35

static struct thread *server, *client;

static int ipc_setup(void **state)
{
	system_setup(state);
	server = pd_new(PURLIN_SLOT_ACCOUNT, SERVER_PD, "server", 20);
	client = pd_new(PURLIN_SLOT_ACCOUNT, CLIENT_PD, "client", 10);
	assert_int_equal(do_call(core, ENDPOINT_CREATE, PURLIN_SLOT_ACCOUNT, ENDPOINT), PURLIN_OK);
	give(SERVER_PD, ENDPOINT, ENDPOINT, PURLIN_RIGHT_READ | PURLIN_RIGHT_DESTROY, 0);
	give(CLIENT_PD, CLIENT_ENDPOINT, ENDPOINT, PURLIN_RIGHT_WRITE, BADGE);
	return 0;
}

static void wait_for_request(void)
{
	assert_int_equal(do_call(server, ENDPOINT_RECEIVE, ENDPOINT), WAITS);
	assert_int_equal(server->state, THREAD_RECEIVING);
}

static void make_request(uint64_t info)
{
	assert_int_equal(do_call(client, ENDPOINT_CALL, CLIENT_ENDPOINT, info), WAITS);
}

static void call_and_reply(void **state)
{
	(void)state;
	wait_for_request();
	for (uint64_t i = 0; i < PURLIN_MESSAGE_WORDS; i++)
		client->message->word[i] = 1000 + i;
	server->message->word[3] = 5;
	make_request(PURLIN_INFO(9, 3, 0));
	assert_int_equal(client->state, THREAD_AWAITING_REPLY);
	assert_int_equal(answer(server), PURLIN_OK);
	assert_int_equal(result(server, 0), PURLIN_INFO(9, 3, 0));
	assert_int_equal(result(server, 1), BADGE);
	assert_int_equal(server->message->word[2], 1002);
	assert_int_equal(server->message->word[3], 5); /* not sent */

	server->message->word[0] = 4711;
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, PURLIN_INFO(-3, 1, 0)),
			 WAITS);
	assert_int_equal(answer(client), PURLIN_OK);
	assert_int_equal((int32_t)PURLIN_INFO_LABEL(result(client, 0)), -3);
	assert_int_equal(client->message->word[0], 4711);
	assert_int_equal(client->message->word[1], 1001);
	/* The reply right was used up: nobody hears a second reply. */
	client->arch.answered = false;
	do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0);
	assert_int_equal(answer(client), WAITS);
}

static void queued_callers(void **state)
{
	struct thread *second = thread_new(CLIENT_PD, 40, 0x20000000, 10);

	(void)state;
	make_request(PURLIN_INFO(1, 0, 0));
	assert_int_equal(client->state, THREAD_CALLING);
	assert_int_equal(do_call(second, ENDPOINT_CALL, CLIENT_ENDPOINT, PURLIN_INFO(2, 0, 0)),
			 WAITS);
	assert_int_equal(do_call(server, ENDPOINT_RECEIVE, ENDPOINT), PURLIN_OK);
	assert_int_equal(PURLIN_INFO_LABEL(result(server, 0)), 1);
	/* Reply and the next one at once. */
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), PURLIN_OK);
	assert_int_equal(answer(client), PURLIN_OK);
	assert_int_equal(PURLIN_INFO_LABEL(result(server, 0)), 2);
	/* To receive without a reply leaves the caller without one. */
	assert_int_equal(do_call(server, ENDPOINT_RECEIVE, ENDPOINT), WAITS);
	assert_int_equal(answer(second), PURLIN_DEAD);
}

static void bad_messages(void **state)
{
	(void)state;
	assert_int_equal(do_call(client, ENDPOINT_CALL, CLIENT_ENDPOINT, 61), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(client, ENDPOINT_CALL, CLIENT_ENDPOINT, PURLIN_INFO(0, 0, 5)),
			 PURLIN_BAD_ARGUMENT);
	client->message->send_slot[0] = 200;
	assert_int_equal(do_call(client, ENDPOINT_CALL, CLIENT_ENDPOINT, PURLIN_INFO(0, 0, 1)),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(client, ENDPOINT_RECEIVE, CLIENT_ENDPOINT), PURLIN_NO_RIGHT);
	assert_int_equal(do_call(server, ENDPOINT_CALL, ENDPOINT, 0), PURLIN_NO_RIGHT);
	wait_for_request();
	make_request(0);
	/* A bad reply changes nothing: the server still owes one. */
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 61),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(answer(client), WAITS);
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), WAITS);
	assert_int_equal(answer(client), PURLIN_OK);
}

static void capabilities_travel(void **state)
{
	struct purlin_message *to = server->message, *from = client->message;

	(void)state;
	assert_int_equal(do_call(client, SIGNAL_CREATE, 2, 50), PURLIN_OK);
	assert_int_equal(do_call(client, CAP_COPY, 1, 51, 50, PURLIN_RIGHT_WRITE, 0xf0), PURLIN_OK);
	from->send_slot[0] = 51;
	from->send_slot[1] = 50;
	from->send_slot[2] = 50;
	to->receive_slot[0] = 60;
	to->receive_slot[1] = 61;
	to->receive_slot[2] = 0; /* refused */
	wait_for_request();
	make_request(PURLIN_INFO(0, 0, 3));
	assert_int_equal(PURLIN_INFO_CAPS(result(server, 0)), 2);
	assert_int_equal(do_call(server, CAP_INFO, 60), PURLIN_OK);
	assert_int_equal(result(server, 1), PURLIN_RIGHT_WRITE);
	assert_int_equal(result(server, 2), 0xf0);
	assert_ptr_equal(object_at(server, 61), object_at(client, 50));
	/* Back with the reply; occupied, foreign and absurd slots end the delivery. */
	to->send_slot[0] = 60;
	to->send_slot[1] = 60;
	from->receive_slot[0] = 70;
	from->receive_slot[1] = 50;
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, PURLIN_INFO(0, 0, 2)),
			 WAITS);
	assert_int_equal(PURLIN_INFO_CAPS(result(client, 0)), 1);
	assert_ptr_equal(object_at(client, 70), object_at(client, 50));
	to->receive_slot[0] = 0xffffffff;
	make_request(PURLIN_INFO(0, 0, 1));
	assert_int_equal(PURLIN_INFO_CAPS(result(server, 0)), 0);
	/* What was deleted while the message waited is not delivered. */
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), WAITS);
}

static void capability_vanishes_in_queue(void **state)
{
	(void)state;
	assert_int_equal(do_call(client, SIGNAL_CREATE, 2, 50), PURLIN_OK);
	client->message->send_slot[0] = 50;
	make_request(PURLIN_INFO(0, 0, 1));
	assert_int_equal(do_call(core, CAP_DELETE, CLIENT_PD, 50), PURLIN_OK);
	server->message->receive_slot[0] = 60;
	assert_int_equal(do_call(server, ENDPOINT_RECEIVE, ENDPOINT), PURLIN_OK);
	assert_int_equal(PURLIN_INFO_CAPS(result(server, 0)), 0);
	assert_null(object_at(server, 60));
}

static void priority_is_lent(void **state)
{
	struct thread *urgent;

	(void)state;
	assert_int_equal(do_call(core, THREAD_SCHEDULE, SERVER_THREAD, 5, 10000), PURLIN_OK);
	wait_for_request();
	make_request(0);
	assert_int_equal(server->priority, 10);
	/* A caller in the queue lends, too. */
	urgent = thread_new(CLIENT_PD, 40, 0x20000000, 25);
	assert_int_equal(do_call(urgent, ENDPOINT_CALL, CLIENT_ENDPOINT, 0), WAITS);
	assert_int_equal(server->priority, 25);
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), PURLIN_OK);
	assert_int_equal(server->priority, 25);
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), WAITS);
	assert_int_equal(server->priority, 5);
	/* The client dies: what it lent goes back. */
	make_request(0);
	assert_int_equal(server->priority, 10);
	assert_int_equal(do_call(core, OBJECT_DESTROY, CLIENT_PD), PURLIN_OK);
	assert_int_equal(server->priority, 5);
}

static void priority_is_kept(void **state)
{
	struct thread *urgent;

	(void)state;
	assert_int_equal(do_call(core, THREAD_SCHEDULE, SERVER_THREAD, 5, 10000), PURLIN_OK);
	wait_for_request();
	make_request(PURLIN_INFO_LENDS_NOTHING);
	assert_int_equal(server->priority, 5);
	assert_int_equal(result(server, 0), 0);
	/* Nor by a queue, nor when the server sees to its own priority. */
	urgent = thread_new(CLIENT_PD, 40, 0x20000000, 25);
	assert_int_equal(do_call(urgent, ENDPOINT_CALL, CLIENT_ENDPOINT, PURLIN_INFO_LENDS_NOTHING),
			 WAITS);
	assert_int_equal(server->priority, 5);
	assert_int_equal(do_call(core, THREAD_SCHEDULE, SERVER_THREAD, 4, 10000), PURLIN_OK);
	assert_int_equal(server->priority, 4);
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), PURLIN_OK);
	assert_int_equal(server->priority, 4);
	/* Who lends, lends to a server that keeps others waiting who do not. */
	make_request(0);
	assert_int_equal(server->priority, 10);
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), PURLIN_OK);
	assert_int_equal(server->priority, 10);
}

static void a_kept_priority_ends_a_chain(void **state)
{
	struct thread *back = pd_new(PURLIN_SLOT_ACCOUNT, 40, "back", 3), *urgent;

	(void)state;
	assert_int_equal(do_call(core, ENDPOINT_CREATE, PURLIN_SLOT_ACCOUNT, 45), PURLIN_OK);
	give(40, 45, 45, PURLIN_RIGHT_READ, 0);
	give(SERVER_PD, 45, 45, PURLIN_RIGHT_WRITE, 0);
	assert_int_equal(do_call(core, THREAD_SCHEDULE, SERVER_THREAD, 5, 10000), PURLIN_OK);
	assert_int_equal(do_call(back, ENDPOINT_RECEIVE, 45), WAITS);
	wait_for_request();
	make_request(0);
	assert_int_equal(do_call(server, ENDPOINT_CALL, 45, PURLIN_INFO_LENDS_NOTHING), WAITS);
	urgent = thread_new(CLIENT_PD, 50, 0x20000000, 25);
	assert_int_equal(do_call(urgent, ENDPOINT_CALL, CLIENT_ENDPOINT, 0), WAITS);
	assert_int_equal(server->priority, 25);
	assert_int_equal(back->priority, 3);
}

static void priority_is_lent_along_a_chain(void **state)
{
	struct thread *back = pd_new(PURLIN_SLOT_ACCOUNT, 40, "back", 3), *urgent;

	(void)state;
	assert_int_equal(do_call(core, ENDPOINT_CREATE, PURLIN_SLOT_ACCOUNT, 45), PURLIN_OK);
	give(40, 45, 45, PURLIN_RIGHT_READ, 0);
	give(SERVER_PD, 45, 45, PURLIN_RIGHT_WRITE, 0);
	assert_int_equal(do_call(core, THREAD_SCHEDULE, SERVER_THREAD, 5, 10000), PURLIN_OK);
	assert_int_equal(do_call(back, ENDPOINT_RECEIVE, 45), WAITS);
	wait_for_request();
	make_request(0);
	assert_int_equal(do_call(server, ENDPOINT_CALL, 45, 0), WAITS);
	assert_int_equal(back->priority, 10);
	urgent = thread_new(CLIENT_PD, 50, 0x20000000, 25);
	assert_int_equal(do_call(urgent, ENDPOINT_CALL, CLIENT_ENDPOINT, 0), WAITS);
	assert_int_equal(server->priority, 25);
	assert_int_equal(back->priority, 25);
}

/* A client of another processor, in a PD that may use these. */
static struct thread *distant(uint64_t allowed)
{
	assert_int_equal(do_call(core, PD_CREATE, PURLIN_SLOT_ACCOUNT, 70, 256, 0, allowed),
			 PURLIN_OK);
	assert_int_equal(do_call(core, THREAD_CREATE, 70, 71, 1, 25, TEST_MESSAGE), PURLIN_OK);
	assert_int_equal(do_call(core, THREAD_START, 71, 0x400000, 0x500000, 7), PURLIN_OK);
	give(70, CLIENT_ENDPOINT, ENDPOINT, PURLIN_RIGHT_WRITE, BADGE);
	return thread_of(object_at(core, 71));
}

/* A component must not have time where its description gives it none, by a server's hand. */
static void priority_stays_on_its_processors(void **state)
{
	struct thread *far = distant(2);

	(void)state;
	assert_int_equal(do_call(core, THREAD_SCHEDULE, SERVER_THREAD, 5, 10000), PURLIN_OK);
	/* Neither as the one that is served, nor when the server sees to its own priority. */
	wait_for_request();
	assert_int_equal(do_call(far, ENDPOINT_CALL, CLIENT_ENDPOINT, 0), WAITS);
	assert_int_equal(server->priority, 5);
	assert_int_equal(do_call(core, THREAD_SCHEDULE, SERVER_THREAD, 4, 10000), PURLIN_OK);
	assert_int_equal(server->priority, 4);
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), WAITS);
	/* Nor by a queue. */
	make_request(0);
	assert_int_equal(server->priority, 10);
	assert_int_equal(do_call(far, ENDPOINT_CALL, CLIENT_ENDPOINT, 0), WAITS);
	assert_int_equal(server->priority, 10);
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), PURLIN_OK);
	assert_int_equal(server->priority, 4);
}

/* Where it might have a thread of its own, it lends what that might have, and no more. */
static void own_priority_is_lent_to_other_processors(void **state)
{
	struct thread *far = distant(3), *urgent;

	(void)state;
	assert_int_equal(do_call(core, ENDPOINT_CREATE, PURLIN_SLOT_ACCOUNT, 45), PURLIN_OK);
	give(70, 45, 45, PURLIN_RIGHT_READ, 0);
	give(CLIENT_PD, 45, 45, PURLIN_RIGHT_WRITE, 0);
	assert_int_equal(do_call(core, THREAD_SCHEDULE, SERVER_THREAD, 5, 10000), PURLIN_OK);
	assert_int_equal(do_call(core, THREAD_SCHEDULE, 71, 15, 10000), PURLIN_OK);
	/* It serves one that is more urgent, and asks another in turn. */
	assert_int_equal(do_call(far, ENDPOINT_RECEIVE, 45), WAITS);
	urgent = thread_new(CLIENT_PD, 50, 0x20000000, 25);
	assert_int_equal(do_call(urgent, ENDPOINT_CALL, 45, 0), WAITS);
	assert_int_equal(far->priority, 25);
	wait_for_request();
	assert_int_equal(do_call(far, ENDPOINT_CALL, CLIENT_ENDPOINT, 0), WAITS);
	assert_int_equal(server->priority, 15);
}

static void the_server_runs_at_once(void **state)
{
	(void)state;
	wait_for_request();
	/* Only the client is left to run. */
	assert_int_equal(do_call(core, ENDPOINT_CREATE, PURLIN_SLOT_ACCOUNT, 45), PURLIN_OK);
	assert_int_equal(do_call(core, ENDPOINT_RECEIVE, 45), WAITS);
	run(client);
	make_request(0);
	run(server);
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), WAITS);
	run(client);
}

/* Death in every state. */
static void server_dies(void **state)
{
	(void)state;
	wait_for_request();
	make_request(0);
	assert_int_equal(do_call(core, OBJECT_DESTROY, SERVER_THREAD), PURLIN_OK);
	assert_int_equal(answer(client), PURLIN_DEAD);
	assert_int_equal(client->state, THREAD_READY);
	/* The endpoint lives: the next caller waits for another server. */
	make_request(0);
	server = thread_new(SERVER_PD, 40, 0x20000000, 20);
	assert_int_equal(do_call(server, ENDPOINT_RECEIVE, ENDPOINT), PURLIN_OK);
}

static void server_dies_receiving(void **state)
{
	(void)state;
	wait_for_request();
	assert_int_equal(do_call(core, OBJECT_DESTROY, SERVER_PD), PURLIN_OK);
	make_request(0);
	assert_int_equal(client->state, THREAD_CALLING);
}

static void client_dies_waiting(void **state)
{
	(void)state;
	make_request(0);
	assert_int_equal(do_call(core, OBJECT_DESTROY, CLIENT_THREAD), PURLIN_OK);
	wait_for_request();
}

static void client_dies_served(void **state)
{
	(void)state;
	wait_for_request();
	make_request(0);
	assert_int_equal(do_call(core, OBJECT_DESTROY, CLIENT_PD), PURLIN_OK);
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), WAITS);
}

static void endpoint_dies(void **state)
{
	struct thread *waiting = thread_new(CLIENT_PD, 40, 0x20000000, 10);

	(void)state;
	wait_for_request();
	make_request(0);
	assert_int_equal(do_call(waiting, ENDPOINT_CALL, CLIENT_ENDPOINT, 0), WAITS);
	host.preempt_every = 1;
	assert_int_equal(do_call(server, OBJECT_DESTROY, ENDPOINT), PURLIN_OK);
	assert_int_equal(answer(client), PURLIN_DEAD);
	assert_int_equal(answer(waiting), PURLIN_DEAD);
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), PURLIN_DEAD);
	assert_int_equal(do_call(client, ENDPOINT_CALL, CLIENT_ENDPOINT, 0), PURLIN_DEAD);
}

static void endpoint_dies_with_receiver(void **state)
{
	(void)state;
	wait_for_request();
	assert_int_equal(do_call(core, OBJECT_DESTROY, ENDPOINT), PURLIN_OK);
	assert_int_equal(answer(server), PURLIN_DEAD);
}

static void faults_and_exits(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, SIGNAL_CREATE, PURLIN_SLOT_ACCOUNT, 40), PURLIN_OK);
	assert_int_equal(do_call(core, PD_WATCH, SERVER_PD, 40, 6), PURLIN_OK);
	assert_int_equal(do_call(core, PD_WATCH, SERVER_PD, 41, 6), PURLIN_BAD_CAPABILITY);
	give(PURLIN_SLOT_PD, 42, 40, PURLIN_RIGHT_READ, 0);
	assert_int_equal(do_call(core, PD_WATCH, SERVER_PD, 42, 6), PURLIN_NO_RIGHT);
	assert_int_equal(do_call(core, PD_STATUS, SERVER_PD), PURLIN_OK);
	assert_int_equal(result(core, 0), PD_RUNS);

	wait_for_request();
	make_request(0);
	thread_fault(server, 14, 6, 0x401234, 0xdead);
	assert_int_equal(answer(client), PURLIN_DEAD);
	assert_int_equal(server->state, THREAD_STOPPED);
	assert_int_equal(do_call(core, SIGNAL_POLL, 40), PURLIN_OK);
	assert_int_equal(result(core, 0), 6);
	assert_int_equal(do_call(core, PD_STATUS, SERVER_PD), PURLIN_OK);
	assert_int_equal(result(core, 0), PD_FAULTED);
	assert_int_equal(result(core, 1), 14);
	assert_int_equal(result(core, 2), 0x401234);
	assert_int_equal(core->message->word[0], 0xdead);
	assert_int_equal(core->message->word[1], 6);
	assert_memory_equal(&core->message->word[4], "server", 7);
	/* A stopped thread makes no calls, even if its processor is just entering the kernel. */
	assert_int_equal(do_call(server, THREAD_YIELD), WAITS);
	thread_fault(server, 13, 0, 0, 0);
	assert_int_equal(do_call(core, THREAD_START, SERVER_THREAD, 0x1000, 0, 0), PURLIN_BUSY);

	assert_int_equal(do_call(core, PD_WATCH, CLIENT_PD, 40, 1), PURLIN_OK);
	assert_int_equal(do_call(client, THREAD_EXIT, 99), WAITS);
	assert_int_equal(do_call(core, PD_STATUS, CLIENT_PD), PURLIN_OK);
	assert_int_equal(result(core, 0), PD_EXITED);
	assert_int_equal(result(core, 1), 99);
	assert_int_equal(do_call(core, SIGNAL_POLL, 40), PURLIN_OK);
	/* The watcher may be gone. */
	assert_int_equal(do_call(core, OBJECT_DESTROY, 40), PURLIN_OK);
	pd_stop(server->pd, PURLIN_STOP_BAD_BATCH, 3);
}

static void second_thread_exits(void **state)
{
	struct thread *second = thread_new(CLIENT_PD, 40, 0x20000000, 10);

	(void)state;
	assert_int_equal(do_call(second, THREAD_EXIT, 1), WAITS);
	assert_int_equal(client->pd->state, PD_RUNS);
	assert_int_equal(do_call(core, OBJECT_DESTROY, CLIENT_THREAD), PURLIN_OK);
	second = thread_new(CLIENT_PD, 41, 0x30000000, 10);
	assert_int_equal(do_call(second, THREAD_EXIT, 2), WAITS);
	assert_int_equal(client->pd->state, PD_EXITED);
}

static void guest_stops(void **state)
{
	(void)state;
	pd_stop(client->pd, PURLIN_STOP_DOUBLE_FAULT, 0x1234);
	assert_int_equal(do_call(core, PD_STATUS, CLIENT_PD), PURLIN_OK);
	assert_int_equal(result(core, 0), PD_STOPPED);
	assert_int_equal(result(core, 1), PURLIN_STOP_DOUBLE_FAULT);
	assert_int_equal(client->state, THREAD_STOPPED);
}

/* Signals. */
static void signal_bits(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, SIGNAL_CREATE, PURLIN_SLOT_ACCOUNT, 40), PURLIN_OK);
	assert_int_equal(do_call(core, SIGNAL_POLL, 40), PURLIN_AGAIN);
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, 40, 0), PURLIN_OK);
	assert_int_equal(do_call(core, SIGNAL_POLL, 40), PURLIN_AGAIN);
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, 40, 5), PURLIN_OK);
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, 40, 8), PURLIN_OK);
	assert_int_equal(do_call(core, SIGNAL_WAIT, 40), PURLIN_OK);
	assert_int_equal(result(core, 0), 13);
	assert_int_equal(do_call(core, SIGNAL_POLL, 40), PURLIN_AGAIN);
	/* A badge masks. */
	give(PURLIN_SLOT_PD, 41, 40, PURLIN_RIGHT_WRITE, 0xf0);
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, 41, 0xff), PURLIN_OK);
	assert_int_equal(do_call(core, SIGNAL_POLL, 41), PURLIN_NO_RIGHT);
	assert_int_equal(do_call(core, SIGNAL_POLL, 40), PURLIN_OK);
	assert_int_equal(result(core, 0), 0xf0);
}

static void signal_wakes_one(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, SIGNAL_CREATE, PURLIN_SLOT_ACCOUNT, 40), PURLIN_OK);
	give(SERVER_PD, 40, 40, PURLIN_RIGHT_READ, 0);
	give(CLIENT_PD, 40, 40, PURLIN_RIGHT_READ, 0);
	assert_int_equal(do_call(server, SIGNAL_WAIT, 40), WAITS);
	assert_int_equal(do_call(client, SIGNAL_WAIT, 40), WAITS);
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, 40, 3), PURLIN_OK);
	assert_int_equal(answer(server), PURLIN_OK);
	assert_int_equal(result(server, 0), 3);
	assert_int_equal(answer(client), WAITS);
	/* Death of a waiter, death of the signal. */
	assert_int_equal(do_call(core, OBJECT_DESTROY, CLIENT_THREAD), PURLIN_OK);
	assert_int_equal(do_call(server, SIGNAL_WAIT, 40), WAITS);
	assert_int_equal(do_call(core, OBJECT_DESTROY, 40), PURLIN_OK);
	assert_int_equal(answer(server), PURLIN_DEAD);
}

static void bound_signal_wakes_receiver(void **state)
{
	(void)state;
	assert_int_equal(do_call(core, SIGNAL_CREATE, PURLIN_SLOT_ACCOUNT, 40), PURLIN_OK);
	assert_int_equal(do_call(core, THREAD_BIND_SIGNAL, SERVER_THREAD, 40), PURLIN_OK);
	assert_int_equal(do_call(core, THREAD_BIND_SIGNAL, CLIENT_THREAD, 40), PURLIN_BUSY);
	assert_int_equal(do_call(core, THREAD_BIND_SIGNAL, CLIENT_THREAD, 41),
			 PURLIN_BAD_CAPABILITY);
	wait_for_request();
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, 40, 3), PURLIN_OK);
	assert_int_equal(answer(server), PURLIN_SIGNALLED);
	assert_int_equal(result(server, 1), 3);
	/* Before it receives: the bits are kept. */
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, 40, 4), PURLIN_OK);
	assert_int_equal(do_call(server, ENDPOINT_RECEIVE, ENDPOINT), PURLIN_SIGNALLED);
	assert_int_equal(result(server, 1), 4);
	/* Together with a reply: both happen. */
	wait_for_request();
	make_request(0);
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, 40, 1), PURLIN_OK);
	assert_int_equal(do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT, 0), PURLIN_SIGNALLED);
	assert_int_equal(answer(client), PURLIN_OK);
	/* Bound anew to another, which has bits already. */
	assert_int_equal(do_call(core, SIGNAL_CREATE, PURLIN_SLOT_ACCOUNT, 41), PURLIN_OK);
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, 41, 9), PURLIN_OK);
	wait_for_request();
	assert_int_equal(do_call(core, THREAD_BIND_SIGNAL, SERVER_THREAD, 41), PURLIN_OK);
	assert_int_equal(answer(server), PURLIN_SIGNALLED);
	assert_int_equal(do_call(core, THREAD_BIND_SIGNAL, CLIENT_THREAD, 40), PURLIN_OK);
	/* The thread goes, the signal stays; the signal goes, the thread stays. */
	assert_int_equal(do_call(core, OBJECT_DESTROY, SERVER_PD), PURLIN_OK);
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, 41, 9), PURLIN_OK);
	assert_int_equal(do_call(core, CAP_DELETE, PURLIN_SLOT_PD, 40), PURLIN_OK);
	assert_null(client->bound_signal);
}

#define VCPU_PD 60
#define VCPU 61

static struct vcpu *vcpu_new(void)
{
	assert_int_equal(do_call(core, PD_CREATE, PURLIN_SLOT_ACCOUNT, VCPU_PD, 64, PURLIN_PD_GUEST,
				 PURLIN_PROCESSORS_OWN),
			 PURLIN_OK);
	assert_int_equal(do_call(core, VCPU_CREATE, VCPU_PD, VCPU, 0, 10), PURLIN_OK);
	return thread_vcpu(thread_of(object_at(core, VCPU)));
}

static void signal_goes_to_vcpu(void **state)
{
	struct vcpu *vcpu = vcpu_new();

	(void)state;
	assert_int_equal(do_call(core, SIGNAL_CREATE, PURLIN_SLOT_ACCOUNT, 40), PURLIN_OK);
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, 40, 2), PURLIN_OK);
	assert_int_equal(do_call(core, SIGNAL_BIND_VCPU, 40, VCPU, 4), PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, SIGNAL_BIND_VCPU, 40, CLIENT_THREAD, 1),
			 PURLIN_BAD_CAPABILITY);
	assert_int_equal(do_call(core, SIGNAL_BIND_VCPU, 40, VCPU, 3), PURLIN_OK);
	/* Without a state page they are kept for it. */
	assert_int_equal(vcpu->early[3], 2);
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, 40, 16), PURLIN_OK);
	assert_int_equal(vcpu->early[3], 18);
	assert_int_equal(do_call(core, SIGNAL_WAIT, 40), PURLIN_BUSY);
	assert_int_equal(do_call(core, SIGNAL_POLL, 40), PURLIN_BUSY);
	assert_int_equal(do_call(core, SIGNAL_BIND_VCPU, 40, VCPU, 1), PURLIN_BUSY);
	assert_int_equal(do_call(core, THREAD_BIND_SIGNAL, CLIENT_THREAD, 40), PURLIN_BUSY);
	assert_int_equal(do_call(core, THREAD_START, VCPU, 0x1000, 0, 0), PURLIN_BAD_CAPABILITY);
	assert_int_equal(do_call(core, THREAD_SCHEDULE, VCPU, 9, 5000), PURLIN_OK);
	assert_int_equal(do_call(core, THREAD_CREATE, VCPU_PD, 70, 0, 1, 0x1000), PURLIN_BUSY);
	/* After the vCPU's end the signal is an ordinary one again. */
	assert_int_equal(do_call(core, OBJECT_DESTROY, VCPU_PD), PURLIN_OK);
	assert_int_equal(do_call(core, SIGNAL_NOTIFY, 40, 1), PURLIN_OK);
	assert_int_equal(do_call(core, SIGNAL_POLL, 40), PURLIN_OK);
}

static void bound_signal_dies_first(void **state)
{
	struct vcpu *vcpu = vcpu_new();

	(void)state;
	assert_int_equal(do_call(core, SIGNAL_CREATE, PURLIN_SLOT_ACCOUNT, 40), PURLIN_OK);
	assert_int_equal(do_call(core, SIGNAL_BIND_VCPU, 40, VCPU, 0), PURLIN_OK);
	assert_int_equal(do_call(core, OBJECT_DESTROY, 40), PURLIN_OK);
	assert_true(list_empty(&vcpu->thread.vcpu_signals));
}

static void refusals_are_traced(void **state)
{
	static const char expected[] =
		"client: signal_notify refused: BAD_CAPABILITY, argument 1 is c8\n";
	char text[128];
	uint64_t before, next;

	(void)state;
	before = 0;
	while (log_ring_read(before, text, sizeof(text), &next))
		before = next;
	assert_int_equal(do_call(core, TRACE_MASK, PURLIN_SLOT_LOG, PURLIN_TRACE_CALL), PURLIN_OK);
	assert_int_equal(do_call(client, SIGNAL_NOTIFY, 200, 1), PURLIN_BAD_CAPABILITY);
	assert_int_equal(do_call(core, TRACE_MASK, PURLIN_SLOT_LOG, 0), PURLIN_OK);
	assert_int_equal(result(core, 0), PURLIN_TRACE_CALL);
	assert_int_equal(log_ring_read(before, text, sizeof(text), &next), sizeof(expected) - 1);
	assert_memory_equal(text, expected, sizeof(expected) - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, ipc_setup, system_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(call_and_reply),
		TEST(queued_callers),
		TEST(bad_messages),
		TEST(capabilities_travel),
		TEST(capability_vanishes_in_queue),
		TEST(priority_is_lent),
		TEST(priority_is_kept),
		TEST(a_kept_priority_ends_a_chain),
		TEST(priority_is_lent_along_a_chain),
		TEST(priority_stays_on_its_processors),
		TEST(own_priority_is_lent_to_other_processors),
		TEST(the_server_runs_at_once),
		TEST(server_dies),
		TEST(server_dies_receiving),
		TEST(client_dies_waiting),
		TEST(client_dies_served),
		TEST(endpoint_dies),
		TEST(endpoint_dies_with_receiver),
		TEST(faults_and_exits),
		TEST(second_thread_exits),
		TEST(guest_stops),
		TEST(signal_bits),
		TEST(signal_wakes_one),
		TEST(bound_signal_wakes_receiver),
		TEST(signal_goes_to_vcpu),
		TEST(bound_signal_dies_first),
		TEST(refusals_are_traced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
