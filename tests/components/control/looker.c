/* SPDX-License-Identifier: MIT */
/* The least urgent of all asks for control of others without end: see urgent.c. */
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/control.h"

int component_main(purlin_u64 argument)
{
	purlin_u64 control, signal = slot_reserve();

	(void)argument;
	if (session_open("Control", "", &control) ||
	    purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal))
		component_panic("no control");
	for (;;)
		if (rpc_send(control, CONTROL_WATCH, 0, signal))
			component_panic("no watch");
}
