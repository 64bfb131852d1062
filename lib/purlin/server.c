/* SPDX-License-Identifier: MIT */
/* The loop of a server. */
#include <string.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/server.h"
#include "runtime/slots.h"
#include "runtime/thread.h"

/*
 * Name empty slots for what the next request brings. Slots that the last request left empty are
 * used again. When the table is full, 0 is named, and such a capability does not arrive.
 */
static void offer_slots(struct request *request)
{
	for (unsigned int i = 0; i < PURLIN_MESSAGE_CAPS; i++) {
		if (!request->cap[i])
			request->cap[i] = slot_reserve();
		message()->receive_slot[i] = (purlin_u32)request->cap[i];
	}
}

/* Empty the slots of received capabilities that the handler did not keep. */
static void drop_received(struct request *request)
{
	for (unsigned int i = 0; i < request->caps; i++) {
		if (request->cap[i])
			purlin_cap_delete(PURLIN_SLOT_PD, request->cap[i]);
	}
	request->caps = 0;
}

/* As offered, but nothing came. */
static void withdraw_slots(struct request *request)
{
	for (unsigned int i = 0; i < PURLIN_MESSAGE_CAPS; i++)
		slot_release(request->cap[i]);
}

/*
 * Delete capabilities that were made for the reply. This has to wait until the reply is out, which
 * reply_receive shows only by returning with the next request.
 */
static void drop_temporary(struct request *request)
{
	for (unsigned int i = 0; i < request->reply_caps; i++) {
		if (request->reply_cap[i].temporary)
			slot_delete(request->reply_cap[i].slot);
	}
	request->reply_caps = 0;
	request->reply_words = 0;
}

/*
 * Copy the request out of the message buffer, which the handler's own calls overwrite. Words that
 * were not sent become 0, so that a handler never sees what an earlier client sent.
 */
static void take_request(struct request *request, purlin_u64 info, purlin_u64 badge)
{
	const struct purlin_message *buffer = message();
	size_t bytes;

	request->badge = badge;
	request->operation = PURLIN_INFO_LABEL(info);
	request->words = PURLIN_INFO_WORDS(info);
	request->caps = PURLIN_INFO_CAPS(info);
	/*
	 * The kernel sends no more; but a handler indexes by these, so they are limited here,
	 * too.
	 */
	if (request->words > PURLIN_MESSAGE_WORDS)
		request->words = PURLIN_MESSAGE_WORDS;
	if (request->caps > PURLIN_MESSAGE_CAPS)
		request->caps = PURLIN_MESSAGE_CAPS;
	bytes = request->words * sizeof(request->word[0]);
	memcpy(request->word, buffer->word, bytes);
	memset(&request->word[request->words], 0, sizeof(request->word) - bytes);
}

/* Fill the message buffer with the reply; returns its info word. */
static purlin_u64 put_reply(struct request *request, purlin_s64 status)
{
	struct purlin_message *buffer = message();

	/* An error carries nothing: what a handler has put together before stays here. */
	if (status)
		return PURLIN_INFO(status, 0, 0);
	memcpy(buffer->word, request->reply, request->reply_words * sizeof(request->reply[0]));
	for (unsigned int i = 0; i < request->reply_caps; i++)
		buffer->send_slot[i] = (purlin_u32)request->reply_cap[i].slot;
	return PURLIN_INFO(0, request->reply_words, request->reply_caps);
}

void request_reply_cap(struct request *request, purlin_u64 slot, bool temporary)
{
	request->reply_cap[request->reply_caps].slot = slot;
	request->reply_cap[request->reply_caps].temporary = temporary;
	request->reply_caps++;
}

purlin_s64 request_signal_check(const struct request *request)
{
	purlin_u64 type = 0, rights = 0, badge = 0;

	if (!request->caps || purlin_cap_info(request->cap[0], &type, &rights, &badge) ||
	    type != PURLIN_TYPE_SIGNAL)
		return PURLIN_BAD_CAPABILITY;
	return rights & PURLIN_RIGHT_WRITE ? PURLIN_OK : PURLIN_NO_RIGHT;
}

void server_loop(const struct server *server)
{
	struct request request = { 0 };
	purlin_u64 info = 0, badge = 0, answer = 0;
	purlin_s64 status;

	if (server->slots)
		memcpy(request.cap, server->slots, sizeof(request.cap));
	offer_slots(&request);
	status = purlin_endpoint_receive(server->endpoint, &info, &badge);
	for (;;) {
		drop_temporary(&request);
		if (status == PURLIN_SIGNALLED) { /* no request: `badge` holds the bits */
			if (server->signalled)
				server->signalled(server->context, badge);
			offer_slots(&request);
			status = purlin_endpoint_receive(server->endpoint, &info, &badge);
			continue;
		}
		if (status)
			break;
		take_request(&request, info, badge);
		answer = put_reply(&request, server->handle(server->context, &request));
		/* Now, since the next request may come with the reply, and bring more. */
		drop_received(&request);
		offer_slots(&request);
		status = purlin_endpoint_reply_receive(server->endpoint, answer, &info, &badge);
	}
	withdraw_slots(&request);
}

purlin_s64 server_badge(purlin_u64 endpoint, purlin_u64 badge, purlin_u64 *slot)
{
	return slot_copy(endpoint, PURLIN_RIGHT_WRITE, badge, slot);
}
