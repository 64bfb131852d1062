/* SPDX-License-Identifier: MIT */
/* Open sessions, and what each holds. */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "purlin/types.h"
#include "session/core.h"
#include "session/parent.h"

struct range {
	purlin_u64 first;
	purlin_u64 count;
};

/* One thing a session holds, with the kernel object that stands for it. */
struct claim {
	struct claim *next;
	purlin_u64 id;
	struct range range; /* empty: overlaps nothing */
	purlin_u64 object;
};

struct session {
	struct session *next;
	purlin_u64 badge;
	purlin_u64 endpoint; /* slot of the client's capability */
	const struct service *service;
	char label[PARENT_LABEL_BYTES + 1];
	struct claim *claims;
	unsigned int claim_count;
	purlin_u64 next_id;
	/* IO_MEM, IO_PORT, IRQ */
	bool grant_all;
	purlin_u64 processors; /* a bit for each that may take its messages */
	unsigned int range_count;
	struct range ranges[CORE_GRANT_RANGES];
	/* RAM */
	purlin_u64 account;
	/* Timer */
	purlin_u64 timer;
	purlin_u64 signal;
	/* LOG: the line not yet complete */
	size_t line_bytes;
	char line[160];
};

extern struct session *sessions;

struct session *session_find(purlin_u64 badge);
void session_add(struct session *session);
/* Take it out of the list; NULL: there is none. */
struct session *session_remove(purlin_u64 badge);

#endif
