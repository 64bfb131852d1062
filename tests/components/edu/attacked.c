/* SPDX-License-Identifier: MIT */
/* The neighbour of a driver that attacks: it looks at its own device when it is asked to. */
#include "../shared-line/line.h"
#include "attack.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "session/parent.h"

#define VALUE 0x600df00du

static struct edu edu;
static purlin_u64 endpoint;

static purlin_s64 open_session(struct request *request)
{
	purlin_u64 slot;
	purlin_s64 status = server_badge(endpoint, SERVER_PARENT_BADGE + 1, &slot);

	if (status)
		return status;
	request_reply_word(request, SERVER_PARENT_BADGE + 1);
	request_reply_cap(request, slot, true);
	return PURLIN_OK;
}

/* Its device is quiet, so each interrupt is somebody else's doing. */
static purlin_u64 look(void)
{
	purlin_u64 bits = 0, happened = 0;

	if (edu_read(&edu, EDU_INVERSION) != ~VALUE)
		happened |= NEIGHBOUR_REGISTERS;
	if (!purlin_signal_poll(edu.signal, &bits) && bits) {
		happened |= NEIGHBOUR_INTERRUPT;
		(void)purlin_irq_ack(edu.irq);
	}
	return happened;
}

static purlin_s64 handle(void *context, struct request *request)
{
	(void)context;
	if (request->operation == SERVER_OPEN)
		return open_session(request);
	if (request->operation == NEIGHBOUR_LOOK)
		request_reply_word(request, look());
	return PURLIN_OK;
}

int component_main(purlin_u64 argument)
{
	struct server loop = { .handle = handle };

	(void)argument;
	if (!line_start(&edu))
		return 1;
	edu_write(&edu, EDU_INVERSION, VALUE);
	if (server_announce(NEIGHBOUR_SERVICE, &endpoint))
		return 1;
	loop.endpoint = endpoint;
	server_loop(&loop);
	return 1;
}
