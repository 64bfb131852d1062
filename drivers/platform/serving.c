/* SPDX-License-Identifier: MIT */
/*
 * Threads that serve PCI sessions. A thread outlives its session and is kept for the next one: so
 * there are as many as there were sessions at a time, and no stack has to be taken away from under
 * a thread.
 */
#include "serving.h"

#include "pci_requests.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/slots.h"
#include "turn.h"

struct serving_thread {
	struct serving_thread *next; /* of those without a session */
	struct pci_server *server;
	struct pci_session *session;
	purlin_u64 begin; /* signal: there is a session, ... */
	purlin_u64 ended; /* ... and it has been given back */
};

static struct serving_thread threads[TURN_THREADS];
static unsigned int count;
static struct serving_thread *idle;
static purlin_u64 placement; /* of new threads */

void serving_start(purlin_u64 component)
{
	count = 0;
	idle = NULL;
	placement = component;
}

static void await(purlin_u64 signal)
{
	purlin_u64 bits = 0;

	while (!bits && !purlin_signal_wait(signal, &bits))
		;
}

static purlin_s64 handle(void *context, struct request *request)
{
	struct serving_thread *self = context;
	purlin_s64 status;

	turn_take();
	status = pci_request(self->server, self->session, request);
	turn_give();
	return status;
}

static void serve(void *argument)
{
	struct serving_thread *self = argument;
	struct server loop = { .handle = handle, .context = self };

	for (;;) {
		await(self->begin);
		loop.endpoint = self->session->endpoint;
		/* Returns when serving_end() has destroyed the endpoint. */
		server_loop(&loop);
		turn_take();
		pci_session_end(self->server, self->session);
		turn_give();
		purlin_signal_notify(self->ended, 1);
	}
}

static purlin_s64 create_signals(struct serving_thread *thread)
{
	purlin_s64 status;

	thread->begin = slot_reserve();
	thread->ended = slot_reserve();
	status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, thread->begin);
	return status ? status : purlin_signal_create(PURLIN_SLOT_ACCOUNT, thread->ended);
}

static purlin_s64 start_thread(struct serving_thread *thread)
{
	purlin_s64 status = create_signals(thread);

	if (!status)
		status = turn_spawn(serve, thread, placement);
	if (!status)
		return PURLIN_OK;
	slot_delete(thread->begin);
	slot_delete(thread->ended);
	return status;
}

static struct serving_thread *take_thread(struct pci_server *server)
{
	struct serving_thread *thread = idle;

	if (thread) {
		idle = thread->next;
		return thread;
	}
	if (count == TURN_THREADS)
		return NULL;
	thread = &threads[count];
	thread->server = server;
	/* Counted once it runs: a place whose thread could not be made is tried again. */
	if (start_thread(thread))
		return NULL;
	count++;
	return thread;
}

static void keep_thread(struct serving_thread *thread)
{
	thread->session = NULL;
	thread->next = idle;
	idle = thread;
}

purlin_s64 serving_begin(struct pci_server *server, struct pci_session *session)
{
	struct serving_thread *thread = take_thread(server);
	purlin_s64 status;

	if (!thread)
		return PURLIN_NO_MEMORY;
	session->endpoint = slot_reserve();
	status = purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, session->endpoint);
	if (status) {
		slot_release(session->endpoint);
		keep_thread(thread);
		return status;
	}
	thread->session = session;
	session->thread = thread;
	purlin_signal_notify(thread->begin, 1);
	return PURLIN_OK;
}

/*
 * The thread finds the endpoint gone when it wants to receive again, and ends the session. The slot
 * of the endpoint is kept until then: else the thread might find that of another session there. And
 * only then the thread is free for another session: `ended` means this one.
 */
void serving_end(struct pci_session *session)
{
	struct serving_thread *thread = session->thread;
	purlin_u64 endpoint = session->endpoint;

	/*
	 * From now on no request finds the session, while its thread may be in the middle of one.
	 */
	session->ending = true;
	(void)purlin_object_destroy(endpoint);
	/* The thread needs the turn to finish its request and to end the session. */
	turn_give();
	await(thread->ended);
	turn_take();
	slot_delete(endpoint);
	keep_thread(thread);
}
