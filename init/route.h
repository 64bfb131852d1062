/* SPDX-License-Identifier: MIT */
/* Sessions between components. */
#ifndef INIT_ROUTE_H
#define INIT_ROUTE_H

#include "state.h"

/* Open one for a component as its description says; *slot is the caller's. */
purlin_s64 route_open(struct component *component, const char *service, const char *label,
		      const purlin_u64 *arguments, unsigned int argument_count, purlin_u64 *slot);
/* As rpc_exchange, at a session that was opened for the component. */
purlin_s64 route_exchange(struct component *component, const char *service, purlin_u64 session,
			  purlin_u32 operation, unsigned int sent, const purlin_u64 *send,
			  unsigned int wanted, purlin_u64 *received);
/* Waits for nobody. */
void route_close_all(struct component *component);
purlin_s64 route_announce(struct component *component, const char *service, purlin_u64 endpoint);
void route_withdraw(struct component *component);

#endif
