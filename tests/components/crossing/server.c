/* SPDX-License-Identifier: MIT */
/* Fills its registers before each reply, and says with it which of them it did not find again. */
#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/message.h"
#include "runtime/component.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
#include "state.h"

#define NUMBER 1
#define BADGE (SERVER_PARENT_BADGE + 1)

/* Fill, reply, wait, look: a bit for each register that is not as it was. */
static purlin_u32 reply_and_look(purlin_u64 endpoint, purlin_u64 *info, purlin_u64 *badge)
{
	const struct state own = state_of(NUMBER);
	struct state seen;

	state_fill(NUMBER);
	if (purlin_endpoint_reply_receive(endpoint, *info, info, badge))
		component_exit(0, 1);
	state_look(&seen);
	return state_differs(&seen, &own);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 endpoint = slot_reserve(), session, info, badge;
	struct state seen;
	purlin_u32 wrong;

	(void)argument;
	state_look(&seen);
	wrong = state_differs(&seen, &state_initial);
	if (purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, endpoint) ||
	    server_badge(endpoint, BADGE, &session) || session_announce("Crossing", endpoint) ||
	    purlin_endpoint_receive(endpoint, &info, &badge))
		return 1;
	for (;;) {
		bool opens = badge == SERVER_PARENT_BADGE;

		message()->word[0] = BADGE;
		message()->send_slot[0] = (purlin_u32)session;
		info = opens ? PURLIN_INFO(0, 1, 1) : PURLIN_INFO(wrong, 0, 0);
		if (!opens)
			wrong = 0;
		wrong |= reply_and_look(endpoint, &info, &badge);
	}
}
