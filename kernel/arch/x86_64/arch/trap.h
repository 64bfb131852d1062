/* SPDX-License-Identifier: MIT */
/* What the entries call, with the registers of user level in the frame of the current thread. */
#ifndef ARCH_TRAP_H
#define ARCH_TRAP_H

struct frame;
struct thread;

/* Return with the lock held: it remains to choose who runs. */
void trap_syscall(void);
void trap_user(void);
/* An IRETQ to the current thread faulted; its frame says why. */
void trap_return_refused(void);
/* From the idle loop. */
void trap_kernel(struct frame *frame);
/* NMI, #DF, #MC: at any place. */
void trap_isolated(struct frame *frame);

/*
 * Call and reply, the short way or the long one: who runs next, and the lock is given up. If nobody
 * does they do not return. These two do not keep the registers that functions have to keep.
 */
struct thread *trap_endpoint_call(void);
struct thread *trap_endpoint_reply(void);

/*
 * The long way of trap_syscall(), lock held. While this processor waited for the lock, another may
 * have destroyed the thread that made the call: the processor's `current` is looked at only here.
 */
void trap_call(void);

#endif
