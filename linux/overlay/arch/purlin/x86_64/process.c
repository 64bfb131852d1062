// SPDX-License-Identifier: GPL-2.0
/* Life of a task: creation, exec, switching. */
#include <linux/cpu.h>
#include <linux/elf-randomize.h>
#include <linux/entry-common.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/personality.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/sizes.h>
#include <asm/current.h>
#include <asm/exec.h>
#include <asm/processor.h>
#include <asm/ptrace.h>
#include <asm/segment.h>
#include <asm/switch_to.h>
#include <asm/user_segments.h>
#include <asm/watch.h>
#include <asm/xstate.h>

asmlinkage void ret_from_fork(struct task_struct *prev, struct pt_regs *regs,
			      int (*fn)(void *arg), void *arg);

#ifdef CONFIG_STACKPROTECTOR
unsigned long __stack_chk_guard __ro_after_init;
EXPORT_SYMBOL(__stack_chk_guard);
#endif

int arch_dup_task_struct(struct task_struct *dst, struct task_struct *src)
{
	*dst = *src;
	return xstate_alloc(dst);
}

void arch_release_task_struct(struct task_struct *task)
{
	xstate_free(task);
}

/* The first code of every task but the idle ones. */
asmlinkage void ret_from_fork(struct task_struct *prev, struct pt_regs *regs,
			      int (*fn)(void *arg), void *arg)
{
	schedule_tail(prev);

	if (unlikely(fn)) {
		fn(arg);
		/* It came back: kernel_execve() has made it a user task. */
		regs->ax = 0;
	}
	syscall_exit_to_user_mode(regs);
}

static void copy_user_segments(struct thread_struct *child)
{
	preempt_disable();
	child->fsbase = user_fsbase_read();
	child->gsbase = user_gsbase_read();
	preempt_enable();

	child->ds = read_selector(ds);
	child->es = read_selector(es);
	child->fs = read_selector(fs);
	child->gs = read_selector(gs);
}

static void start_in_kernel(struct task_struct *p, struct pt_regs *regs,
			    struct inactive_task_frame *frame,
			    const struct kernel_clone_args *args)
{
	struct thread_struct *thread = &p->thread;

	if (p->flags & PF_KTHREAD) {
		memset(regs, 0, sizeof(*regs));
	} else {
		/* Threads of io_uring and the like: a user task to debuggers. */
		*regs = *current_pt_regs();
		regs->ax = 0;
		regs->ip = 0;
		regs->sp = 0;
	}
	thread->fsbase = 0;
	thread->gsbase = 0;
	thread->ds = 0;
	thread->es = 0;
	thread->fs = 0;
	thread->gs = 0;
	frame->bx = (unsigned long)args->fn;
	frame->r12 = (unsigned long)args->fn_arg;
	xstate_clone(p, false);
}

int copy_thread(struct task_struct *p, const struct kernel_clone_args *args)
{
	struct pt_regs *regs = task_pt_regs(p);
	struct inactive_task_frame *frame =
		(struct inactive_task_frame *)regs - 1;
	struct thread_struct *thread = &p->thread;

	memset(frame, 0, sizeof(*frame));
	frame->ret_addr = (unsigned long)ret_from_fork_asm;
	thread->sp = (unsigned long)frame;
	watch_forget(p);

	if (unlikely(args->fn)) {
		/* A kernel thread, or one that runs in the kernel until exec. */
		start_in_kernel(p, regs, frame, args);
		return 0;
	}

	copy_user_segments(thread);
	xstate_clone(p, true);

	*regs = *current_pt_regs();
	regs->ax = 0;
	if (args->stack)
		regs->sp = args->stack;
	if (args->flags & CLONE_SETTLS) {
		if (args->tls >= TASK_SIZE_MAX)
			return -EPERM;
		thread->fs = 0;
		thread->fsbase = args->tls;
	}
	return 0;
}

void flush_thread(void)
{
	watch_forget(current);
	xstate_reset();
}

void start_thread(struct pt_regs *regs, unsigned long ip, unsigned long sp)
{
	preempt_disable();
	load_selector(ds, 0);
	load_selector(es, 0);
	load_selector(fs, 0);
	load_gs_selector(0);
	user_fsbase_write(0);
	user_gsbase_write(0);
	preempt_enable();

	regs->ip = ip;
	regs->sp = sp;
	regs->cs = __USER_CS;
	regs->ss = __USER_DS;
	regs->flags = X86_EFLAGS_IF;
}
EXPORT_SYMBOL_GPL(start_thread);

static __always_inline u64 selectors(const struct thread_struct *thread)
{
	BUILD_BUG_ON(offsetof(struct thread_struct, gs) -
		     offsetof(struct thread_struct, ds) != 3 * sizeof(u16));
	return *(const u64 *)&thread->ds;
}

/* `prev` has what the processor holds: it was read on the way out. */
static __always_inline void load_selectors(const struct thread_struct *next)
{
	load_selector(ds, next->ds);
	load_selector(es, next->es);
	load_selector(fs, next->fs);
	load_gs_selector(next->gs);
}

__visible struct task_struct *__switch_to(struct task_struct *prev_task,
					  struct task_struct *next_task)
{
	struct thread_struct *prev = &prev_task->thread;
	struct thread_struct *next = &next_task->thread;

	xstate_switch(prev_task, next_task);

	prev->ds = read_selector(ds);
	prev->es = read_selector(es);
	prev->fs = read_selector(fs);
	prev->gs = read_selector(gs);
	prev->fsbase = user_fsbase_read();
	prev->gsbase = user_gsbase_read();

	if (!(next_task->flags & PF_KTHREAD)) {
		if (unlikely(selectors(prev) != selectors(next)))
			load_selectors(next);
		user_fsbase_write(next->fsbase);
		user_gsbase_write(next->gsbase);
	}

	watch_switch(prev, next);

	this_cpu_write(current_task, next_task);
	this_cpu_write(cpu_current_top_of_stack, task_top_of_stack(next_task));
	return prev_task;
}

unsigned long arch_align_stack(unsigned long sp)
{
	if (!(current->personality & ADDR_NO_RANDOMIZE) && randomize_va_space)
		sp -= get_random_u32_below(8192);
	return sp & ~0xfUL;
}

unsigned long arch_randomize_brk(struct mm_struct *mm)
{
	return randomize_page(mm->brk, SZ_1G);
}
