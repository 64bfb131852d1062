/* SPDX-License-Identifier: MIT */
/*
 * Endpoints, and what a call and its reply consist of, inline: for endpoint.c, which can do
 * everything, and for the short way, which is taken when the partner waits on the same processor,
 * nobody else has to be thought of and no capability travels.
 */
#ifndef OBJECT_ENDPOINT_H
#define OBJECT_ENDPOINT_H

#include "base/arch.h"
#include "object/capability.h"
#include "object/pd.h"
#include "object/processor.h"
#include "object/signal.h"
#include "object/thread.h"

struct endpoint {
	struct object object;
	struct list callers;   /* CALLING, first come first served */
	struct list served;    /* AWAITING_REPLY */
	struct list receivers; /* RECEIVING; empty whenever callers is not */
};

status endpoint_kill(struct object *object);
/* The thread ends: leave queues; its client gets DEAD; its server's reply goes nowhere. */
void endpoint_forget(struct thread *thread);

OBJECT_OF(endpoint)

/* The signal bound to a receiving thread has bits for it. */
static inline bool thread_signalled(const struct thread *thread)
{
	return thread->bound_signal && thread->bound_signal->bits;
}

/* Both have a message buffer, or no words are to be copied. */
static inline bool exchange_copies(const struct thread *from, const struct thread *to,
				   unsigned int words)
{
	return !words || (from->message && to->message);
}

/* From the end on, so that the rest after whole fours needs no counter of its own. */
static inline void exchange_copy(const struct thread *from, struct thread *to, unsigned int words)
{
	const purlin_u64 *source = from->message->word;
	purlin_u64 *target = to->message->word;

	for (; words % 4; words--)
		target[words - 1] = source[words - 1];
	for (; words; words -= 4) {
		target[words - 4] = source[words - 4];
		target[words - 3] = source[words - 3];
		target[words - 2] = source[words - 2];
		target[words - 1] = source[words - 1];
	}
}

/* The server, which waits no more, has the caller's message and owes it a reply. */
static inline void exchange_owe(struct endpoint *endpoint, struct thread *caller,
				struct thread *server, uint64_t info, uint64_t badge)
{
	arch_call_result(server, 0, info);
	arch_call_result(server, 1, badge);
	server->client = caller;
	caller->server = server;
	list_append(&endpoint->served, &caller->link);
}

/* The reply right is used up: it is the pointer to the client, so nobody can use it twice. */
static inline void exchange_settle(struct thread *server)
{
	struct thread *client = server->client;

	server->client = NULL;
	client->server = NULL;
	list_take(&client->link);
}

/* The server waits at the endpoint; it is in no queue. */
static inline void exchange_await(struct endpoint *endpoint, struct thread *server)
{
	server->priority = server->base_priority;
	list_append(&endpoint->receivers, &server->link);
}

/* As thread_priority_serving(), for a caller of this processor who lends its own. */
static inline unsigned int exchange_priority(const struct thread *caller,
					     const struct thread *server)
{
	return caller->priority > server->base_priority ? caller->priority : server->base_priority;
}

/* No capabilities, not too many words, nothing in bits without a meaning: one comparison, since the
 * number of words is in the lowest bits. */
static inline bool exchange_plain(uint64_t info)
{
	return (uint32_t)info <= PURLIN_MESSAGE_WORDS;
}

/* The endpoint in a slot, if there is plainly one. */
static inline struct capability *exchange_capability(const struct thread *caller, uint64_t slot,
						     uint32_t right)
{
	struct capability *found = capability_find(&caller->pd->capabilities, slot);

	if (!found || found->object->type != PURLIN_TYPE_ENDPOINT || found->object->dead ||
	    !(found->rights & right))
		return NULL;
	return found;
}

/* `to` runs in place of `from`, which makes a call and has been put into another state. */
static inline struct thread *exchange_switch(struct thread *to)
{
	to->state = THREAD_READY;
	to->processor->current = to;
	arch_call_status(to, PURLIN_OK);
	return to;
}

/*
 * A call the short way; NULL: not possible, and nothing has changed. Then the long way does all of
 * it again from the start, so every check comes before the first change.
 */
static inline struct thread *exchange_call(struct thread *caller)
{
	const struct endpoint_call_arguments *arguments =
		&arch_call_arguments(caller)->endpoint_call;
	struct capability *capability =
		exchange_capability(caller, arguments->endpoint, PURLIN_RIGHT_WRITE);
	uint64_t info = arguments->info;
	unsigned int words = PURLIN_INFO_WORDS(info);
	struct endpoint *endpoint;
	struct thread *server;
	unsigned int priority;

	if (!capability || !exchange_plain(info))
		return NULL;
	endpoint = endpoint_of(capability->object);
	if (list_empty(&endpoint->receivers))
		return NULL;
	server = list_first(&endpoint->receivers, struct thread, link);
	priority = exchange_priority(caller, server);
	if (!processor_can_hand_over(caller, server, priority) ||
	    !exchange_copies(caller, server, words))
		return NULL;

	list_take(&server->link);
	if (words)
		exchange_copy(caller, server, words);
	caller->state = THREAD_AWAITING_REPLY;
	caller->lends = true;
	exchange_owe(endpoint, caller, server, info, capability->badge);
	server->priority = (uint8_t)priority;
	return exchange_switch(server);
}

/*
 * A reply and the wait for the next call, likewise. Not if a caller waits or a signal has bits: the
 * server then goes on itself, and the client becomes ready beside it.
 */
static inline struct thread *exchange_reply(struct thread *server)
{
	const struct endpoint_reply_receive_arguments *arguments =
		&arch_call_arguments(server)->endpoint_reply_receive;
	struct capability *capability =
		exchange_capability(server, arguments->endpoint, PURLIN_RIGHT_READ);
	uint64_t info = arguments->info;
	unsigned int words = PURLIN_INFO_WORDS(info);
	struct thread *client = server->client;
	struct endpoint *endpoint;

	if (!capability || !client || !exchange_plain(info))
		return NULL;
	endpoint = endpoint_of(capability->object);
	if (!list_empty(&endpoint->callers) || thread_signalled(server) ||
	    !processor_can_hand_over(server, client, client->priority) ||
	    !exchange_copies(server, client, words))
		return NULL;

	if (words)
		exchange_copy(server, client, words);
	arch_call_result(client, 0, info);
	exchange_settle(server);
	server->state = THREAD_RECEIVING;
	exchange_await(endpoint, server);
	return exchange_switch(client);
}

#endif
