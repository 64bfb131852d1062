/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_PREEMPT_H
#define _ASM_PURLIN_PREEMPT_H

/*
 * The preemption count is a per-CPU word, one instruction to change. Bit 31 is
 * the inverted "needs rescheduling", so that a decrement to zero tells both.
 */
#include <asm/rmwcc.h>
#include <asm/percpu.h>
#include <asm/current.h>

DECLARE_PER_CPU(int, __preempt_count);

#define PREEMPT_NEED_RESCHED	0x80000000
#define PREEMPT_ENABLED		(0 + PREEMPT_NEED_RESCHED)

static __always_inline int preempt_count(void)
{
	return raw_cpu_read_4(__preempt_count) & ~PREEMPT_NEED_RESCHED;
}

static __always_inline void preempt_count_set(int count)
{
	int flag = raw_cpu_read_4(__preempt_count) & PREEMPT_NEED_RESCHED;

	raw_cpu_write_4(__preempt_count, flag | (count & ~PREEMPT_NEED_RESCHED));
}

#define init_task_preempt_count(p)	do { } while (0)
#define init_idle_preempt_count(p, cpu)	\
	(per_cpu(__preempt_count, (cpu)) = PREEMPT_DISABLED)

static __always_inline void set_preempt_need_resched(void)
{
	raw_cpu_and_4(__preempt_count, ~PREEMPT_NEED_RESCHED);
}

static __always_inline void clear_preempt_need_resched(void)
{
	raw_cpu_or_4(__preempt_count, PREEMPT_NEED_RESCHED);
}

static __always_inline bool test_preempt_need_resched(void)
{
	return !(raw_cpu_read_4(__preempt_count) & PREEMPT_NEED_RESCHED);
}

static __always_inline void __preempt_count_add(int value)
{
	raw_cpu_add_4(__preempt_count, value);
}

static __always_inline void __preempt_count_sub(int value)
{
	raw_cpu_add_4(__preempt_count, -value);
}

static __always_inline int __preempt_count_add_return(int value)
{
	return raw_cpu_add_return_4(__preempt_count, value);
}

static __always_inline int __preempt_count_sub_return(int value)
{
	return raw_cpu_add_return_4(__preempt_count, -value);
}

static __always_inline bool __preempt_count_dec_and_test(void)
{
	raw_cpu_add_4(__preempt_count, -1);
	return !raw_cpu_read_4(__preempt_count);
}

static __always_inline bool should_resched(int offset)
{
	return unlikely(raw_cpu_read_4(__preempt_count) == offset);
}

#ifdef CONFIG_PREEMPTION
void preempt_schedule(void);
void preempt_schedule_notrace(void);
#define __preempt_schedule()		preempt_schedule()
#define __preempt_schedule_notrace()	preempt_schedule_notrace()
#endif

#endif
