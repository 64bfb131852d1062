// SPDX-License-Identifier: GPL-2.0
/* arch_prctl: FS and GS base, and what x86-64 has beside them. */
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/prctl.h>
#include <asm/processor.h>
#include <asm/user_segments.h>
#include <asm/xstate.h>

asmlinkage long sys_arch_prctl(int option, unsigned long arg);

static long set_fs(struct task_struct *task, unsigned long base)
{
	if (base >= TASK_SIZE_MAX)
		return -EPERM;

	preempt_disable();
	if (task == current) {
		load_selector(fs, 0);
		user_fsbase_write(base);
	} else {
		task->thread.fs = 0;
		task->thread.fsbase = base;
	}
	preempt_enable();
	return 0;
}

static long set_gs(struct task_struct *task, unsigned long base)
{
	if (base >= TASK_SIZE_MAX)
		return -EPERM;

	preempt_disable();
	if (task == current) {
		load_gs_selector(0);
		user_gsbase_write(base);
	} else {
		task->thread.gs = 0;
		task->thread.gsbase = base;
	}
	preempt_enable();
	return 0;
}

static unsigned long get_fs(struct task_struct *task)
{
	/* A register: no preemption can take it from the task. */
	return task == current ? user_fsbase_read() : task->thread.fsbase;
}

static unsigned long get_gs(struct task_struct *task)
{
	unsigned long base;

	preempt_disable();
	base = task == current ? user_gsbase_read() : task->thread.gsbase;
	preempt_enable();
	return base;
}

/* CPUID always works; nobody can be kept from it. */
static long set_cpuid(unsigned long on)
{
	return on ? 0 : -ENODEV;
}

long do_arch_prctl(struct task_struct *task, int option, unsigned long arg)
{
	switch (option) {
	case ARCH_SET_FS:
		return set_fs(task, arg);
	case ARCH_SET_GS:
		return set_gs(task, arg);
	case ARCH_GET_FS:
		return put_user(get_fs(task), (unsigned long __user *)arg);
	case ARCH_GET_GS:
		return put_user(get_gs(task), (unsigned long __user *)arg);
	case ARCH_GET_CPUID:
		return 1;
	case ARCH_SET_CPUID:
		return set_cpuid(arg);
	case ARCH_GET_XCOMP_SUPP:
	case ARCH_GET_XCOMP_PERM:
		/* All that is enabled may be used without asking. */
		return put_user(xstate_mask, (u64 __user *)arg);
	default:
		return -EINVAL;
	}
}

SYSCALL_DEFINE2(arch_prctl, int, option, unsigned long, arg)
{
	return do_arch_prctl(current, option, arg);
}
