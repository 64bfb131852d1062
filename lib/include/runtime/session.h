/* SPDX-License-Identifier: MIT */
/* Sessions of a component: opened and announced through its parent (session/parent.h). */
#ifndef RUNTIME_SESSION_H
#define RUNTIME_SESSION_H

#include "purlin/types.h"

/* Open a session without arguments; its endpoint goes to *session. */
purlin_s64 session_open(const char *service, const char *label, purlin_u64 *session);

/*
 * Tell the parent that sessions can be opened at `endpoint`. Requests SERVER_OPEN and
 * SERVER_CLOSE then arrive there with the badge SERVER_PARENT_BADGE; the server's
 * sessions use others.
 */
#define SERVER_PARENT_BADGE 1
purlin_s64 session_announce(const char *service, purlin_u64 endpoint);

#endif
