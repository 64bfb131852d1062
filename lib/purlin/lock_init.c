/* SPDX-License-Identifier: MIT */
/* Making a lock: apart from lock.c, since slots are themselves under a lock. */
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/lock.h"
#include "runtime/slots.h"

purlin_s64 lock_init(struct lock *lock)
{
	purlin_s64 status;

	lock->users = 0;
	lock->signal = slot_reserve();
	if (!lock->signal)
		return PURLIN_NO_MEMORY;
	status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, lock->signal);
	if (status) {
		slot_release(lock->signal);
		lock->signal = 0;
	}
	return status;
}
