/* SPDX-License-Identifier: MIT */
/* Mutual exclusion between threads of a component: waiters sleep on a signal. */
#ifndef RUNTIME_LOCK_H
#define RUNTIME_LOCK_H

#include "purlin/types.h"

struct lock {
	int users; /* who has it and who waits for it; changed atomically */
	purlin_u64 signal;
};

/* Creates the signal. Before, the lock may be used by one thread only. */
purlin_s64 lock_init(struct lock *lock);
void lock_acquire(struct lock *lock);
void lock_release(struct lock *lock);

#endif
