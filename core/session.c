/* SPDX-License-Identifier: MIT */
/* Opening and closing sessions. */
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "purlin/calls.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"

#define LABEL_WORD (PARENT_SERVICE_BYTES / 8)
#define ARGUMENT_WORD (LABEL_WORD + PARENT_LABEL_BYTES / 8)

struct session *sessions;
static purlin_u64 next_badge = SERVER_PARENT_BADGE + 1;

static bool service_of_name(const char *name, enum service *service)
{
	static const char names[SERVICES][PARENT_SERVICE_BYTES] = {
		[SERVICE_LOG] = "LOG",	     [SERVICE_ROM] = "ROM",	    [SERVICE_RAM] = "RAM",
		[SERVICE_IO_MEM] = "IO_MEM", [SERVICE_IO_PORT] = "IO_PORT", [SERVICE_IRQ] = "IRQ",
		[SERVICE_TIMER] = "Timer",
	};

	for (unsigned int i = 0; i < SERVICES; i++) {
		if (strcmp(names[i], name))
			continue;
		*service = (enum service)i;
		return true;
	}
	return false;
}

/* What the system description grants, for the services that give out hardware. */
static purlin_s64 take_grants(struct session *session, const purlin_u64 *argument)
{
	if (argument[1] > CORE_GRANT_RANGES)
		return PURLIN_BAD_ARGUMENT;
	session->grant_all = argument[0] & CORE_GRANT_ALL;
	session->range_count = (unsigned int)argument[1];
	session->processors = argument[2];
	for (unsigned int i = 0; i < session->range_count; i++) {
		session->ranges[i].first = argument[3 + 2 * i];
		session->ranges[i].count = argument[4 + 2 * i];
	}
	return PURLIN_OK;
}

static purlin_s64 prepare(struct session *session, struct request *request)
{
	switch (session->service) {
	case SERVICE_IO_MEM:
	case SERVICE_IO_PORT:
	case SERVICE_IRQ:
		return take_grants(session, &request->word[ARGUMENT_WORD]);
	case SERVICE_RAM:
		return ram_open(session, request);
	default:
		return PURLIN_OK;
	}
}

static void destroy(struct session *session)
{
	claim_release_all(session);
	log_close(session);
	timer_close(session);
	ram_close(session);
	slot_delete(session->endpoint);
	free(session);
}

purlin_s64 session_create(purlin_u64 endpoint, struct request *request)
{
	char name[PARENT_SERVICE_BYTES + 1];
	struct session *session;
	enum service service;
	purlin_s64 status;

	words_get_text(name, request->word, PARENT_SERVICE_BYTES);
	if (!service_of_name(name, &service))
		return PURLIN_NO_DEVICE;
	session = calloc(1, sizeof(*session));
	if (!session)
		return PURLIN_NO_MEMORY;
	session->service = service;
	session->badge = next_badge++;
	words_get_text(session->label, &request->word[LABEL_WORD], PARENT_LABEL_BYTES);
	status = prepare(session, request);
	if (!status)
		status = server_badge(endpoint, session->badge, &session->endpoint);
	if (status) {
		destroy(session);
		return status;
	}
	session->next = sessions;
	sessions = session;
	request->reply[0] = session->badge;
	request->reply_words = 1;
	request_reply_cap(request, session->endpoint, false);
	return PURLIN_OK;
}

struct session *session_find(purlin_u64 badge)
{
	struct session *session = sessions;

	while (session && session->badge != badge)
		session = session->next;
	return session;
}

purlin_s64 session_close(purlin_u64 badge)
{
	struct session **link = &sessions;
	struct session *session;

	while (*link && (*link)->badge != badge)
		link = &(*link)->next;
	session = *link;
	if (!session)
		return PURLIN_BAD_ARGUMENT;
	*link = session->next;
	destroy(session);
	return PURLIN_OK;
}
