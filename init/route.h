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
 * Waits for nobody. What devices may still use, when the component that decides about them has
 * ended (`hardware`), stays until its successor announces itself, or for ever.
 */
void route_close_all(struct component *component);
/* That time has come: all devices are silent. */
void route_close_held(struct component *component);
/* One session more or less; control.c shows how many there are. */
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
/* Until there are devices again: before that, the memory that they reached is not free either. */
void route_await_devices(struct component *component);
/*
 * Forgets sessions with earlier lives of servers. Nobody closes them: else a client that outlives
 * its servers would run out of sessions.
 */
void route_forget_dead(struct component *component);
/* How many lives its servers have lost so far: what grows while something fails explains that. */
purlin_u64 route_lives_lost(const struct component *component);
/* The component that the devices of this one came from, and that has ended since; or NULL. */
const struct component *route_lost(const struct component *component);
/*
 * Whether the life of a server, by its generation, goes on; another one has begun, whose generation
 * is put in its place; or none will be.
 */
enum route_life { ROUTE_LIFE_SAME, ROUTE_LIFE_AWAITED, ROUTE_LIFE_NEXT, ROUTE_LIFE_NONE };
enum route_life route_life(const struct component *component, const char *service,
			   purlin_u64 *generation);
/* Notify the component's signal for servers that end, if one of its sessions' has ended since. */
void route_tell_ended(struct component *component);

#endif
