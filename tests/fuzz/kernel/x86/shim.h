/* SPDX-License-Identifier: MIT */
/*
 * Included before every file of a target that runs the x86-64 page tables on the host: what the
 * real headers do with registers and instructions goes to the model (model_x86.c). Tables lie in
 * the host's memory, so table_at() is an addition as on the machine.
 */
#ifndef TESTS_FUZZ_KERNEL_X86_SHIM_H
#define TESTS_FUZZ_KERNEL_X86_SHIM_H

#include "arch/frame.h"
#include "kernel/arguments.h"
#include "arch/layout.h"
#include "base/types.h"

struct thread;

char *model_memory(void); /* where physical address 0 lies */
#undef DIRECT_MAP_BASE
#define DIRECT_MAP_BASE ((uint64_t)(uintptr_t)model_memory())

#define cpu_this machine_cpu_this
#define cpu_current machine_cpu_current
#include "arch/cpu.h"
#undef cpu_this
#undef cpu_current
struct cpu *cpu_this(void);
struct thread *cpu_current(void);

#define cr3_read machine_cr3_read
#define cr3_write machine_cr3_write
#define invlpg machine_invlpg
#define invpcid machine_invpcid
#define user_gs_read machine_user_gs_read
#define user_gs_write machine_user_gs_write
#include "arch/instructions.h"
#undef cr3_read
#undef cr3_write
#undef invlpg
#undef invpcid
#undef user_gs_read
#undef user_gs_write
uint64_t cr3_read(void);
void cr3_write(uint64_t value);
void invlpg(uint64_t address);
void invpcid(uint64_t type, uint64_t pcid, uint64_t address);
uint64_t user_gs_read(void);
void user_gs_write(uint64_t base);

/* In place of the machine's arch/call.h. */
#define ARCH_CALL_H
unsigned int arch_cpu_id(void);
struct thread *arch_current(void);
uint64_t arch_time(void);
void arch_pause(void);

static inline struct frame *call_frame(const struct thread *thread)
{
	return (struct frame *)(uintptr_t)thread;
}

static inline uint64_t arch_call_number(const struct thread *thread)
{
	return call_frame(thread)->rax;
}

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

	*(uint64_t *[]){ &frame->rdx, &frame->r8, &frame->r9 }[index] = value;
}

static inline uint64_t arch_thread_address(const struct thread *thread)
{
	return call_frame(thread)->rip;
}

static inline void arch_call_restart(struct thread *thread)
{
	call_frame(thread)->rip -= 2;
}

static inline uint64_t arch_index_limit(uint64_t index, uint64_t size)
{
	return index < size ? index : 0;
}

#endif
