/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_SWITCH_TO_H
#define _ASM_PURLIN_SWITCH_TO_H

struct task_struct;

/* x86_64/switch.S: exchange the kernel stacks, then go on in __switch_to(). */
struct task_struct *__switch_to_asm(struct task_struct *prev,
				    struct task_struct *next);
struct task_struct *__switch_to(struct task_struct *prev,
				struct task_struct *next);

/* First code of a new task: x86_64/switch.S. */
asmlinkage void ret_from_fork_asm(void);

/* What __switch_to_asm() leaves on the stack of a task switched out. */
struct inactive_task_frame {
	unsigned long r15;
	unsigned long r14;
	unsigned long r13;
	unsigned long r12;
	unsigned long bx;
	unsigned long bp; /* with ret_addr a stack frame for the unwinder */
	unsigned long ret_addr;
};

#define switch_to(prev, next, last) \
	((last) = __switch_to_asm((prev), (next)))

#endif /* _ASM_PURLIN_SWITCH_TO_H */
