/* SPDX-License-Identifier: MIT */
/* The kernel without checks of itself; checks_on/ says what these would do. */
#ifndef ARCH_CHECKS_H
#define ARCH_CHECKS_H

#include "base/types.h"

struct cpu;
struct guest;
struct thread;

static inline void checks_enter_call(void)
{
}
static inline void checks_enter(uint64_t vector)
{
	(void)vector;
}
static inline void checks_polled(void)
{
}
static inline void checks_leave(struct cpu *cpu, struct thread *next)
{
	(void)cpu;
	(void)next;
}
static inline void checks_leave_unlocked(void)
{
}
static inline void checks_guest_entry(const struct guest *guest, uint64_t entry, uint64_t bytes)
{
	(void)guest;
	(void)entry;
	(void)bytes;
}
static inline void checks_report(void)
{
}
#define CHECKS_IDLE 0
#define CHECKS_HAND_OVER 0
#define CHECKS_QUICK 0

#endif
