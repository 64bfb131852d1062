/* SPDX-License-Identifier: MIT */
/* A server that opens one session and hears nothing afterwards, not even that it is to be closed.
 */
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/message.h"
#include "runtime/component.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/thread.h"

#define BADGE 2

int component_main(purlin_u64 argument)
{
	purlin_u64 endpoint = slot_reserve(), silence = slot_reserve(), session, info, badge;

	(void)argument;
	if (purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, endpoint) ||
	    purlin_signal_create(PURLIN_SLOT_ACCOUNT, silence) ||
	    server_badge(endpoint, BADGE, &session) || session_announce("Deaf", endpoint) ||
	    purlin_endpoint_receive(endpoint, &info, &badge))
		return 1;
	message()->word[0] = BADGE;
	message()->send_slot[0] = (purlin_u32)session;
	(void)purlin_endpoint_reply_receive(endpoint, PURLIN_INFO(0, 1, 1), &info, &badge);
	for (;;)
		(void)purlin_signal_wait(silence, &info);
}
