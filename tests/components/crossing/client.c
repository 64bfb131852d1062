/* SPDX-License-Identifier: MIT */
/*
 * Looks at its registers at its beginning, when others have filled theirs, and after calls that the
 * kernel does the short and the long way, and after giving the processor away.
 */
#include <stdio.h>

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/message.h"
#include "runtime/component.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
#include "session/parent.h"
#include "state.h"

#define NUMBER 2
#define ROUNDS 50

static void tell(const char *when, purlin_u32 wrong)
{
	for (unsigned int i = 0; i < STATE_FIELDS; i++)
		if (wrong >> i & 1)
			printf("FAILED %s: %s\n", when, state_fields[i]);
	check_equal(when, wrong, 0);
}

static void calls(const char *when, const char *at_server, purlin_u64 session, purlin_u64 info)
{
	const struct state own = state_of(NUMBER);
	purlin_u32 wrong = 0, wrong_there = 0;
	struct state seen;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		purlin_u64 answer = 0;

		message()->send_slot[0] = PURLIN_SLOT_PD;
		message()->receive_slot[0] = 0;
		state_fill(NUMBER);
		(void)purlin_endpoint_call(session, info, &answer);
		state_look(&seen);
		wrong |= state_differs(&seen, &own);
		wrong_there |= (purlin_u32)PURLIN_INFO_LABEL(answer);
	}
	tell(when, wrong);
	tell(at_server, wrong_there);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 session;
	struct state seen;

	(void)argument;
	state_look(&seen);
	tell("registers at the beginning", state_differs(&seen, &state_initial));
	if (!check_status("open", session_open("Crossing", "", &session), PURLIN_OK))
		return 1;
	calls("after a call", "at the server", session, PURLIN_INFO(1, 0, 0));
	calls("after a call with a capability", "at the server then", session,
	      PURLIN_INFO(1, 0, 1));
	check_sum();
	state_fill(NUMBER);
	component_exit(PARENT_EXIT_RESTART, 0);
}
