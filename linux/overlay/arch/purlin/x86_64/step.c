// SPDX-License-Identifier: GPL-2.0
/* Single steps by the trap flag. */
#include <linux/entry-common.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <asm/debugreg.h>
#include <asm/entry.h>
#include <asm/processor.h>
#include <asm/trapnr.h>
#include <asm/watch.h>

static bool is_prefix(u8 byte)
{
	return byte == 0x66 || (byte & 0xf0) == 0x40;
}

/* POPF and IRET give TF a value of the program's own. */
static bool next_sets_trap_flag(struct task_struct *child, struct pt_regs *regs)
{
	u8 code[15];
	int i, length;

	length = access_process_vm(child, regs->ip, code, sizeof(code),
				   FOLL_FORCE);
	for (i = 0; i < length; i++) {
		if (code[i] == 0x9d || code[i] == 0xcf)
			return true;
		if (!is_prefix(code[i]))
			break;
	}
	return false;
}

void user_enable_single_step(struct task_struct *child)
{
	struct pt_regs *regs = task_pt_regs(child);
	bool was_set;

	/* An earlier step's trap has cleared TF that the debugger had set. */
	if (test_tsk_thread_flag(child, TIF_SINGLESTEP))
		regs->flags |= X86_EFLAGS_TF;

	set_tsk_thread_flag(child, TIF_SINGLESTEP);
	/* A step over SYSCALL ends before the next instruction. */
	set_task_syscall_work(child, SYSCALL_EXIT_TRAP);

	was_set = regs->flags & X86_EFLAGS_TF;
	regs->flags |= X86_EFLAGS_TF;
	if (next_sets_trap_flag(child, regs))
		clear_tsk_thread_flag(child, TIF_FORCED_TF);
	else if (!was_set)
		set_tsk_thread_flag(child, TIF_FORCED_TF);
}

void user_disable_single_step(struct task_struct *child)
{
	clear_tsk_thread_flag(child, TIF_SINGLESTEP);
	clear_task_syscall_work(child, SYSCALL_EXIT_TRAP);

	/* TF that the program has set itself stays. */
	if (test_and_clear_tsk_thread_flag(child, TIF_FORCED_TF))
		task_pt_regs(child)->flags &= ~X86_EFLAGS_TF;
}

static void send_sigtrap(struct pt_regs *regs, int error_code, int si_code)
{
	current->thread.trap_nr = X86_TRAP_DB;
	current->thread.error_code = error_code;
	force_sig_fault(SIGTRAP, si_code, (void __user *)regs->ip);
}

void user_single_step_report(struct pt_regs *regs)
{
	send_sigtrap(regs, 0, TRAP_BRKPT);
}

/* Vector 1 in user mode: a step, a watched place (bits of DR6), or the INT1 instruction. */
void user_debug_trap(struct pt_regs *regs, unsigned long status)
{
	unsigned long hit = watch_hit(regs, status) | (status & DR_STEP);

	current->thread.debug_status = hit;
	if (hit & DR_STEP)
		send_sigtrap(regs, 0, TRAP_TRACE);
	else if (hit)
		send_sigtrap(regs, 0, TRAP_HWBKPT);
	else if (!status)
		send_sigtrap(regs, 0, TRAP_BRKPT);
}

/*
 * Linux itself has touched a watched place for the task: as natively, nobody is told. False:
 * something else, which Linux's own code never causes.
 */
bool kernel_debug_trap(struct pt_regs *regs, unsigned long status)
{
	return status & DR_TRAP_BITS;
}
