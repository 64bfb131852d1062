/* SPDX-License-Identifier: MIT */
/* runtime/thread.h on the host: threads are fibers of fake_threads.c, which say who runs. */
#ifndef RUNTIME_THREAD_H
#define RUNTIME_THREAD_H

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/message.h"

struct thread {
	struct purlin_message *message;
	purlin_u64 slot;
	purlin_u64 call_flags;
};

struct thread *thread_self(void);

static inline struct purlin_message *message(void)
{
	return thread_self()->message;
}

purlin_s64 thread_spawn(void (*entry)(void *), void *argument, purlin_u64 cpu, purlin_u64 priority,
			purlin_u64 *slot);

#endif
