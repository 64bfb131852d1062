/* SPDX-License-Identifier: MIT */
/* Calls as a test makes them: see base/arch.h. */
#ifndef ARCH_CALL_H
#define ARCH_CALL_H

#include "arch/frame.h"
#include "kernel/arguments.h"

struct thread;

unsigned int arch_cpu_id(void);
struct thread *arch_current(void);
uint64_t arch_time(void);
void arch_pause(void);

static inline struct arch_thread *call_state(const struct thread *thread)
{
	return (struct arch_thread *)(uintptr_t)thread;
}

static inline uint64_t arch_call_number(const struct thread *thread)
{
	return call_state(thread)->number;
}

static inline const union call_arguments *arch_call_arguments(const struct thread *thread)
{
	return (const union call_arguments *)call_state(thread)->argument;
}

static inline void arch_call_status(struct thread *thread, status result)
{
	call_state(thread)->result = result;
	call_state(thread)->answered = true;
}

static inline void arch_call_result(struct thread *thread, unsigned int index, uint64_t value)
{
	call_state(thread)->results[index] = value;
}

static inline uint64_t arch_thread_address(const struct thread *thread)
{
	return ((const struct arch_thread *)thread)->rip;
}

static inline void arch_call_restart(struct thread *thread)
{
	call_state(thread)->restarted = true;
}

static inline uint64_t arch_index_limit(uint64_t index, uint64_t size)
{
	return index < size ? index : 0;
}

#endif
