/* SPDX-License-Identifier: MIT */
/* A server that answers nothing and computes for ever, in the time of whoever asks it. */
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/session.h"
#include "runtime/slots.h"

int component_main(purlin_u64 argument)
{
	purlin_u64 endpoint = slot_reserve(), info, badge;

	(void)argument;
	if (purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, endpoint) ||
	    session_announce("Greed", endpoint))
		return 1;
	(void)purlin_endpoint_receive(endpoint, &info, &badge);
	for (;;)
		__asm__ volatile("pause");
}
