/* SPDX-License-Identifier: MIT */
/* Tells whether a component that dies again and again leaves anything behind. */
#include <stdio.h>

#include "../check.h"
#include "keeper.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/parent.h"

/* By then each way to die was gone once, and heaps and tables of the servers have grown. */
#define FIRST_LIFE 7

static purlin_u64 endpoint, free_pages[KEEPER_LIVES];
static unsigned int lives;

static purlin_s64 open(struct request *request)
{
	static purlin_u64 next_badge = SERVER_PARENT_BADGE + 1;
	purlin_u64 session;
	purlin_s64 status = server_badge(endpoint, next_badge, &session);

	if (status)
		return status;
	request_reply_word(request, next_badge++);
	request_reply_cap(request, session, true);
	return PURLIN_OK;
}

static void tell(void)
{
	for (unsigned int i = FIRST_LIFE + 1; i < KEEPER_LIVES; i++)
		check_equal("pages free at another life", free_pages[i], free_pages[FIRST_LIFE]);
	check_sum();
}

static purlin_s64 born(struct request *request)
{
	request_reply_word(request, lives);
	if (lives == KEEPER_LIVES)
		return PURLIN_OK;
	(void)purlin_trace_counter(PURLIN_SLOT_LOG, PURLIN_COUNTER_FREE_PAGES, &free_pages[lives]);
	if (++lives == KEEPER_LIVES)
		tell();
	return PURLIN_OK;
}

static purlin_s64 handle(void *context, struct request *request)
{
	(void)context;
	if (request->badge == SERVER_PARENT_BADGE)
		return request->operation == SERVER_OPEN  ? open(request) :
		       request->operation == SERVER_CLOSE ? PURLIN_OK :
							    PURLIN_BAD_CALL;
	return request->operation == KEEPER_BORN ? born(request) : PURLIN_BAD_CALL;
}

int component_main(purlin_u64 argument)
{
	struct server server = { .handle = handle };

	(void)argument;
	if (server_announce("Keeper", &endpoint))
		return 1;
	server.endpoint = endpoint;
	server_loop(&server);
	return 1;
}
