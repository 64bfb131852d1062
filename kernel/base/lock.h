/* SPDX-License-Identifier: MIT */
/*
 * One lock for the kernel: taken at every entry but the direct switch
 * between a guest's user and kernel mode, a short batch and a short switch of spaces, released at
 * exit. While waiting for it a processor answers TLB shoot-downs, so the holder may wait for those.
 *
 * Each vCPU has a lock of its own (object/vcpu.h), and each space (object/space.h). Order: kernel,
 * vCPU, space. A processor that holds the kernel lock may wait for the others. One that does not
 * hold it waits for nothing, neither for a lock nor for other processors, and leaves what it cannot
 * do to a processor that holds it.
 *
 * The kernel lock is not fair: whoever finds it free takes it. Serving processors in the order of
 * their arrival would be fairer, but many times slower where processors are themselves scheduled (a
 * virtual machine, an emulator): each turn would wait until the next in line happens to run.
 */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include "base/types.h"

extern uint32_t kernel_lock_held;
/* Processors that wait: long operations give up the lock for them. */
extern uint32_t kernel_lock_waiters;

/* Waits for the lock and takes it. Implemented by the architecture. */
void kernel_lock_wait(void);

static inline bool lock_try(uint32_t *held)
{
	return !__atomic_exchange_n(held, 1, __ATOMIC_ACQUIRE);
}

static inline void lock_release(uint32_t *held)
{
	__atomic_store_n(held, 0, __ATOMIC_RELEASE);
}

static inline bool kernel_lock_try(void)
{
	return lock_try(&kernel_lock_held);
}

static inline void kernel_lock(void)
{
	if (__builtin_expect(!kernel_lock_try(), 0))
		kernel_lock_wait();
}

static inline void kernel_unlock(void)
{
	lock_release(&kernel_lock_held);
}

#endif
