/* SPDX-License-Identifier: MIT */
/* What the parts of the runtime share among themselves. */
#ifndef RUNTIME_INTERNAL_H
#define RUNTIME_INTERNAL_H

#include "runtime/lock.h"

/* Slot of the signal of runtime_lock: the last before those handed out. */
#define RUNTIME_LOCK_SLOT 15

/* Protects slots, addresses and heap; none of them calls another while holding it. */
extern struct lock runtime_lock;

#endif
