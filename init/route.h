/* SPDX-License-Identifier: MIT */
/* Sessions between components. */
#ifndef INIT_ROUTE_H
#define INIT_ROUTE_H

#include "state.h"

/* Open one for a component as its description says; *slot is the caller's. */
purlin_s64 route_open(struct component *component, const char *service, const char *label,
		      const purlin_u64 *arguments, unsigned int argument_count, purlin_u64 *slot);
/* As rpc_exchange, at a session that was opened for the component. words: of the message buffer. */
purlin_s64 route_exchange(struct component *component, const char *service, purlin_u64 session,
			  purlin_u32 operation, unsigned int words, unsigned int sent,
			  const purlin_u64 *send, unsigned int wanted, purlin_u64 *received);
/* Label and arguments of a session, as SERVER_OPEN has them. */
void route_put_open(struct question *question, const struct component *component, const char *label,
		    const purlin_u64 *arguments, unsigned int count);
/*
 * Close all sessions of a component that has ended; waits for nobody. When the component that
 * decides about devices has ended (`hardware`), sessions with memory that devices may still use
 * stay open until its successor announces itself, or for ever.
 */
void route_close_all(struct component *component);
/* The successor has announced itself, so all devices are silent: close them. */
void route_close_held(struct component *component);
/* Count a session that was opened or closed; control.c shows the number. */
void route_count(struct component *component, const struct question *session, int change);
purlin_s64 route_announce(struct component *component, const char *service, purlin_u64 endpoint);
void route_withdraw(struct component *component);

/*
 * route_lives.c: which life of a server a session belongs to, and what its end means for clients.
 *
 * Waits until the server has announced the service, without a limit: a server may start late, or be
 * restarted. DEAD: it never will, or the component that asks has ended.
 */
purlin_s64 route_await_server(struct component *component, int server, const char *service);
/*
 * Wait until there are devices again: before that, the memory that they reached is not free either.
 */
void route_await_devices(struct component *component);
/*
 * Forget sessions with earlier lives of servers, which nobody else closes: a client that outlives
 * its servers would run out of sessions.
 */
void route_forget_dead(struct component *component);
/*
 * How many lives its servers have lost so far. If the number grows during an operation that fails,
 * that explains the failure.
 */
purlin_u64 route_lives_lost(const struct component *component);
/* The component that gave this one its devices, if it has ended since; else NULL. */
const struct component *route_lost(const struct component *component);
/*
 * What became of the life of a server with this generation: it goes on; or another one has begun,
 * whose generation replaces this one; or none will follow.
 */
enum route_life { ROUTE_LIFE_SAME, ROUTE_LIFE_AWAITED, ROUTE_LIFE_NEXT, ROUTE_LIFE_NONE };
enum route_life route_life(const struct component *component, const char *service,
			   purlin_u64 *generation);
/* Notify the component's signal for servers that end, if one of its sessions' has ended since. */
void route_tell_ended(struct component *component);

#endif
