/* SPDX-License-Identifier: MIT */
/* Changing the thread a processor runs. */
#ifndef ARCH_CONTEXT_H
#define ARCH_CONTEXT_H

#include "arch/cpu.h"

struct thread;

/* Save `cpu`'s current thread, load another (NULL: idle). Lock held. */
void context_switch(struct cpu *cpu, struct thread *next);

/*
 * Choose the next thread, make it current, deliver what waits for it and give
 * up the lock. Called by entry.S, which goes to user level with its frame (NULL: idle).
 */
struct thread *context_leave(void);

/* GS base of user level, while the kernel's is in use. */
uint64_t user_gs_read(void);
void user_gs_write(uint64_t base);

#endif
