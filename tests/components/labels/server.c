/* SPDX-License-Identifier: MIT */
/* A server that tells what init told it, and writes a line when it is to finish its output. */
#include <stdio.h>
#include <string.h>

#include "labels.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "runtime/slots.h"

#define SESSIONS 16

static struct opened {
	purlin_u64 words[PURLIN_MESSAGE_WORDS];
	unsigned int count;
} sessions[SESSIONS];
static unsigned int opened;
static purlin_u64 endpoint, last_closed;

static purlin_s64 open(struct request *request)
{
	const char *label = strrchr((const char *)request->word, '/');
	struct opened *session = &sessions[opened % SESSIONS];
	purlin_u64 slot, badge = SERVER_PARENT_BADGE + 1 + opened;

	if (label && !strcmp(label + 1, LABEL_REFUSED))
		return PURLIN_OVERLAP;
	if (label && !strcmp(label + 1, LABEL_EMPTY))
		return PURLIN_OK;
	if (server_badge(endpoint, badge, &slot))
		return PURLIN_NO_MEMORY;
	memcpy(session->words, request->word, sizeof(session->words));
	session->count = request->words;
	opened++;
	request_reply_word(request, badge);
	request_reply_cap(request, slot, true);
	return PURLIN_OK;
}

static purlin_s64 parent_request(struct request *request)
{
	switch (request->operation) {
	case SERVER_OPEN:
		return open(request);
	case SERVER_CLOSE:
		last_closed = request->word[0];
		return PURLIN_OK;
	case SERVER_FLUSH:
		printf("finished before the end\n");
		return PURLIN_OK;
	default:
		return PURLIN_BAD_CALL;
	}
}

static purlin_s64 handle(void *context, struct request *request)
{
	const struct opened *session;

	(void)context;
	if (request->badge == SERVER_PARENT_BADGE)
		return parent_request(request);
	session = &sessions[(request->badge - SERVER_PARENT_BADGE - 1) % SESSIONS];
	if (request->operation == LABEL_WORDS) {
		memcpy(request->reply, session->words, sizeof(session->words));
		request->reply_words = session->count;
		return PURLIN_OK;
	}
	if (request->operation != LABEL_CLOSED)
		return PURLIN_BAD_CALL;
	request_reply_word(request, request->badge);
	request_reply_word(request, last_closed);
	return PURLIN_OK;
}

int component_main(purlin_u64 argument)
{
	struct server server = { .handle = handle };

	(void)argument;
	endpoint = slot_reserve();
	server.endpoint = endpoint;
	if (purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, endpoint) ||
	    session_announce("Label", endpoint) ||
	    session_announce("Label", endpoint) != PURLIN_BUSY)
		return 1;
	printf("announced once\n");
	server_loop(&server);
	return 1;
}
