/* SPDX-License-Identifier: MIT */
/* Changing the thread a processor runs. */
#ifndef ARCH_CONTEXT_H
#define ARCH_CONTEXT_H

#include "arch/cpu.h"

struct thread;

/* Once, when the processor's features are known. */
void context_init(void);

/*
 * Choose the next thread, make it current, deliver what waits for it and give
 * up the lock. Called by exceptions.S, which goes to user level with its frame. Without a thread
 * there is no return, but the idle loop.
 */
struct thread *context_leave(void);
/* The same for a thread that has been chosen; it and the previous one may be of any kind. */
struct thread *context_leave_to(struct thread *next);

#endif
