// SPDX-License-Identifier: GPL-2.0
/* Debuggers and core dumps: the x86-64 interface. */
#include <linux/elf.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/regset.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/signal.h>
#include <linux/uaccess.h>
#include <asm/fpu_regset.h>
#include <asm/prctl.h>
#include <asm/processor.h>
#include <asm/segment.h>
#include <asm/user.h>
#include <asm/user_segments.h>
#include <asm/watch.h>

enum {
	REGSET_GENERAL,
	REGSET_FP,
	REGSET_XSTATE,
};

/* Flags a debugger may change. */
#define DEBUGGER_FLAGS	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | \
			 X86_EFLAGS_ZF | X86_EFLAGS_SF | X86_EFLAGS_TF | \
			 X86_EFLAGS_DF | X86_EFLAGS_OF | X86_EFLAGS_RF | \
			 X86_EFLAGS_AC | X86_EFLAGS_NT)

#define REG(name)	offsetof(struct user_regs_struct, name)

/* struct user_regs_struct starts as struct pt_regs. */
static unsigned long *saved_register(struct task_struct *task,
				     unsigned long offset)
{
	BUILD_BUG_ON(REG(ss) != offsetof(struct pt_regs, ss));
	return (unsigned long *)((u8 *)task_pt_regs(task) + offset);
}

static u16 *saved_selector(struct task_struct *task, unsigned long offset)
{
	switch (offset) {
	case REG(ds):
		return &task->thread.ds;
	case REG(es):
		return &task->thread.es;
	case REG(fs):
		return &task->thread.fs;
	default:
		return &task->thread.gs;
	}
}

static unsigned long current_selector(unsigned long offset)
{
	switch (offset) {
	case REG(ds):
		return read_selector(ds);
	case REG(es):
		return read_selector(es);
	case REG(fs):
		return read_selector(fs);
	default:
		return read_selector(gs);
	}
}

static unsigned long current_base(unsigned long offset)
{
	unsigned long base;

	preempt_disable();
	base = offset == REG(fs_base) ? user_fsbase_read() : user_gsbase_read();
	preempt_enable();
	return base;
}

static unsigned long get_flags(struct task_struct *task)
{
	unsigned long flags = task_pt_regs(task)->flags;

	if (test_tsk_thread_flag(task, TIF_FORCED_TF))
		flags &= ~X86_EFLAGS_TF;
	return flags;
}

static void set_flags(struct task_struct *task, unsigned long value)
{
	struct pt_regs *regs = task_pt_regs(task);

	/* TF from now on belongs to the program, or stays the debugger's. */
	if (value & X86_EFLAGS_TF)
		clear_tsk_thread_flag(task, TIF_FORCED_TF);
	else if (test_tsk_thread_flag(task, TIF_FORCED_TF))
		value |= X86_EFLAGS_TF;
	regs->flags = (regs->flags & ~DEBUGGER_FLAGS) | (value & DEBUGGER_FLAGS);
}

static unsigned long get_register(struct task_struct *task,
				  unsigned long offset)
{
	switch (offset) {
	case REG(ds):
	case REG(es):
	case REG(fs):
	case REG(gs):
		if (task == current)
			return current_selector(offset);
		return *saved_selector(task, offset);
	case REG(fs_base):
		if (task == current)
			return current_base(offset);
		return task->thread.fsbase;
	case REG(gs_base):
		if (task == current)
			return current_base(offset);
		return task->thread.gsbase;
	case REG(flags):
		return get_flags(task);
	default:
		return *saved_register(task, offset);
	}
}

/* `task` is stopped, never current. */
static int set_register(struct task_struct *task, unsigned long offset,
			unsigned long value)
{
	switch (offset) {
	case REG(cs):
		/* One code and one stack segment; entry code relies on RPL. */
		return (u16)value == __USER_CS ? 0 : -EIO;
	case REG(ss):
		return (u16)value == __USER_DS ? 0 : -EIO;
	case REG(ds):
	case REG(es):
	case REG(fs):
	case REG(gs):
		if ((u16)value && ((u16)value & 3) != 3)
			return -EIO;
		*saved_selector(task, offset) = value;
		return 0;
	case REG(fs_base):
		if (value >= TASK_SIZE_MAX)
			return -EIO;
		task->thread.fsbase = value;
		return 0;
	case REG(gs_base):
		if (value >= TASK_SIZE_MAX)
			return -EIO;
		task->thread.gsbase = value;
		return 0;
	case REG(flags):
		set_flags(task, value);
		return 0;
	default:
		*saved_register(task, offset) = value;
		return 0;
	}
}

static int genregs_get(struct task_struct *target,
		       const struct user_regset *regset, struct membuf to)
{
	unsigned long offset;

	for (offset = 0; to.left; offset += sizeof(long))
		membuf_store(&to, get_register(target, offset));
	return 0;
}

static int genregs_set(struct task_struct *target,
		       const struct user_regset *regset, unsigned int pos,
		       unsigned int count, const void *kbuf,
		       const void __user *ubuf)
{
	const unsigned long __user *user = ubuf;
	const unsigned long *words = kbuf;
	unsigned long word;
	int ret;

	for (; count >= sizeof(word); count -= sizeof(word)) {
		if (words)
			word = *words++;
		else if (__get_user(word, user++))
			return -EFAULT;
		ret = set_register(target, pos, word);
		if (ret)
			return ret;
		pos += sizeof(word);
	}
	return 0;
}

static const struct user_regset x86_64_regsets[] = {
	[REGSET_GENERAL] = {
		.core_note_type = NT_PRSTATUS,
		.n = sizeof(struct user_regs_struct) / sizeof(long),
		.size = sizeof(long),
		.align = sizeof(long),
		.regset_get = genregs_get,
		.set = genregs_set,
	},
	[REGSET_FP] = {
		.core_note_type = NT_PRFPREG,
		.n = sizeof(struct user_i387_struct) / sizeof(long),
		.size = sizeof(long),
		.align = sizeof(long),
		.active = fpregs_active,
		.regset_get = fpregs_get,
		.set = fpregs_set,
	},
	[REGSET_XSTATE] = {
		.core_note_type = NT_X86_XSTATE,
		/* Upper bound; the processor's size is what `active` says. */
		.n = PAGE_SIZE * 4 / sizeof(u64),
		.size = sizeof(u64),
		.align = sizeof(u64),
		.active = xstateregs_active,
		.regset_get = xstateregs_get,
		.set = xstateregs_set,
	},
};

static const struct user_regset_view x86_64_view = {
	.name = "x86_64",
	.e_machine = EM_X86_64,
	.regsets = x86_64_regsets,
	.n = ARRAY_SIZE(x86_64_regsets),
};

const struct user_regset_view *task_user_regset_view(struct task_struct *task)
{
	return &x86_64_view;
}

static bool is_debug_register(unsigned long offset)
{
	return offset >= offsetof(struct user, u_debugreg[0]) &&
	       offset <= offsetof(struct user, u_debugreg[7]);
}

static unsigned long debug_index(unsigned long offset)
{
	return (offset - offsetof(struct user, u_debugreg[0])) / sizeof(long);
}

static long peek_user(struct task_struct *child, unsigned long addr,
		      unsigned long __user *data)
{
	unsigned long value = 0;

	if ((addr & (sizeof(value) - 1)) || addr >= sizeof(struct user))
		return -EIO;
	if (addr < sizeof(struct user_regs_struct))
		value = get_register(child, addr);
	else if (is_debug_register(addr))
		value = watch_get(child, debug_index(addr));
	return put_user(value, data);
}

static long poke_user(struct task_struct *child, unsigned long addr,
		      unsigned long value)
{
	if ((addr & (sizeof(value) - 1)) || addr >= sizeof(struct user))
		return -EIO;
	if (addr < sizeof(struct user_regs_struct))
		return set_register(child, addr, value);
	if (is_debug_register(addr))
		return watch_set(child, debug_index(addr), value);
	return -EIO;
}

long arch_ptrace(struct task_struct *child, long request, unsigned long addr,
		 unsigned long data)
{
	void __user *user = (void __user *)data;

	switch (request) {
	case PTRACE_PEEKUSR:
		return peek_user(child, addr, user);
	case PTRACE_POKEUSR:
		return poke_user(child, addr, data);
	case PTRACE_GETREGS:
		return copy_regset_to_user(child, &x86_64_view, REGSET_GENERAL,
					   0, sizeof(struct user_regs_struct),
					   user);
	case PTRACE_SETREGS:
		return copy_regset_from_user(child, &x86_64_view,
					     REGSET_GENERAL, 0,
					     sizeof(struct user_regs_struct),
					     user);
	case PTRACE_GETFPREGS:
		return copy_regset_to_user(child, &x86_64_view, REGSET_FP, 0,
					   sizeof(struct user_i387_struct),
					   user);
	case PTRACE_SETFPREGS:
		return copy_regset_from_user(child, &x86_64_view, REGSET_FP, 0,
					     sizeof(struct user_i387_struct),
					     user);
	case PTRACE_ARCH_PRCTL:
		return do_arch_prctl(child, data, addr);
	default:
		return ptrace_request(child, request, addr, data);
	}
}

void ptrace_disable(struct task_struct *child)
{
	user_disable_single_step(child);
}
