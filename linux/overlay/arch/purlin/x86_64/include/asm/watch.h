/* SPDX-License-Identifier: GPL-2.0 */
/* Breakpoints and watchpoints that a debugger sets in a task (x86_64/watch.c). */
#ifndef _ASM_PURLIN_WATCH_H
#define _ASM_PURLIN_WATCH_H

#include <linux/sched.h>

unsigned long watch_get(struct task_struct *task, unsigned long index);
int watch_set(struct task_struct *task, unsigned long index, unsigned long value);
/* A new task, a new program: there are none. */
void watch_forget(struct task_struct *task);
void watch_load(const struct thread_struct *thread);
/* Those of the current task among the bits of DR6; it is told at which instruction to go on. */
unsigned long watch_hit(struct pt_regs *regs, unsigned long status);

static __always_inline void watch_switch(const struct thread_struct *prev,
					 const struct thread_struct *next)
{
	if (unlikely(prev->debug_control | next->debug_control))
		watch_load(next);
}

#endif
