/* SPDX-License-Identifier: GPL-2.0 */
/*
 * FS and GS of user mode. FS passes through upcalls live. GS base of the
 * current task lies in the state page while Linux runs (abi/purlin/vcpu.h),
 * as GS base then belongs to Linux. Callers disable preemption.
 */
#ifndef _ASM_PURLIN_USER_SEGMENTS_H
#define _ASM_PURLIN_USER_SEGMENTS_H

#include <asm/asm.h>
#include <asm/vcpu.h>

struct task_struct;

static inline unsigned long user_fsbase_read(void)
{
	unsigned long base;

	asm volatile("rdfsbase %0" : "=r" (base));
	return base;
}

static inline void user_fsbase_write(unsigned long base)
{
	asm volatile("wrfsbase %0" : : "r" (base));
}

static inline unsigned long user_gsbase_read(void)
{
	return vcpu_state()->frame.user_gs;
}

static inline void user_gsbase_write(unsigned long base)
{
	vcpu_state()->frame.user_gs = base;
}

/* Selectors can be anything user mode or a debugger chose: zero if refused. */
#define load_selector(register, value)					\
	do {								\
		u32 _selector = (value);				\
		asm volatile("1: movl %k0, %%" #register "\n"		\
			     _ASM_EXTABLE_TYPE_REG(1b, 1b,		\
						   EX_TYPE_ZERO_REG, %k0) \
			     : "+r" (_selector) : : "memory");		\
	} while (0)

#define read_selector(register)						\
	({								\
		u32 _selector;						\
		asm volatile("movl %%" #register ", %k0"		\
			     : "=r" (_selector));			\
		(u16)_selector;						\
	})

/* Loading GS changes its base, which is Linux's own just now. */
static __always_inline void load_gs_selector(u16 value)
{
	unsigned long base;

	asm volatile("rdgsbase %0" : "=r" (base));
	load_selector(gs, value);
	asm volatile("wrgsbase %0" : : "r" (base) : "memory");
}

/* x86_64/prctl.c: for the task itself or for its debugger. */
long do_arch_prctl(struct task_struct *task, int option, unsigned long arg);

#endif /* _ASM_PURLIN_USER_SEGMENTS_H */
