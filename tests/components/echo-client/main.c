/* SPDX-License-Identifier: MIT */
/* Sees its server die, opens a new session, and goes on. */
#include "../check.h"
#include "../echo.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"

static void use(purlin_u64 session)
{
	message()->word[0] = 1;
	check_status("request", rpc(session, ECHO_NEXT, 1), PURLIN_OK);
	check_equal("reply", message()->word[0], 2);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 session;

	(void)argument;
	check_status("open", session_open("Echo", "", &session), PURLIN_OK);
	use(session);
	check_status("the server dies in the call", rpc(session, ECHO_CRASH, 0), PURLIN_DEAD);
	check_status("the session is gone", rpc(session, ECHO_NEXT, 1), PURLIN_DEAD);
	slot_delete(session);
	check_status("open at the new server", session_open("Echo", "", &session), PURLIN_OK);
	use(session);
	check_status("the server dies again", rpc(session, ECHO_CRASH, 0), PURLIN_DEAD);
	slot_delete(session);
	check_status("it is not started a third time", session_open("Echo", "", &session),
		     PURLIN_DEAD);
	return check_sum();
}
