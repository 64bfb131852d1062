/* SPDX-License-Identifier: MIT */
/* What base/arch.h wants inline, for the sake of IPC: calls as the registers of a thread show them.
 */
#ifndef ARCH_CALL_H
#define ARCH_CALL_H

#include "arch/cpu.h"
#include "arch/frame.h"
#include "arch/instructions.h"
#include "kernel/arguments.h"

struct thread;

static inline unsigned int arch_cpu_id(void)
{
	return cpu_this()->id;
}

static inline struct thread *arch_current(void)
{
	return cpu_current();
}

static inline void arch_pause(void)
{
	cpu_pause();
}

static inline uint64_t arch_time(void)
{
	return tsc_read();
}

/* struct thread begins with struct arch_thread, that with the frame (asserted in context.c). */
static inline struct frame *call_frame(const struct thread *thread)
{
	return (struct frame *)(uintptr_t)thread;
}

static inline uint64_t arch_call_number(const struct thread *thread)
{
	return call_frame(thread)->rax;
}

/* CALL_...: abi/purlin/arch/x86_64/registers.toml. The arguments lie in a row. */
FRAME_ASSERT(CALL_NUMBER, offsetof(struct frame, rax));
FRAME_ASSERT(CALL_ARGUMENT_0, offsetof(struct frame, rdi));
FRAME_ASSERT(CALL_ARGUMENT_1, offsetof(struct frame, rdi) + 1 * sizeof(uint64_t));
FRAME_ASSERT(CALL_ARGUMENT_2, offsetof(struct frame, rdi) + 2 * sizeof(uint64_t));
FRAME_ASSERT(CALL_ARGUMENT_3, offsetof(struct frame, rdi) + 3 * sizeof(uint64_t));
FRAME_ASSERT(CALL_ARGUMENT_4, offsetof(struct frame, rdi) + 4 * sizeof(uint64_t));
FRAME_ASSERT(CALL_ARGUMENT_5, offsetof(struct frame, rdi) + 5 * sizeof(uint64_t));

static inline const union call_arguments *arch_call_arguments(const struct thread *thread)
{
	return (const union call_arguments *)&call_frame(thread)->rdi;
}

static inline void arch_call_status(struct thread *thread, status result)
{
	call_frame(thread)->rax = (uint64_t)result;
}

static inline void arch_call_result(struct thread *thread, unsigned int index, uint64_t value)
{
	struct frame *frame = call_frame(thread);

	if (index == 0)
		frame->CALL_RESULT_0 = value;
	else if (index == 1)
		frame->CALL_RESULT_1 = value;
	else
		frame->CALL_RESULT_2 = value;
}

static inline uint64_t arch_thread_address(const struct thread *thread)
{
	return call_frame((struct thread *)thread)->rip;
}

/* RAX still holds the number: back over the two bytes of SYSCALL. */
static inline void arch_call_restart(struct thread *thread)
{
	call_frame(thread)->rip -= 2;
}

/* `index` where it is below `size`, 0 else, also while the processor guesses the check before it
 * away. */
static inline uint64_t arch_index_limit(uint64_t index, uint64_t size)
{
	uint64_t mask;

	/* CMP sets the carry where index < size; SBB spreads it. */
	__asm__("cmp %2, %1\n\tsbb %0, %0" : "=r"(mask) : "r"(index), "r"(size) : "cc");
	return index & mask;
}

#endif
