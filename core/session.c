/* SPDX-License-Identifier: MIT */
/* The list of open sessions. */
#include "session.h"

struct session *sessions;

/* The link that points to the session, or the one at the end of the list. */
static struct session **link_of(purlin_u64 badge)
{
	struct session **link = &sessions;

	while (*link && (*link)->badge != badge)
		link = &(*link)->next;
	return link;
}

struct session *session_find(purlin_u64 badge)
{
	return *link_of(badge);
}

void session_add(struct session *session)
{
	session->next = sessions;
	sessions = session;
}

struct session *session_remove(purlin_u64 badge)
{
	struct session **link = link_of(badge);
	struct session *session = *link;

	if (session)
		*link = session->next;
	return session;
}
