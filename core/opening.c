/* SPDX-License-Identifier: MIT */
/* Opening and closing sessions, as init asks for it. */
#include "opening.h"

#include <stdlib.h>
#include <string.h>

#include "claims.h"
#include "purlin/calls.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "service.h"
#include "session.h"

#define LABEL_WORD (PARENT_SERVICE_BYTES / 8)
#define ARGUMENT_WORD (LABEL_WORD + PARENT_LABEL_BYTES / 8)

/* Never used twice: a capability that outlives its session must not reach another's. */
static purlin_u64 next_badge = SERVER_PARENT_BADGE + 1;

/* This also serves for a session that was not opened completely: what it lacks is 0. */
static void destroy(struct session *session)
{
	claim_release_all(session);
	if (session->service->close)
		session->service->close(session);
	slot_delete(session->endpoint);
	free(session);
}

/* On failure the caller destroys the session, whichever part of it is there. */
static purlin_s64 prepare(struct session *session, purlin_u64 endpoint, struct request *request)
{
	purlin_s64 status = PURLIN_OK;

	if (session->service->open)
		status = session->service->open(session, request, &request->word[ARGUMENT_WORD]);
	if (!status)
		status = server_badge(endpoint, session->badge, &session->endpoint);
	return status;
}

purlin_s64 session_create(purlin_u64 endpoint, struct request *request)
{
	char name[PARENT_SERVICE_BYTES + 1];
	struct session *session;
	const struct service *service;
	purlin_s64 status;

	words_get_text(name, request->word, PARENT_SERVICE_BYTES);
	service = service_find(name);
	if (!service)
		return PURLIN_NO_DEVICE;
	session = calloc(1, sizeof(*session));
	if (!session)
		return PURLIN_NO_MEMORY;
	session->service = service;
	session->badge = next_badge++;
	words_get_text(session->label, &request->word[LABEL_WORD], PARENT_LABEL_BYTES);
	/* Listed only when it is complete: a request must not find half a session. */
	status = prepare(session, endpoint, request);
	if (status) {
		destroy(session);
		return status;
	}
	session_add(session);
	request->reply[0] = session->badge;
	request->reply_words = 1;
	request_reply_cap(request, session->endpoint, false);
	return PURLIN_OK;
}

purlin_s64 session_close(purlin_u64 badge)
{
	struct session *session = session_remove(badge);

	if (!session)
		return PURLIN_BAD_ARGUMENT;
	destroy(session);
	return PURLIN_OK;
}
