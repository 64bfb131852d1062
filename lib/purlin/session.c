/* SPDX-License-Identifier: MIT */
/* Sessions through the parent. */
#include "runtime/rpc.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/parent.h"

#define SERVICE_WORDS (PARENT_SERVICE_BYTES / 8)
#define LABEL_WORDS (PARENT_LABEL_BYTES / 8)

purlin_s64 session_open(const char *service, const char *label, purlin_u64 *session)
{
	message_put_text(0, PARENT_SERVICE_BYTES, service);
	message_put_text(SERVICE_WORDS, PARENT_LABEL_BYTES, label);
	return rpc_receive(PURLIN_SLOT_PARENT, PARENT_OPEN, SERVICE_WORDS + LABEL_WORDS, session);
}

/*
 * The parent gets a capability with a badge of its own, so that the server can tell its requests
 * (open, close) from those of sessions.
 */
purlin_s64 session_announce(const char *service, purlin_u64 endpoint)
{
	purlin_u64 copy;
	purlin_s64 status = server_badge(endpoint, SERVER_PARENT_BADGE, &copy);

	if (status)
		return status;
	message_put_text(0, PARENT_SERVICE_BYTES, service);
	status = rpc_send(PURLIN_SLOT_PARENT, PARENT_ANNOUNCE, SERVICE_WORDS, copy);
	slot_delete(copy);
	return status;
}
