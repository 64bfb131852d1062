/* SPDX-License-Identifier: MIT */
/*
 * Components that a Control session adds (session/control.h). The thread of the session takes the
 * fragment and checks it, at its client's priority and without a lock. What is accepted, the first
 * thread admits (admit.c), since that takes locks that supervisors take.
 */
#ifndef INIT_ADD_H
#define INIT_ADD_H

#include <stdbool.h>

#include "runtime/server.h"
#include "session/control.h"
#include "state.h"

/* For the thread of one session; in its memory from the start, so that it asks for none. */
struct addition {
	_Alignas(8) char fragment[CONTROL_FRAGMENT_BYTES];
	purlin_u64 bytes; /* of it, so far */
	char reasons[CONTROL_REASON_BYTES];
	size_t reason_bytes;
	/* What the fragment leads to: checked against so many components that there were. */
	unsigned int before;
	struct description description;
	/* The first thread's turn, its answer, and the signal that tells. */
	bool wanted;
	purlin_s64 status;
	purlin_u64 done;
	size_t room;
	_Alignas(8) char tree[];
};

/* The tree to add to, and how it was checked. */
void add_to(const void *tree, const struct description_target *target);
/* The latest; the next. */
const void *add_tree(void);
void add_set_tree(const void *tree);

/* What a component needs whose description says `adds`; nothing for others. */
purlin_s64 add_prepare(struct component *component);

/* Requests of the session. */
purlin_s64 add_fragment(struct component *component, struct request *request);
purlin_s64 add_request(struct component *component, struct request *request);
purlin_s64 add_reason(struct component *component, struct request *request);

#endif
