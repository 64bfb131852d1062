/* SPDX-License-Identifier: MIT */
/* Closing the sessions of a component that has ended, and keeping those that devices still use. */
#include "ask.h"
#include "core_sessions.h"
#include "route.h"
#include "session_table.h"

/*
 * Devices go on when the component ends that decides what they do. Until its successor has silenced
 * them they write to memory, and send messages, that nobody else must get.
 */
static bool used_by_devices(const struct component *component, const struct question *session)
{
	const struct description_service *service = description_service(session->service);

	return component->description->hardware && session->server == DESCRIPTION_CORE && service &&
	       (service->grants == GRANTS_HARDWARE || service->grants == GRANTS_IRQS);
}

static void close_session(struct component *component, struct question *session)
{
	if (used_by_devices(component, session)) {
		session->next = component->held;
		component->held = session;
	} else if (session->server != DESCRIPTION_CORE) {
		question_close(session);
	} else {
		core_close(session->badge);
		question_free(session);
	}
}

/* Latest first, since a session may depend on an earlier one. */
void route_close_all(struct component *component)
{
	while (component->sessions) {
		struct question *session = component->sessions;

		component->sessions = session->next;
		route_count(component, session, -1);
		session_table_remove(component, session);
		close_session(component, session);
	}
}

void route_close_held(struct component *component)
{
	while (component->held) {
		struct question *session = component->held;

		component->held = session->next;
		core_close(session->badge);
		question_free(session);
	}
}
