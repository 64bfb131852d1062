/* SPDX-License-Identifier: MIT */
/* Outlives more servers than it may have sessions open: those of dead servers do not count. */
#include "../check.h"
#include "../echo.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"

#define SERVERS 40
#define MOST_SESSIONS 32 /* init/state.h */

static unsigned int open_sessions(purlin_u64 *session)
{
	unsigned int count = 0;

	while (count < SERVERS && !session_open("Echo", "", &session[count]))
		count++;
	return count;
}

int component_main(purlin_u64 argument)
{
	purlin_u64 session[SERVERS];
	unsigned int outlived = 0, opened;

	(void)argument;
	while (outlived < SERVERS && !session_open("Echo", "", session) &&
	       rpc(*session, ECHO_CRASH, 0) == PURLIN_DEAD) {
		slot_delete(*session);
		outlived++;
	}
	check_equal("servers outlived", outlived, SERVERS);
	opened = open_sessions(session);
	check_equal("sessions with the last one", opened, MOST_SESSIONS);
	check_status("one more", session_open("Echo", "", session), PURLIN_NO_MEMORY);
	return check_sum();
}
