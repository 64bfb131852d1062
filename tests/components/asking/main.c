/* SPDX-License-Identifier: MIT */
/* Opens a session with a server that takes all the time it can get. */
#include <stdio.h>

#include "runtime/component.h"
#include "runtime/session.h"
#include "runtime/status.h"

int component_main(purlin_u64 argument)
{
	purlin_u64 session;

	(void)argument;
	printf("asks\n");
	printf("answer: %s\n", status_text(session_open("Greed", "", &session)));
	return 0;
}
