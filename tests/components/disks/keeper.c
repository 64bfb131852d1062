/* SPDX-License-Identifier: MIT */
/* Keeps the contents of a disk, so that the server of the disk can end. */
#include "keeper.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/parent.h"

static purlin_u64 endpoint, memory;

static purlin_s64 give(struct request *request, purlin_s64 status, purlin_u64 slot)
{
	if (!status)
		request_reply_cap(request, slot, true);
	return status;
}

static purlin_s64 handle(void *context, struct request *request)
{
	purlin_u64 copy = 0;
	purlin_s64 status;

	(void)context;
	if (request->badge != SERVER_PARENT_BADGE) {
		status = slot_copy(memory, PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE, 0, &copy);
		return give(request, status, copy);
	}
	if (request->operation != SERVER_OPEN)
		return PURLIN_OK;
	status = server_badge(endpoint, SERVER_PARENT_BADGE + 1, &copy);
	request_reply_word(request, SERVER_PARENT_BADGE + 1);
	return give(request, status, copy);
}

int component_main(purlin_u64 argument)
{
	struct server server = { .handle = handle };

	(void)argument;
	if (memory_new(PURLIN_SLOT_ACCOUNT, KEEPER_PAGES, 0, &memory) ||
	    server_announce("Keeper", &endpoint))
		return 1;
	server.endpoint = endpoint;
	server_loop(&server);
	return 1;
}
