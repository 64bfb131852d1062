/* SPDX-License-Identifier: MIT */
/* Waits for a server that never announces itself; or, without a route, for nothing at all. */
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/session.h"
#include "runtime/slots.h"

int component_main(purlin_u64 argument)
{
	purlin_u64 session, signal = slot_reserve(), bits;

	(void)argument;
	if (!session_open("Never", "", &session) ||
	    purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal))
		return 1;
	for (;;)
		(void)purlin_signal_wait(signal, &bits);
}
