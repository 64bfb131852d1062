// SPDX-License-Identifier: GPL-2.0
/* Signals, with the stack frame of x86-64 Linux. */
#include <linux/entry-common.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/ratelimit.h>
#include <linux/resume_user_mode.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/signal.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <asm/processor-flags.h>
#include <asm/processor.h>
#include <asm/segment.h>
#include <asm/sigframe.h>
#include <asm/syscall.h>
#include <asm/xstate.h>

asmlinkage long sys_rt_sigreturn(void);

#define FRAME_ALIGNMENT	16UL
#define RED_ZONE_BYTES	128UL

/* Flags that a signal handler may change in its frame. */
#define SIGRETURN_FLAGS	(X86_EFLAGS_AC | X86_EFLAGS_OF | X86_EFLAGS_DF | \
			 X86_EFLAGS_TF | X86_EFLAGS_SF | X86_EFLAGS_ZF | \
			 X86_EFLAGS_AF | X86_EFLAGS_PF | X86_EFLAGS_CF | \
			 X86_EFLAGS_RF)

/*
 * Where the frame goes, with the FPU state above it already written. An
 * address that can never be valid if the stack does not hold it.
 */
static struct rt_sigframe __user *place_frame(struct ksignal *ksig,
					      struct pt_regs *regs,
					      void __user **fpu)
{
	bool on_altstack = on_sig_stack(regs->sp);
	unsigned long sp = regs->sp - RED_ZONE_BYTES;

	if ((ksig->ka.sa.sa_flags & SA_ONSTACK) && sas_ss_flags(sp) == 0) {
		sp = current->sas_ss_sp + current->sas_ss_size;
		on_altstack = true;
	}

	sp = round_down(sp - xstate_frame_bytes(), 64);
	*fpu = (void __user *)sp;

	/* As after a call: the return address makes it 8 modulo 16. */
	sp = round_down(sp - sizeof(struct rt_sigframe), FRAME_ALIGNMENT) - 8;

	if (unlikely(on_altstack && !__on_sig_stack(sp))) {
		if (show_unhandled_signals)
			pr_info_ratelimited("%s[%d] overflowed sigaltstack\n",
					    current->comm, task_pid_nr(current));
		return (void __user *)-1L;
	}
	if (!xstate_save_frame(*fpu))
		return (void __user *)-1L;
	return (struct rt_sigframe __user *)sp;
}

static int put_registers(struct sigcontext __user *user, void __user *fpu,
			 const struct pt_regs *regs, const sigset_t *mask)
{
	struct sigcontext sc = {
		.r8 = regs->r8,
		.r9 = regs->r9,
		.r10 = regs->r10,
		.r11 = regs->r11,
		.r12 = regs->r12,
		.r13 = regs->r13,
		.r14 = regs->r14,
		.r15 = regs->r15,
		.di = regs->di,
		.si = regs->si,
		.bp = regs->bp,
		.bx = regs->bx,
		.dx = regs->dx,
		.ax = regs->ax,
		.cx = regs->cx,
		.sp = regs->sp,
		.ip = regs->ip,
		.flags = regs->flags,
		.cs = regs->cs,
		.ss = regs->ss,
		.err = current->thread.error_code,
		.trapno = current->thread.trap_nr,
		.oldmask = mask->sig[0],
		.cr2 = current->thread.cr2,
		.fpstate = (unsigned long)fpu,
	};

	/* The reserved words at the end are the program's. */
	return __copy_to_user(user, &sc, offsetof(struct sigcontext, reserved1));
}

static int put_ucontext(struct ucontext __user *uc, void __user *fpu,
			struct pt_regs *regs)
{
	const sigset_t *mask = sigmask_to_save();
	unsigned long flags = UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS;

	if (xstate_mask)
		flags |= UC_FP_XSTATE;
	if (__put_user(flags, &uc->uc_flags) ||
	    __put_user(NULL, &uc->uc_link) ||
	    __save_altstack(&uc->uc_stack, regs->sp) ||
	    put_registers(&uc->uc_mcontext, fpu, regs, mask))
		return -EFAULT;
	return __put_user(mask->sig[0], (u64 __user *)&uc->uc_sigmask);
}

static int setup_frame(struct ksignal *ksig, struct pt_regs *regs)
{
	struct rt_sigframe __user *frame;
	void __user *fpu;

	/* There is no return code on the stack or in the vDSO. */
	if (!(ksig->ka.sa.sa_flags & SA_RESTORER))
		return -EFAULT;

	frame = place_frame(ksig, regs, &fpu);
	if (!access_ok(frame, sizeof(*frame)))
		return -EFAULT;
	if (put_ucontext(&frame->uc, fpu, regs) ||
	    __put_user((char __user *)ksig->ka.sa.sa_restorer,
		       &frame->pretcode))
		return -EFAULT;
	if ((ksig->ka.sa.sa_flags & SA_SIGINFO) &&
	    copy_siginfo_to_user(&frame->info, &ksig->info))
		return -EFAULT;

	regs->di = ksig->sig;
	regs->ax = 0; /* no vector arguments, for handlers without prototype */
	regs->si = (unsigned long)&frame->info;
	regs->dx = (unsigned long)&frame->uc;
	regs->ip = (unsigned long)ksig->ka.sa.sa_handler;
	regs->sp = (unsigned long)frame;
	regs->cs = __USER_CS;
	regs->ss = __USER_DS;
	return 0;
}

/* Go back to the SYSCALL instruction, two bytes long. */
static void restart_syscall_with(struct pt_regs *regs, unsigned long nr)
{
	regs->ax = nr;
	regs->ip -= 2;
}

static void restart_before_handler(struct ksignal *ksig, struct pt_regs *regs)
{
	if (syscall_get_nr(current, regs) == -1)
		return;

	switch (syscall_get_error(current, regs)) {
	case -ERESTART_RESTARTBLOCK:
	case -ERESTARTNOHAND:
		regs->ax = -EINTR;
		break;
	case -ERESTARTSYS:
		if (!(ksig->ka.sa.sa_flags & SA_RESTART)) {
			regs->ax = -EINTR;
			break;
		}
		fallthrough;
	case -ERESTARTNOINTR:
		restart_syscall_with(regs, regs->orig_ax);
		break;
	}
}

static void restart_without_handler(struct pt_regs *regs)
{
	if (syscall_get_nr(current, regs) == -1)
		return;

	switch (syscall_get_error(current, regs)) {
	case -ERESTARTNOHAND:
	case -ERESTARTSYS:
	case -ERESTARTNOINTR:
		restart_syscall_with(regs, regs->orig_ax);
		break;
	case -ERESTART_RESTARTBLOCK:
		restart_syscall_with(regs, __NR_restart_syscall);
		break;
	}
}

static void handle_signal(struct ksignal *ksig, struct pt_regs *regs)
{
	bool stepping, failed;

	restart_before_handler(ksig, regs);

	/* A debugger's TF is not for the frame; it is told of the handler. */
	stepping = test_thread_flag(TIF_SINGLESTEP);
	if (stepping)
		user_disable_single_step(current);

	rseq_signal_deliver(ksig, regs);
	failed = setup_frame(ksig, regs) < 0;
	if (!failed) {
		regs->flags &= ~(X86_EFLAGS_DF | X86_EFLAGS_RF | X86_EFLAGS_TF);
		xstate_reset();
	}
	signal_setup_done(failed, ksig, stepping);
}

void arch_do_signal_or_restart(struct pt_regs *regs)
{
	struct ksignal ksig;

	if (get_signal(&ksig)) {
		handle_signal(&ksig, regs);
		return;
	}
	restart_without_handler(regs);
	restore_saved_sigmask();
}

static bool get_registers(struct pt_regs *regs, struct sigcontext __user *user,
			  unsigned long uc_flags)
{
	struct sigcontext sc;

	/* A system call that was to be restarted is over. */
	current->restart_block.fn = do_no_restart_syscall;

	if (copy_from_user(&sc, user, offsetof(struct sigcontext, reserved1)))
		return false;

	/* User mode has one code and one stack segment. */
	if ((sc.cs | 3) != __USER_CS)
		return false;
	if ((uc_flags & UC_STRICT_RESTORE_SS) && (sc.ss | 3) != __USER_DS)
		return false;

	regs->r8 = sc.r8;
	regs->r9 = sc.r9;
	regs->r10 = sc.r10;
	regs->r11 = sc.r11;
	regs->r12 = sc.r12;
	regs->r13 = sc.r13;
	regs->r14 = sc.r14;
	regs->r15 = sc.r15;
	regs->di = sc.di;
	regs->si = sc.si;
	regs->bp = sc.bp;
	regs->bx = sc.bx;
	regs->dx = sc.dx;
	regs->ax = sc.ax;
	regs->cx = sc.cx;
	regs->sp = sc.sp;
	regs->ip = sc.ip;
	regs->cs = __USER_CS;
	regs->ss = __USER_DS;
	regs->flags = (regs->flags & ~SIGRETURN_FLAGS) |
		      (sc.flags & SIGRETURN_FLAGS);
	regs->orig_ax = -1; /* not in a system call any more */

	return xstate_restore_frame((void __user *)sc.fpstate);
}

static void report_bad_frame(struct pt_regs *regs, void __user *frame)
{
	if (show_unhandled_signals)
		pr_info_ratelimited("%s[%d] bad frame in rt_sigreturn frame:%p ip:%lx sp:%lx orax:%lx\n",
				    current->comm, current->pid, frame, regs->ip, regs->sp,
				    regs->orig_ax);
	force_sig(SIGSEGV);
}

asmlinkage long sys_rt_sigreturn(void)
{
	struct pt_regs *regs = current_pt_regs();
	/* The handler's return took the return address. */
	struct rt_sigframe __user *frame = (void __user *)(regs->sp - 8);
	unsigned long uc_flags;
	sigset_t mask;

	if (!access_ok(frame, sizeof(*frame)) ||
	    __get_user(mask.sig[0], (u64 __user *)&frame->uc.uc_sigmask) ||
	    __get_user(uc_flags, &frame->uc.uc_flags))
		goto bad;

	set_current_blocked(&mask);
	if (restore_altstack(&frame->uc.uc_stack))
		goto bad;
	if (!get_registers(regs, &frame->uc.uc_mcontext, uc_flags))
		goto bad;
	return regs->ax;

bad:
	report_bad_frame(regs, frame);
	return 0;
}

unsigned long get_sigframe_size(void)
{
	unsigned long size = sizeof(struct rt_sigframe) + FRAME_ALIGNMENT - 1 +
			     xstate_frame_bytes() + 63;

	return round_up(size, FRAME_ALIGNMENT);
}

#ifdef CONFIG_DYNAMIC_SIGFRAME
/* Programs built for smaller frames are let alone, as long as they fit. */
bool sigaltstack_size_valid(size_t size)
{
	return true;
}
#endif
