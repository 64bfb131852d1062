/* SPDX-License-Identifier: MIT */
/* A server that announces itself and never answers. */
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/session.h"
#include "runtime/slots.h"

int component_main(purlin_u64 argument)
{
	purlin_u64 endpoint = slot_reserve(), signal = slot_reserve(), bits;

	(void)argument;
	if (purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, endpoint) ||
	    purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal) || session_announce("Mute", endpoint))
		return 1;
	(void)purlin_signal_wait(signal, &bits);
	return 1;
}
