/* SPDX-License-Identifier: MIT */
/* A server with any number of clients that crashes when one says so. */
#include "../echo.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/parent.h"

static purlin_u64 endpoint;
static volatile purlin_s64 *volatile nowhere = (purlin_s64 *)0x10;

static purlin_s64 open(struct request *request)
{
	static purlin_u64 next_badge = SERVER_PARENT_BADGE + 1;
	purlin_u64 session;
	purlin_s64 status = server_badge(endpoint, next_badge, &session);

	if (status)
		return status;
	request->reply[0] = next_badge++;
	request->reply_words = 1;
	request_reply_cap(request, session, true);
	return PURLIN_OK;
}

static purlin_s64 handle(void *context, struct request *request)
{
	(void)context;
	if (request->badge == SERVER_PARENT_BADGE)
		return request->operation == SERVER_OPEN ? open(request) : PURLIN_BAD_CALL;
	switch (request->operation) {
	case ECHO_NEXT:
		request->reply[0] = request->word[0] + 1;
		request->reply_words = 1;
		return PURLIN_OK;
	case ECHO_CRASH:
		return *nowhere;
	default:
		return PURLIN_BAD_CALL;
	}
}

int component_main(purlin_u64 argument)
{
	struct server server = { .handle = handle };

	(void)argument;
	if (server_announce("Echo", &endpoint))
		return 1;
	server.endpoint = endpoint;
	server_loop(&server);
	return 1;
}
