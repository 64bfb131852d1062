// SPDX-License-Identifier: MIT
/*
 * Endpoints: synchronous call and reply.
 *
 * The caller's processor time goes with its message: the server runs on at
 * once in the caller's slice, at its priority if that is higher, and
 * replies the same way. Callers that find no server lend it their priority from the queue.
 * A caller may keep both for itself (PURLIN_INFO_LENDS_NOTHING).
 */
#include "object/endpoint.h"

#include "base/call.h"
#include "debug/log.h"
#include "object/account.h"

/* How far a priority is lent along a chain of servers that wait for each other. */
#define LENDING_DEPTH 8

/* Give capabilities to a receiver, as far as it has named empty slots. Returns how many. */
static __attribute__((noinline)) unsigned int pass_capabilities(struct thread *from,
								struct thread *to)
{
	struct pd *pd = to->pd;
	unsigned int i;

	/*
	 * The sender's table may have changed since prepare(), so slots are looked up again. The
	 * receiver's account pays for its table: what does not fit is left out, not refused.
	 */
	for (i = 0; i < from->send_count; i++) {
		struct capability *source =
			capability_find(&from->pd->capabilities, from->send_slot[i]);
		uint32_t slot = __atomic_load_n(&to->message->receive_slot[i], __ATOMIC_RELAXED);
		struct capability *target;

		if (!source || capability_vacancy(&pd->capabilities, pd->object.account, slot,
						  &target) != PURLIN_OK)
			break;
		capability_fill(target, source->object, source->rights, source->badge);
	}
	return i;
}

/* Copy the message under way; returns the info word for the receiver. */
static inline uint64_t transfer(struct thread *from, struct thread *to)
{
	uint64_t info = from->send_info;
	unsigned int words = PURLIN_INFO_WORDS(info);

	/* A vCPU without a state page has no buffer: it gets the label and nothing else. */
	if (__builtin_expect(!to->message || !from->message, 0))
		return PURLIN_INFO(PURLIN_INFO_LABEL(info), 0, 0);
	exchange_copy(from, to, words);
	info &= PURLIN_INFO(~0u, 0xff, 0);
	if (from->send_count)
		info |= PURLIN_INFO(0, 0, pass_capabilities(from, to));
	return info;
}

static __attribute__((noinline)) status prepare_capabilities(struct thread *thread,
							     unsigned int capabilities)
{
	if (capabilities > PURLIN_MESSAGE_CAPS || !thread->message)
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	for (unsigned int i = 0; i < capabilities; i++) {
		uint32_t slot = __atomic_load_n(&thread->message->send_slot[i], __ATOMIC_RELAXED);

		if (!capability_find(&thread->pd->capabilities, slot))
			return call_refuse(2, PURLIN_BAD_ARGUMENT);
		thread->send_slot[i] = slot;
	}
	return PURLIN_OK;
}

/*
 * Take note of a message to send. Everything that can be wrong is found here, while the sender can
 * still be told: once it is in a queue, the transfer is made by somebody else's call.
 */
static inline status prepare(struct thread *thread, uint64_t info)
{
	unsigned int words = PURLIN_INFO_WORDS(info), capabilities = PURLIN_INFO_CAPS(info);
	status result = PURLIN_OK;

	if (words > PURLIN_MESSAGE_WORDS || (words && !thread->message))
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	if (capabilities)
		result = prepare_capabilities(thread, capabilities);
	thread->send_count = (uint8_t)capabilities;
	thread->send_info = info;
	return result;
}

/* The message of a caller that is in no queue goes to the server: from now on it owes a reply. */
static inline void deliver(struct endpoint *endpoint, struct thread *caller, struct thread *server)
{
	uint64_t info = transfer(caller, server);

	exchange_owe(endpoint, caller, server, info, caller->send_badge);
	scheduler_set_priority(server, thread_priority_serving(caller, server));
	trace(PURLIN_TRACE_IPC, "%s -> %s: %lx, badge %lx\n", caller->pd->name, server->pd->name,
	      info, caller->send_badge);
}

/* The client will not get a reply, so what it lent goes back: the server works for itself now. */
static void release(struct thread *server)
{
	exchange_settle(server);
	scheduler_set_priority(server, server->base_priority);
}

/* A thread in one of an endpoint's queues learns that it waits for nothing. */
static void fail(struct thread *thread)
{
	if (thread->state == THREAD_AWAITING_REPLY)
		release(thread->server);
	else
		list_remove(&thread->link);
	arch_call_status(thread, PURLIN_DEAD);
	scheduler_ready(thread);
}

/* Who keeps an endpoint's callers waiting: the server that owes the oldest reply. NULL: nobody. */
static struct thread *server_of(struct endpoint *endpoint)
{
	return list_empty(&endpoint->served) ?
		       NULL :
		       list_first(&endpoint->served, struct thread, link)->server;
}

/*
 * A queued caller lends its priority to the thread that keeps it waiting, else a thread in between
 * would delay both. That thread may itself wait for a server: the priority goes on along the chain,
 * which may be long, or even a circle, since its parts do not trust each other. Hence the bound.
 */
static void lend(const struct thread *from)
{
	struct thread *thread;

	for (int depth = 0; depth < LENDING_DEPTH && from->lends; depth++) {
		if (from->state == THREAD_AWAITING_REPLY)
			thread = from->server;
		else if (from->state == THREAD_CALLING)
			thread = server_of(from->endpoint);
		else
			return;
		if (!thread || thread->priority >= thread_lent(from, thread))
			return;
		scheduler_set_priority(thread, thread_lent(from, thread));
		from = thread;
	}
}

CALL_HANDLER(endpoint_call)
{
	struct thread *caller = call->caller;
	struct endpoint *endpoint = endpoint_of(call->object);
	uint64_t info = call->arguments->endpoint_call.info;
	status result = prepare(caller, info);
	struct thread *server;

	if (result != PURLIN_OK)
		return result;
	caller->send_badge = call->capability->badge;
	caller->endpoint = endpoint;
	caller->lends = !(info & PURLIN_INFO_LENDS_NOTHING);
	if (list_empty(&endpoint->receivers)) {
		scheduler_block(caller, THREAD_CALLING);
		list_append(&endpoint->callers, &caller->link);
		lend(caller);
		return CALL_DEFERRED;
	}
	/* The caller leaves the processor first, so that the server can take its place there. */
	server = list_first(&endpoint->receivers, struct thread, link);
	list_remove(&server->link);
	processor_block(caller, THREAD_AWAITING_REPLY);
	deliver(endpoint, caller, server);
	arch_call_status(server, PURLIN_OK);
	/* Without the caller's slice it waits for its turn among its equals. */
	if (caller->lends)
		processor_hand_over(caller, server);
	else
		scheduler_ready(server);
	return CALL_DEFERRED;
}

static __attribute__((noinline)) void take_caller(struct thread *receiver,
						  struct endpoint *endpoint)
{
	struct thread *caller = list_first(&endpoint->callers, struct thread, link);

	list_remove(&caller->link);
	caller->state = THREAD_AWAITING_REPLY;
	deliver(endpoint, caller, receiver);
}

/*
 * What a receiver gets: the bits of its bound signal, or the first caller's message, or nothing
 * yet (CALL_DEFERRED: it blocks).
 */
static inline status receive(struct thread *receiver, struct endpoint *endpoint)
{
	struct signal *signal = receiver->bound_signal;

	/* Before messages: callers without end must not keep an interrupt from its driver. */
	if (thread_signalled(receiver)) {
		arch_call_result(receiver, 0, 0);
		arch_call_result(receiver, 1, signal->bits);
		signal->bits = 0;
		scheduler_set_priority(receiver, receiver->base_priority);
		return PURLIN_SIGNALLED;
	}
	if (!list_empty(&endpoint->callers)) {
		take_caller(receiver, endpoint);
		return PURLIN_OK;
	}
	processor_block(receiver, THREAD_RECEIVING);
	exchange_await(endpoint, receiver);
	return CALL_DEFERRED;
}

CALL_HANDLER(endpoint_receive)
{
	/* A server that owes a reply and waits for the next message has forgotten its client. */
	if (call->caller->client)
		fail(call->caller->client);
	return receive(call->caller, endpoint_of(call->object));
}

CALL_HANDLER(endpoint_reply_receive)
{
	struct thread *caller = call->caller;
	struct thread *client = caller->client;
	status result = prepare(caller, call->arguments->endpoint_reply_receive.info);

	if (result != PURLIN_OK)
		return result;
	/* The client has died or was stopped meanwhile: there is nobody to reply to. */
	if (!client)
		return receive(caller, endpoint_of(call->object));
	arch_call_result(client, 0, transfer(caller, client));
	arch_call_status(client, PURLIN_OK);
	/*
	 * Before receiving: a server owes one reply at a time, and may be given the next at once.
	 */
	exchange_settle(caller);
	/* The client goes on in the slice that it lent, unless the server has more to do. */
	result = receive(caller, endpoint_of(call->object));
	if (result == CALL_DEFERRED)
		processor_hand_over(caller, client);
	else
		scheduler_ready(client);
	return result;
}

void endpoint_forget(struct thread *thread)
{
	if (thread->state == THREAD_AWAITING_REPLY)
		release(thread->server);
	else if (thread->state == THREAD_CALLING || thread->state == THREAD_RECEIVING)
		list_remove(&thread->link);
	if (thread->client)
		fail(thread->client);
}

/* In rounds: any number of threads may wait. */
static status queue_fail(struct list *queue)
{
	while (!list_empty(queue)) {
		fail(list_first(queue, struct thread, link));
		if (arch_preemption_pending())
			return CALL_RESTART;
	}
	return PURLIN_OK;
}

status endpoint_kill(struct object *object)
{
	struct endpoint *endpoint = endpoint_of(object);

	if (queue_fail(&endpoint->callers) == CALL_RESTART ||
	    queue_fail(&endpoint->served) == CALL_RESTART ||
	    queue_fail(&endpoint->receivers) == CALL_RESTART)
		return CALL_RESTART;
	return PURLIN_OK;
}

CALL_HANDLER(endpoint_create)
{
	struct object *object;
	status result = call_create(call, account_of(call->object), PURLIN_TYPE_ENDPOINT,
				    sizeof(struct endpoint), &object);

	if (result != PURLIN_OK)
		return result;
	list_init(&endpoint_of(object)->callers);
	list_init(&endpoint_of(object)->served);
	list_init(&endpoint_of(object)->receivers);
	return PURLIN_OK;
}
