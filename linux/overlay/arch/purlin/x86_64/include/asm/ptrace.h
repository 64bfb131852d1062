/* SPDX-License-Identifier: GPL-2.0 */
/* Saved registers: the layout of x86-64, so that ptrace and signals see it. */
#ifndef _ASM_PURLIN_PTRACE_H
#define _ASM_PURLIN_PTRACE_H

#include <asm/segment.h>
#include <uapi/asm/ptrace.h>
#include <asm/processor-flags.h>

#ifndef __ASSEMBLY__

#include <linux/types.h>

struct pt_regs {
	unsigned long r15;
	unsigned long r14;
	unsigned long r13;
	unsigned long r12;
	unsigned long bp;
	unsigned long bx;
	unsigned long r11;
	unsigned long r10;
	unsigned long r9;
	unsigned long r8;
	unsigned long ax;
	unsigned long cx;
	unsigned long dx;
	unsigned long si;
	unsigned long di;
	unsigned long orig_ax;	/* system call number, or -1 */
	unsigned long ip;
	unsigned long cs;	/* __USER_CS, or __KERNEL_CS although both are ring 3 */
	unsigned long flags;	/* IF: whether events were enabled */
	unsigned long sp;
	unsigned long ss;
};

/*
 * Entry code stores __KERNEL_CS for what it interrupts in guest kernel mode: the
 * hardware selector is the same in both modes.
 */
static __always_inline int user_mode(struct pt_regs *regs)
{
	return !!(regs->cs & 3);
}

#define user_64bit_mode(regs)		user_mode(regs)
#define current_user_stack_pointer()	(current_pt_regs()->sp)

static __always_inline unsigned long regs_return_value(struct pt_regs *regs)
{
	return regs->ax;
}

static __always_inline void regs_set_return_value(struct pt_regs *regs, unsigned long rc)
{
	regs->ax = rc;
}

static __always_inline unsigned long kernel_stack_pointer(struct pt_regs *regs)
{
	return regs->sp;
}

static __always_inline unsigned long instruction_pointer(struct pt_regs *regs)
{
	return regs->ip;
}

static __always_inline void instruction_pointer_set(struct pt_regs *regs, unsigned long val)
{
	regs->ip = val;
}

static __always_inline unsigned long frame_pointer(struct pt_regs *regs)
{
	return regs->bp;
}

static __always_inline unsigned long user_stack_pointer(struct pt_regs *regs)
{
	return regs->sp;
}

static __always_inline void user_stack_pointer_set(struct pt_regs *regs, unsigned long val)
{
	regs->sp = val;
}

/* By name and number, for probes (HAVE_REGS_AND_STACK_ACCESS_API). */
#define MAX_REG_OFFSET	offsetof(struct pt_regs, ss)

static inline unsigned long regs_get_register(struct pt_regs *regs, unsigned int offset)
{
	return offset > MAX_REG_OFFSET ? 0 : *(unsigned long *)((unsigned long)regs + offset);
}

/* x86_64/registers.c */
int regs_query_register_offset(const char *name);
const char *regs_query_register_name(unsigned int offset);
bool regs_within_kernel_stack(struct pt_regs *regs, unsigned long address);
unsigned long regs_get_kernel_stack_nth(struct pt_regs *regs, unsigned int n);
unsigned long *regs_by_number(struct pt_regs *regs, unsigned int number);
unsigned long regs_get_kernel_argument(struct pt_regs *regs, unsigned int n);

static __always_inline bool regs_irqs_disabled(struct pt_regs *regs)
{
	return !(regs->flags & X86_EFLAGS_IF);
}

#define profile_pc(regs)	instruction_pointer(regs)

#define arch_has_single_step()	(1)
#define ARCH_HAS_USER_SINGLE_STEP_REPORT

struct task_struct;

/* x86_64/step.c */
void user_debug_trap(struct pt_regs *regs, unsigned long status);
bool kernel_debug_trap(struct pt_regs *regs, unsigned long status);
/* x86_64/prctl.c */
long do_arch_prctl(struct task_struct *task, int option, unsigned long arg);

#endif /* !__ASSEMBLY__ */
#endif
