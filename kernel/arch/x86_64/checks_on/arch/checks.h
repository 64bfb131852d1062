/* SPDX-License-Identifier: MIT */
/*
 * What the debug kernel checks of itself. A check that fails panics and says what is wrong.
 * Interrupts are off from each entry to each exit. What counts is how long one may wait: until the
 * exit, or until a long operation looks for it; the few dozen instructions of entry.S before and
 * after are not in it.
 */
#ifndef ARCH_CHECKS_H
#define ARCH_CHECKS_H

#include "base/types.h"

struct cpu;
struct guest;
struct thread;

/* In C, before the lock is taken: a call by the current thread, or an exception or interrupt. */
void checks_enter_call(void);
void checks_enter(uint64_t vector);
#define CHECKS_IDLE 0x101      /* an interrupt that found the processor idle */
#define CHECKS_HAND_OVER 0x102 /* a resume with a batch */
#define CHECKS_QUICK 0x103     /* one with a short batch, without the kernel's lock */

/* A long operation looks whether an interrupt waits: from here on a next one would wait anew. */
void checks_polled(void);

/* Before the lock is given up: the registers and the root that leave. `next` NULL: to idle. */
void checks_leave(struct cpu *cpu, struct thread *next);

/* Before the end of what has not taken the lock. */
void checks_leave_unlocked(void);

/* An entry that maps so many bytes is about to be written for this guest. */
void checks_guest_entry(const struct guest *guest, uint64_t entry, uint64_t bytes);

/* Log the longest time with interrupts off, for each call and each other way in. */
void checks_report(void);

#endif
