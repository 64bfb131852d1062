/* SPDX-License-Identifier: MIT */
/*
 * Lives of servers: which one a session belongs to, whether it goes on, and what its end means for
 * the clients.
 */
#include "route.h"

#include "ask.h"
#include "report.h"
#include "session_table.h"
#include "wait.h"
#include "purlin/calls.h"

/*
 * There is somebody to ask. Its supervisor may hear of its end later than its clients; until it has
 * withdrawn what was announced, `pd` is there. State lock held; the message buffer is overwritten.
 */
static bool serves(const struct component *server, const char *service)
{
	return announced_endpoint(server, service) && !has_ended(server);
}

purlin_s64 route_await_server(struct component *component, int server, const char *service)
{
	enum component_state state;
	bool there;

	for (;;) {
		lock_acquire(&state_lock);
		there = serves(&components[server], service);
		state = components[server].state;
		lock_release(&state_lock);
		if (there)
			return PURLIN_OK;
		if (state == COMPONENT_ENDED || component_wait(component, ~0ull))
			return PURLIN_DEAD;
	}
}

static bool server_gone(const struct question *session)
{
	bool gone;

	if (session->server == DESCRIPTION_CORE)
		return false;
	lock_acquire(&state_lock);
	gone = session->generation != components[session->server].generation;
	lock_release(&state_lock);
	return gone;
}

/* Its server has been started again since, or never will be. */
static bool session_over(const struct question *session)
{
	bool over;

	if (session->server == DESCRIPTION_CORE)
		return false;
	lock_acquire(&state_lock);
	over = session->generation != components[session->server].generation ?
		       components[session->server].state == COMPONENT_RUNNING :
		       components[session->server].state == COMPONENT_ENDED;
	lock_release(&state_lock);
	return over;
}

enum route_life route_life(const struct component *component, const char *service,
			   purlin_u64 *generation)
{
	const struct component *server =
		&components[description_server(component->description, service)];
	enum route_life life;

	lock_acquire(&state_lock);
	if (server->state == COMPONENT_ENDED)
		life = ROUTE_LIFE_NONE;
	else if (!serves(server, service))
		life = ROUTE_LIFE_AWAITED;
	else
		life = server->generation == *generation ? ROUTE_LIFE_SAME : ROUTE_LIFE_NEXT;
	if (life == ROUTE_LIFE_NEXT)
		*generation = server->generation;
	lock_release(&state_lock);
	return life;
}

void route_tell_ended(struct component *component)
{
	bool news = false;

	if (!component->sessions_watch)
		return;
	for (struct question *session = component->sessions; session; session = session->next) {
		if (session->told || !session_over(session))
			continue;
		session->told = true;
		news = true;
	}
	if (news)
		purlin_signal_notify(component->sessions_watch, ~0ull);
}

void route_forget_dead(struct component *component)
{
	struct question **place = &component->sessions;

	while (*place) {
		struct question *session = *place;

		if (!server_gone(session)) {
			place = &session->next;
			continue;
		}
		*place = session->next;
		route_count(component, session, -1);
		session_table_remove(component, session);
		question_free(session);
	}
}

const struct component *route_lost(const struct component *component)
{
	const struct component *lost = NULL;

	lock_acquire(&state_lock);
	for (const struct question *session = component->sessions; session && !lost;
	     session = session->next) {
		const struct description_service *service = description_service(session->service);
		const struct component *server;

		/*
		 * Only these: a client of other services hears DEAD, opens the session again and
		 * goes on. Devices were reset, and a driver that knows nothing of that cannot go
		 * on.
		 */
		if (!service || service->delivery != DELIVERY_DEVICES)
			continue;
		server = &components[session->server];
		if (server->generation != session->generation ||
		    !announced_endpoint(server, session->service))
			lost = server;
	}
	lock_release(&state_lock);
	return lost;
}

/* An end counts from when clients get no answers any more, noticed or not: see serves(). */
static purlin_u64 lives_lost(const struct component *server)
{
	return server->lives_lost + (server->announced_count && has_ended(server));
}

/*
 * Device sessions are started again with the server's next life, whatever the component does; and
 * what a Linux opens itself, it opens when it runs.
 */
static bool outlived(const char *name)
{
	const struct description_service *service = description_service(name);

	return service &&
	       (service->delivery == DELIVERY_VIRTIO || service->delivery == DELIVERY_OWN);
}

purlin_u64 route_lives_lost(const struct component *component)
{
	const struct component_description *wanted = component->description;
	purlin_u64 lost = 0;

	lock_acquire(&state_lock);
	for (unsigned int i = 0; i < wanted->route_count; i++)
		if (wanted->routes[i].server >= 0 && !outlived(wanted->routes[i].service))
			lost += lives_lost(&components[wanted->routes[i].server]);
	lock_release(&state_lock);
	return lost;
}

/*
 * A component with devices is started when they can be had. Else its starts would fail, and count
 * as restarts, while the platform component comes back.
 */
void route_await_devices(struct component *component)
{
	for (unsigned int i = 0; i < description_service_count; i++) {
		const struct description_service *service = &description_services[i];
		int server = description_server(component->description, service->name);

		if (service->delivery == DELIVERY_DEVICES && server >= 0)
			(void)route_await_server(component, server, service->name);
	}
}
