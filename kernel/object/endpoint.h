/* SPDX-License-Identifier: MIT */
/* Synchronous call and reply. The states are those of enum thread_state. */
#ifndef OBJECT_ENDPOINT_H
#define OBJECT_ENDPOINT_H

#include "object/object.h"

struct thread;

struct endpoint {
	struct object object;
	struct list callers;   /* CALLING, first come first served */
	struct list served;    /* AWAITING_REPLY */
	struct list receivers; /* RECEIVING; empty whenever callers is not */
};

status endpoint_kill(struct object *object);
/* The thread ends: leave queues; its client gets DEAD; its server's reply goes nowhere. */
void endpoint_forget(struct thread *thread);
/* The signal bound to a receiving thread fired. */
void endpoint_wake(struct thread *thread, uint64_t bits);

#endif
