/* SPDX-License-Identifier: MIT */
/*
 * The open sessions of each component, for Control sessions. Only the component's supervisor
 * writes. Readers take no lock, and may lose the processor at any point.
 */
#ifndef INIT_SESSION_TABLE_H
#define INIT_SESSION_TABLE_H

#include "ask.h"
#include "runtime/server.h"

/*
 * Called by the component's supervisor. There is a row for each session that the component may
 * have.
 */
void session_table_add(struct component *component, struct question *session, const char *label);
void session_table_remove(struct component *component, const struct question *session);

/* CONTROL_SESSION of session/control.h, for a client. */
purlin_s64 control_session(const struct component *client, struct request *request);

#endif
