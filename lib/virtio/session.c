/* SPDX-License-Identifier: MIT */
/* The messages of a device session, at the server's end. */
#include <string.h>

#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/slots.h"
#include "runtime/virtio_session.h"

static purlin_s64 info(const struct virtio_session *session, struct request *request)
{
	const unsigned int fixed = 5 + VIRTIO_IDENTITY_BYTES / 8;

	request->reply[0] = session->kind->type;
	request->reply[1] = session->kind->features;
	request->reply[2] = session->kind->queues;
	request->reply[3] = session->kind->queue_size;
	request->reply[4] = session->config_bytes;
	/* The rest of the last word would be what an earlier reply had there, to somebody else. */
	memset(&request->reply[fixed], 0, VIRTIO_CONFIG_BYTES);
	memcpy(&request->reply[5], session->identity, VIRTIO_IDENTITY_BYTES);
	memcpy(&request->reply[fixed], session->config, session->config_bytes);
	request->reply_words = fixed + (unsigned int)(session->config_bytes + 7) / 8;
	return PURLIN_OK;
}

/* By what the kernel says of the capability: the client's own words about it count for nothing. */
purlin_s64 virtio_session_check_memory(const struct request *request)
{
	purlin_u64 type = 0, rights = 0, badge = 0;

	if (!request->caps || purlin_cap_info(request->cap[0], &type, &rights, &badge) ||
	    type != PURLIN_TYPE_MEMORY)
		return PURLIN_BAD_CAPABILITY;
	return rights & PURLIN_RIGHT_READ && rights & PURLIN_RIGHT_WRITE ? PURLIN_OK :
									   PURLIN_NO_RIGHT;
}

static purlin_s64 memory_check(const struct request *request, purlin_u64 pages)
{
	purlin_u64 there = 0, address;
	purlin_s64 status =
		request->caps < 2 ? PURLIN_BAD_CAPABILITY : virtio_session_check_memory(request);

	if (status)
		return status;
	if (purlin_memory_info(request->cap[0], &there, &address) || pages > there)
		return PURLIN_BAD_ARGUMENT;
	return pages <= VIRTIO_SESSION_PAGES ? PURLIN_OK : PURLIN_NO_MEMORY;
}

static purlin_s64 signal_check(const struct request *request)
{
	purlin_u64 type = 0, rights = 0, badge = 0;

	if (purlin_cap_info(request->cap[1], &type, &rights, &badge) || type != PURLIN_TYPE_SIGNAL)
		return PURLIN_BAD_CAPABILITY;
	return rights & PURLIN_RIGHT_WRITE ? PURLIN_OK : PURLIN_NO_RIGHT;
}

purlin_s64 virtio_session_check(const struct request *request)
{
	purlin_s64 status = memory_check(request, request->word[2]);

	if (!status)
		status = signal_check(request);
	return status || request->word[2] ? status : PURLIN_BAD_ARGUMENT;
}

/* The rest of a start: with the memory mapped. */
static purlin_s64 start_mapped(struct virtio_session *session, struct request *request,
			       void *mapped)
{
	purlin_u64 signal;
	purlin_s64 status = slot_copy(session->signal, PURLIN_RIGHT_WRITE, session->bit, &signal);

	if (status)
		return status;
	status = virtio_server_start(&session->server, session->kind, mapped, request->word[2],
				     request->word[0], request->word[1]);
	if (status) {
		slot_delete(signal);
		return status;
	}
	virtio_server_config(&session->server, session->config, session->config_bytes);
	/* Only now does the session keep what came with the request; on an error above, all of it
	 * is dropped. */
	session->mapped = mapped;
	session->client_memory = request->cap[0];
	session->client_signal = request->cap[1];
	request->cap[0] = request->cap[1] = 0;
	request_reply_cap(request, signal, true);
	/* Requests may wait already: of an earlier life, or put there before the start. */
	purlin_signal_notify(session->signal, session->bit);
	return PURLIN_OK;
}

static purlin_s64 start(struct virtio_session *session, struct request *request)
{
	purlin_u64 pages = request->word[2];
	void *mapped;
	purlin_s64 status;

	/*
	 * A session starts once: with other memory, requests in the first would never be answered.
	 */
	if (session->mapped)
		return PURLIN_BUSY;
	status = virtio_session_check(request);
	/* The mapping outlives the memory: the client may destroy that at any moment, and the
	 * server must not fault. */
	if (!status)
		status = memory_map(request->cap[0], 0, pages,
				    PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_KEPT, &mapped);
	if (status)
		return status;
	status = start_mapped(session, request, mapped);
	if (status)
		memory_unmap(mapped);
	return status;
}

purlin_s64 virtio_session_request(struct virtio_session *session, struct request *request)
{
	switch (request->operation) {
	case VIRTIO_INFO:
		return info(session, request);
	case VIRTIO_START:
		return start(session, request);
	default:
		return PURLIN_BAD_CALL;
	}
}

void virtio_session_notify(const struct virtio_session *session)
{
	purlin_signal_notify(session->client_signal, ~0ull);
}

void virtio_session_end(struct virtio_session *session)
{
	if (!session->mapped)
		return;
	memory_unmap(session->mapped);
	slot_delete(session->client_memory);
	slot_delete(session->client_signal);
	session->mapped = NULL;
}
