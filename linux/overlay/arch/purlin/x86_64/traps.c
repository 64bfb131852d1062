// SPDX-License-Identifier: GPL-2.0
/* Upcalls sorted by vector: exceptions become signals, or Linux's own bugs. */
#include <linux/bug.h>
#include <linux/entry-common.h>
#include <linux/extable.h>
#include <linux/kdebug.h>
#include <linux/kprobes.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>
#include <linux/uaccess.h>
#include <asm/entry.h>
#include <asm/irq.h>
#include <asm/irqflags.h>
#include <asm/processor.h>
#include <asm/protect.h>
#include <asm/smp.h>
#include <asm/stopped.h>
#include <asm/trapnr.h>
#include <asm/umip.h>
#include <asm/vcpu.h>

int show_unhandled_signals = 1;

/* BUG() and WARN() are this instruction (asm/bug.h). */
#define UD2_BYTES	2

int is_valid_bugaddr(unsigned long address)
{
	unsigned short opcode;

	if (address < PAGE_OFFSET || get_kernel_nofault(opcode, (unsigned short *)address))
		return 0;
	return opcode == 0x0b0f;
}

void die(const char *what, struct pt_regs *regs, unsigned long error)
{
	static int count;

	oops_enter();
	console_verbose();
	bust_spinlocks(1);
	pr_alert("%s: %04lx [#%d]\n", what, error, ++count);
	notify_die(DIE_OOPS, what, regs, error, current->thread.trap_nr, SIGSEGV);
	show_regs(regs);
	bust_spinlocks(0);
	add_taint(TAINT_DIE, LOCKDEP_NOW_UNRELIABLE);
	oops_exit();
	if (in_interrupt())
		panic("Fatal exception in interrupt");
	if (panic_on_oops)
		panic("Fatal exception");
	make_task_dead(SIGSEGV);
}

struct exception {
	const char *name;
	int signal;
	int code;
};

static const struct exception exceptions[32] = {
	[X86_TRAP_DE] = { "divide error", SIGFPE, FPE_INTDIV },
	[X86_TRAP_DB] = { "debug", SIGTRAP, TRAP_TRACE },
	[X86_TRAP_BP] = { "int3", SIGTRAP, SI_KERNEL },
	[X86_TRAP_OF] = { "overflow", SIGSEGV, SI_KERNEL },
	[X86_TRAP_BR] = { "bounds", SIGSEGV, SI_KERNEL },
	[X86_TRAP_UD] = { "invalid opcode", SIGILL, ILL_ILLOPN },
	[X86_TRAP_NM] = { "device not available", SIGSEGV, SI_KERNEL },
	[X86_TRAP_TS] = { "invalid TSS", SIGSEGV, SI_KERNEL },
	[X86_TRAP_NP] = { "segment not present", SIGBUS, SI_KERNEL },
	[X86_TRAP_SS] = { "stack segment", SIGBUS, SI_KERNEL },
	[X86_TRAP_GP] = { "general protection fault", SIGSEGV, SI_KERNEL },
	[X86_TRAP_MF] = { "coprocessor error", SIGFPE, FPE_FLTINV },
	[X86_TRAP_AC] = { "alignment check", SIGBUS, BUS_ADRALN },
	[X86_TRAP_XF] = { "SIMD exception", SIGFPE, FPE_FLTINV },
};

static void report_unhandled(const char *name, struct pt_regs *regs, int signal,
			     unsigned long error)
{
	if (!show_unhandled_signals || !unhandled_signal(current, signal))
		return;
	pr_info_ratelimited("%s[%d] trap %s ip:%lx sp:%lx error:%lx\n", current->comm,
			    task_pid_nr(current), name, regs->ip, regs->sp, error);
}

/* The registers are still the program's: Intel SDM volume 1, 8.1.3 and 10.2.3. */
static int float_exception_code(unsigned int vector)
{
	unsigned int raised;

	if (vector == X86_TRAP_MF) {
		u16 control, status;

		asm volatile("fnstcw %0\n\tfnstsw %1" : "=m" (control), "=m" (status));
		raised = status & ~control;
	} else {
		u32 mxcsr;

		asm volatile("stmxcsr %0" : "=m" (mxcsr));
		raised = mxcsr & ~(mxcsr >> 7);
	}
	if (raised & 0x01)
		return FPE_FLTINV;
	if (raised & 0x04)
		return FPE_FLTDIV;
	if (raised & 0x08)
		return FPE_FLTOVF;
	if (raised & 0x12)
		return FPE_FLTUND;
	return raised & 0x20 ? FPE_FLTRES : FPE_FLTINV;
}

/*
 * Leaves trap_nr alone where no signal follows: while a probed instruction is stepped, any change
 * of it means that the instruction itself has trapped.
 */
static bool answer_exception(struct pt_regs *regs, unsigned int vector, unsigned long error,
			     unsigned long debug_status)
{
	const struct exception *e = &exceptions[vector];

	switch (vector) {
	case X86_TRAP_DB:
		if (notify_die(DIE_DEBUG, e->name, regs, error, vector, e->signal) != NOTIFY_STOP)
			user_debug_trap(regs, debug_status);
		return true;
	case X86_TRAP_GP:
		return umip_answer(regs);
	case X86_TRAP_BP:
		return notify_die(DIE_INT3, e->name, regs, error, vector, e->signal) == NOTIFY_STOP;
	default:
		return false;
	}
}

static void signal_exception(struct pt_regs *regs, unsigned int vector, unsigned long error)
{
	const struct exception *e = &exceptions[vector];
	void __user *address = NULL;

	current->thread.error_code = error;
	current->thread.trap_nr = vector;
	switch (vector) {
	case X86_TRAP_GP:
	case X86_TRAP_BP:
	case X86_TRAP_OF:
	case X86_TRAP_TS:
	case X86_TRAP_NP:
	case X86_TRAP_SS:
		break;
	case X86_TRAP_MF:
	case X86_TRAP_XF:
		force_sig_fault(e->signal, float_exception_code(vector),
				(void __user *)regs->ip);
		return;
	default:
		address = (void __user *)regs->ip;
		break;
	}
	if (!e->name) {
		force_sig(SIGSEGV);
		return;
	}
	if (vector != X86_TRAP_BP)
		report_unhandled(e->name, regs, e->signal, error);
	if (address && e->code != SI_KERNEL)
		force_sig_fault(e->signal, e->code, address);
	else
		force_sig(e->signal);
}

static void kernel_exception(struct pt_regs *regs, unsigned int vector, unsigned long error)
{
	const char *name = exceptions[vector].name ?: "unknown exception";

	if (vector == X86_TRAP_UD && report_bug(regs->ip, regs) == BUG_TRAP_TYPE_WARN) {
		regs->ip += UD2_BYTES;
		return;
	}
	if (kprobe_page_fault(regs, vector) || fixup_exception(regs, vector, error, 0))
		return;
	current->thread.error_code = error;
	current->thread.trap_nr = vector;
	die(name, regs, error);
}

static void do_exception(struct pt_regs *regs, unsigned int vector, unsigned long error,
			 unsigned long debug_status)
{
	vector &= 31;
	if (!user_mode(regs)) {
		if (vector != X86_TRAP_DB || !kernel_debug_trap(regs, debug_status))
			kernel_exception(regs, vector, error);
		return;
	}
	local_irq_enable();
	if (!answer_exception(regs, vector, error, debug_status))
		signal_exception(regs, vector, error);
	local_irq_disable();
}

/* A fault while events were enabled is handled with them enabled. */
static void do_page_fault(struct pt_regs *regs, unsigned long error, unsigned long address)
{
	purlin_page_fault(regs, error, address);
	local_irq_disable();
}

#ifdef CONFIG_KPROBES
/* As an NMI: a probe may stand in anything. */
static noinstr bool handle_probe(struct pt_regs *regs)
{
	irqentry_state_t state = irqentry_nmi_enter(regs);
	bool handled;

	instrumentation_begin();
	handled = kprobe_int3_handler(regs);
	instrumentation_end();
	irqentry_nmi_exit(regs, state);
	return handled;
}
#else
static __always_inline bool handle_probe(struct pt_regs *regs)
{
	return false;
}
#endif

/* As an NMI: whatever ran may hold any lock. Not again before this one is through. */
static noinstr void handle_alert(struct pt_regs *regs)
{
	irqentry_state_t state = irqentry_nmi_enter(regs);

	instrumentation_begin();
	smp_alerted(regs);
	instrumentation_end();
	irqentry_nmi_exit(regs, state);
	this_cpu_write(purlin_state.alert_masked, 0);
}

asmlinkage __visible noinstr void purlin_do_event(struct pt_regs *regs, unsigned int vector,
						  unsigned long error, unsigned long address)
{
	irqentry_state_t state;

	if (unlikely(vector == X86_TRAP_BP) && !user_mode(regs) &&
	    (purlin_text_exchanging(regs) || handle_probe(regs)))
		return;
	if (unlikely(vector == PURLIN_VECTOR_ALERT)) {
		handle_alert(regs);
		return;
	}
	state = irqentry_enter(regs);
	instrumentation_begin();
	if (vector == PURLIN_VECTOR_EVENT) {
		/* It came at once: nothing but a machine that stood still made the timer late. */
		stopped_look();
		purlin_handle_events(regs);
	} else if (vector == X86_TRAP_PF) {
		do_page_fault(regs, error, address);
	} else {
		do_exception(regs, vector, error, address);
	}
	instrumentation_end();

	irqentry_exit(regs, state);
}

asmlinkage __visible noinstr void purlin_do_pending(struct pt_regs *regs)
{
	do {
		irqentry_state_t state;

		this_cpu_write(purlin_state.events_enabled, 0);
		state = irqentry_enter(regs);
		instrumentation_begin();
		purlin_handle_events(regs);
		instrumentation_end();
		irqentry_exit(regs, state);
		this_cpu_write(purlin_state.events_enabled, 1);
		/* An event from here on is an upcall; one before is seen here. */
		barrier();
	} while (this_cpu_read(purlin_state.events_pending));
}
