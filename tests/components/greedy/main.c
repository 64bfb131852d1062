/* SPDX-License-Identifier: MIT */
/*
 * A server that computes for ever, in the time of whoever asks it. The first word that it is to
 * serve says when: as it is asked to open a session, as it is asked to close it, or when it has
 * asked another server itself.
 */
#include <string.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/message.h"
#include "runtime/component.h"
#include "runtime/server.h"
#include "runtime/serves.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/thread.h"

#define BADGE 2

/* With one session for whoever asks first, until the next request. */
static void open_one(purlin_u64 endpoint)
{
	purlin_u64 session, info, badge;

	if (server_badge(endpoint, BADGE, &session))
		component_panic("greedy: no session");
	message()->word[0] = BADGE;
	message()->send_slot[0] = (purlin_u32)session;
	(void)purlin_endpoint_reply_receive(endpoint, PURLIN_INFO(0, 1, 1), &info, &badge);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 endpoint = slot_reserve(), info, badge, session;
	char when[PARENT_SERVES_BYTES];

	(void)argument;
	if (serves_read(0, when) || purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, endpoint) ||
	    session_announce("Greed", endpoint))
		return 1;
	(void)purlin_endpoint_receive(endpoint, &info, &badge);
	if (!strcmp(when, "close"))
		open_one(endpoint);
	else if (!strcmp(when, "asked"))
		(void)session_open("Greed", "", &session);
	for (;;)
		__asm__ volatile("pause");
}
