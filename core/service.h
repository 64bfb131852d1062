/* SPDX-License-Identifier: MIT */
/*
 * What a kind of session does in core. Each kind that session/services.h names with CORE(id, ...)
 * has a file that defines its `struct service service_ID`, and nothing else of core changes.
 */
#ifndef CORE_SERVICE_H
#define CORE_SERVICE_H

#include "runtime/server.h"
#include "session.h"
#include "session/services.h"

struct service {
	/* What one thing that the system description grants is called in reports, or NULL. */
	const char *noun;
	/* Takes what init said behind the label; NULL: nothing. */
	purlin_s64 (*open)(struct session *session, struct request *request,
			   const purlin_u64 *argument);
	/* One request at an open session; the result is the status of the reply. */
	purlin_s64 (*request)(struct session *session, struct request *request);
	/* Undo what the object of a claim was taken for; NULL: the object is destroyed. */
	void (*give_back)(purlin_u64 slot);
	/* The session ends, or its opening failed half-way; NULL: it holds claims at most. */
	void (*close)(struct session *session);
};

/* NULL: core does not serve that. */
const struct service *service_find(const char *name);

#define SERVICE_EXTERN(id, name, grants) extern const struct service service_##id;
#define SERVICE_ELSEWHERE(id, name, grants, guest)
SESSION_SERVICES(SERVICE_EXTERN, SERVICE_ELSEWHERE)

#endif
