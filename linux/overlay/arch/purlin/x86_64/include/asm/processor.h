/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_PROCESSOR_H
#define _ASM_PURLIN_PROCESSOR_H

#include <asm/page_types.h>
#include <asm/ptrace.h>
#include <asm/vdso/processor.h>

#define TASK_SIZE		TASK_SIZE_MAX
#define DEFAULT_MAP_WINDOW	TASK_SIZE_MAX
#define STACK_TOP		TASK_SIZE_MAX
#define STACK_TOP_MAX		TASK_SIZE_MAX
#define TASK_UNMAPPED_BASE	PAGE_ALIGN(TASK_SIZE_MAX / 3)

#ifndef __ASSEMBLY__

#include <linux/cache.h>
#include <asm/percpu.h>
#include <linux/threads.h>
#include <linux/types.h>
#include <asm/thread_struct.h>

struct task_struct;

#define task_top_of_stack(task) \
	((unsigned long)task_stack_page(task) + THREAD_SIZE)
#define task_pt_regs(task) \
	((struct pt_regs *)task_top_of_stack(task) - 1)

#define KSTK_EIP(task)		(task_pt_regs(task)->ip)
#define KSTK_ESP(task)		(task_pt_regs(task)->sp)

/* Stack pointer that entry from user mode loads. */
DECLARE_PER_CPU(unsigned long, cpu_current_top_of_stack);

void start_thread(struct pt_regs *regs, unsigned long new_ip, unsigned long new_sp);
unsigned long __get_wchan(struct task_struct *p);

#define ARCH_HAS_PREFETCH
static inline void prefetch(const void *x)
{
	asm volatile("prefetcht0 %0" : : "m" (*(const char *)x));
}

#define ARCH_HAS_PREFETCHW
static inline void prefetchw(const void *x)
{
	asm volatile("prefetchw %0" : : "m" (*(const char *)x));
}

#endif /* !__ASSEMBLY__ */
#endif
