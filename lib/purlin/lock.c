/* SPDX-License-Identifier: MIT */
/* Mutual exclusion. */
#include "purlin/calls.h"
#include "runtime/lock.h"

/*
 * `users` counts the owner and the waiters, so without contention no kernel call is made. Bits of
 * a signal do not count, so two notifications could merge into one and leave a waiter asleep. This
 * cannot happen: a release that finds waiters notifies once, and the next release is made by the
 * thread which that notification woke.
 */
void lock_acquire(struct lock *lock)
{
	purlin_u64 bits = 0;

	if (!__atomic_fetch_add(&lock->users, 1, __ATOMIC_ACQUIRE))
		return; /* nobody had it */
	/* Who releases has counted us, and notifies: the lock is ours when a bit comes. */
	while (!bits && !purlin_signal_wait(lock->signal, &bits))
		;
}

void lock_release(struct lock *lock)
{
	if (__atomic_fetch_sub(&lock->users, 1, __ATOMIC_RELEASE) > 1)
		purlin_signal_notify(lock->signal, 1);
}
