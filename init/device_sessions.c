/* SPDX-License-Identifier: MIT */
/*
 * Device sessions of a Linux. init is the client of these (session/virtio.h), since a server that
 * does not answer would stop a guest's processor that asks it. Linux has the memory, which it pays
 * for, and two signals. When a server has ended and is there again, init opens the session again
 * and starts it with the same memory: the new server finds there what its predecessor had not
 * answered.
 */
#include "device_sessions.h"

#include <string.h>

#include "ask.h"
#include "create.h"
#include "purlin/calls.h"
#include "report.h"
#include "route.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"
#include "runtime/status.h"

#define QUEUE_SIZE_MOST 256
#define RING_FEATURES (VIRTIO_FEATURE_INDIRECT | VIRTIO_FEATURE_VERSION_1)
#define IDENTITY_WORD 5

static purlin_u64 least(purlin_u64 a, purlin_u64 b)
{
	return a < b ? a : b;
}

/* A server may say anything. */
static bool offer_sane(const struct device_session *session, const purlin_u64 *word)
{
	const struct description_service *service = session->wanted->service;
	purlin_u64 size = word[3];

	return word[0] == service->type && word[1] & VIRTIO_FEATURE_VERSION_1 && word[2] &&
	       word[2] <= VIRTIO_QUEUES_MAX && size >= 2 && size <= VIRTIO_QUEUE_SIZE_MAX &&
	       !(size & (size - 1));
}

/*
 * Disks only: their requests are ended before their driver lets go of the buffers. A network's
 * buffers to receive go back to Linux while a server may still write to them.
 */
static purlin_u64 lent_feature(const struct component *component,
			       const struct device_session *session)
{
	return component->lent_count && session->wanted->service->type == VIRTIO_TYPE_BLOCK ?
		       VIRTIO_FEATURE_LENT :
		       0;
}

/*
 * Take from the first offer what the guest can use. Later offers must be of the same device, and
 * offer as much.
 */
static purlin_s64 offer_take(const struct component *component, struct device_session *session,
			     const purlin_u64 *word)
{
	const struct description_service *service = session->wanted->service;

	if (!offer_sane(session, word))
		return PURLIN_BAD_ARGUMENT;
	if (session->queue_size)
		return session->queues == word[2] && session->queue_size <= word[3] &&
				       !(session->features & ~word[1]) &&
				       !memcmp(session->identity, &word[IDENTITY_WORD],
					       sizeof(session->identity)) ?
			       PURLIN_OK :
			       PURLIN_NO_DEVICE;
	session->features =
		word[1] & (service->features | RING_FEATURES | lent_feature(component, session));
	session->queues = word[2];
	session->queue_size = least(word[3], QUEUE_SIZE_MOST);
	memcpy(session->identity, &word[IDENTITY_WORD], sizeof(session->identity));
	return PURLIN_OK;
}

/* READ and WRITE: a server that could destroy the memory would take it from the guest. */
static purlin_s64 memory_lendable(purlin_u64 memory, purlin_u64 *slot)
{
	return slot_copy(memory, PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE, 0, slot);
}

static purlin_s64 lend_part(struct component *component, struct device_session *session,
			    purlin_u64 endpoint, const struct lent_part *part)
{
	purlin_u64 *word = message()->word, memory;
	purlin_s64 status = memory_lendable(component->memory[part->piece], &memory);

	if (status)
		return status;
	word[0] = VIRTIO_LENT + part->address;
	word[1] = part->offset;
	word[2] = part->pages;
	status = route_exchange(component, session->wanted->service->name, endpoint, VIRTIO_LEND, 3,
				1, &memory, 0, NULL);
	slot_delete(memory);
	return status;
}

static purlin_s64 lend(struct component *component, struct device_session *session,
		       purlin_u64 endpoint)
{
	purlin_s64 status = PURLIN_OK;

	if (!(session->features & VIRTIO_FEATURE_LENT))
		return PURLIN_OK;
	for (unsigned int i = 0; !status && i < component->lent_count; i++)
		status = lend_part(component, session, endpoint, &component->lent[i]);
	return status;
}

static purlin_s64 start_with(struct component *component, struct device_session *session,
			     purlin_u64 endpoint, purlin_u64 *signal)
{
	const struct description_service *service = session->wanted->service;
	purlin_u64 send[2] = { 0, session->answers };
	purlin_u64 *word = message()->word;
	purlin_s64 status = memory_lendable(session->memory, &send[0]);

	if (status)
		return status;
	word[0] = session->features;
	word[1] = session->queue_size;
	word[2] = service->pages;
	status = route_exchange(component, service->name, endpoint, VIRTIO_START, 3, 2, send, 1,
				signal);
	slot_delete(send[0]);
	return status;
}

/*
 * Replace the server's signal in the guest's slot. Then notify the new server once: the guest may
 * have notified the previous server, or an empty slot in between.
 */
static purlin_s64 signal_pass(struct component *component, struct device_session *session,
			      purlin_u64 signal)
{
	purlin_s64 status;

	(void)purlin_cap_delete(component->pd, session->notify);
	status = component_give(component, session->notify, signal, PURLIN_RIGHT_WRITE, 0);
	purlin_signal_notify(signal, ~0ull);
	/* The guest is notified, too: the previous server may have answered without saying so. */
	purlin_signal_notify(session->answers, ~0ull);
	return status;
}

static purlin_s64 start_at(struct component *component, struct device_session *session,
			   purlin_u64 endpoint)
{
	purlin_u64 signal = 0;
	purlin_s64 status = route_exchange(component, session->wanted->service->name, endpoint,
					   VIRTIO_INFO, 0, 0, NULL, 0, NULL);

	if (!status)
		status = offer_take(component, session, message()->word);
	if (!status)
		status = lend(component, session, endpoint);
	if (!status)
		status = start_with(component, session, endpoint, &signal);
	if (!status)
		status = signal_pass(component, session, signal);
	slot_delete(signal);
	return status;
}

static purlin_s64 session_start(struct component *component, struct device_session *session)
{
	purlin_u64 endpoint;
	purlin_s64 status = route_open(component, session->wanted->service->name,
				       session->wanted->label, NULL, 0, &endpoint);

	if (status)
		return status;
	session->generation = component->sessions->generation;
	status = start_at(component, session, endpoint);
	slot_delete(endpoint);
	return status;
}

purlin_s64 device_session_open(struct component *component, struct device_session *session)
{
	const char *service = session->wanted->service->name;
	enum route_life life = ROUTE_LIFE_AWAITED;
	purlin_s64 status;

	/* If the server ends meanwhile and comes back, try again with its next life. */
	do {
		status = session_start(component, session);
		if (status)
			life = route_life(component, service, &session->generation);
	} while (status && !component->ended &&
		 (life == ROUTE_LIFE_AWAITED || life == ROUTE_LIFE_NEXT));
	return status;
}

/* In place of a server that is gone for good: requests under way end with an error. */
static void session_end(struct component *component, struct device_session *session,
			const char *why)
{
	struct virtio_control *control;
	void *mapped;

	session->over = true;
	report(component, "%s session \"%s\" is over: %s", session->wanted->service->name,
	       session->wanted->label, why);
	if (memory_map(session->memory, 0, 1, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &mapped))
		return;
	control = mapped;
	control->reason = VIRTIO_BROKEN_SERVER;
	__atomic_store_n(&control->state, VIRTIO_STATE_BROKEN, __ATOMIC_RELEASE);
	memory_unmap(mapped);
	purlin_signal_notify(session->answers, ~0ull);
}

/* The server may end once more before it has answered: then try again with its next life. */
static void session_resume(struct component *component, struct device_session *session)
{
	const char *service = session->wanted->service->name;
	purlin_s64 status = PURLIN_OK;

	while (!component->ended && !session->over) {
		enum route_life life = route_life(component, service, &session->generation);

		if (life == ROUTE_LIFE_SAME && status)
			session_end(component, session, status_text(status));
		else if (life == ROUTE_LIFE_NONE)
			session_end(component, session, "its server does not come back");
		if (life != ROUTE_LIFE_NEXT)
			return;
		status = session_start(component, session);
	}
}

void device_sessions_resume(struct component *component)
{
	for (unsigned int i = 0; i < component->device_count; i++)
		session_resume(component, &component->devices[i]);
}

void device_sessions_drop(struct component *component)
{
	while (component->device_count) {
		struct device_session *session = &component->devices[--component->device_count];

		slot_delete(session->memory);
		slot_delete(session->answers);
	}
}
