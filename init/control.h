/* SPDX-License-Identifier: MIT */
/*
 * Control sessions (session/control.h). Each component that may have some has a thread of init that
 * serves them, no more urgent than the component itself. That thread takes no lock and waits for
 * nobody: an act is left with the supervisor of the component that it is about.
 */
#ifndef INIT_CONTROL_H
#define INIT_CONTROL_H

#include <stdbool.h>

#include "session/control.h"
#include "state.h"

/* Endpoint and thread of a component whose description says `control` or `adds`. */
purlin_s64 control_prepare(struct component *component);
/* A session for this life of the component; *slot is the caller's. */
purlin_s64 control_open(const struct component *component, purlin_u64 *slot);

/*
 * For the supervisor of a component that is acted on: does an act wait for it? Does one that ends
 * the component, while it runs or is being started? Does CONTROL_STOP?
 */
bool control_wanted(const struct component *component);
bool control_ends(const struct component *component);
bool control_stops(const struct component *component);
/* The component is started. False: CONTROL_STOP waits. All other acts are done by the start. */
bool control_allows_start(struct component *component);
/* Take up the act that waits (CONTROL_START to CONTROL_RESTART); say that it is done. */
unsigned int control_take(struct component *component);
void control_done(struct component *component);

#endif
