// SPDX-License-Identifier: GPL-2.0
/* Stacks by frame pointers, and the registers of a trap. */
#include <linux/export.h>
#include <linux/kallsyms.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/debug.h>
#include <linux/sched/task_stack.h>
#include <linux/stacktrace.h>
#include <asm/processor.h>
#include <asm/switch_to.h>

struct stack_frame {
	unsigned long next;
	unsigned long return_address;
};

static bool on_stack(struct task_struct *task, unsigned long address)
{
	unsigned long base = (unsigned long)task_stack_page(task);

	return address >= base && address + sizeof(struct stack_frame) <= base + THREAD_SIZE &&
	       IS_ALIGNED(address, sizeof(long));
}

static unsigned long first_frame(struct task_struct *task, struct pt_regs *regs)
{
	if (regs)
		return regs->bp;
	if (task == current)
		return (unsigned long)__builtin_frame_address(0);
	return ((struct inactive_task_frame *)task->thread.sp)->bp;
}

noinline void arch_stack_walk(stack_trace_consume_fn consume, void *cookie,
			      struct task_struct *task, struct pt_regs *regs)
{
	unsigned long bp = first_frame(task, regs);
	unsigned long last = 0;

	if (regs && !consume(cookie, regs->ip))
		return;
	/* Frames of one stack only go upwards: a broken chain ends the walk. */
	while (bp > last && on_stack(task, bp)) {
		struct stack_frame *frame = (struct stack_frame *)bp;
		unsigned long address = READ_ONCE_NOCHECK(frame->return_address);

		if (!address || !consume(cookie, address))
			return;
		last = bp;
		bp = READ_ONCE_NOCHECK(frame->next);
	}
}

struct show {
	const char *level;
	unsigned int left;
};

static bool show_one(void *cookie, unsigned long address)
{
	struct show *show = cookie;

	if (__kernel_text_address(address))
		_printk("%s %pBb\n", show->level, (void *)address);
	return --show->left;
}

static void show_trace(struct task_struct *task, struct pt_regs *regs, const char *level)
{
	struct show show = { .level = level, .left = 64 };

	_printk("%sCall trace:\n", level);
	arch_stack_walk(show_one, &show, task, regs);
}

void show_stack(struct task_struct *task, unsigned long *sp, const char *level)
{
	show_trace(task ?: current, NULL, level);
}

void show_regs(struct pt_regs *regs)
{
	show_regs_print_info(KERN_DEFAULT);
	pr_warn("RIP: %04lx:%pS\n", regs->cs, (void *)regs->ip);
	pr_warn("RSP: %016lx RFLAGS: %08lx ORIG_RAX: %016lx\n", regs->sp, regs->flags,
		regs->orig_ax);
	pr_warn("RAX: %016lx RBX: %016lx RCX: %016lx\n", regs->ax, regs->bx, regs->cx);
	pr_warn("RDX: %016lx RSI: %016lx RDI: %016lx\n", regs->dx, regs->si, regs->di);
	pr_warn("RBP: %016lx R08: %016lx R09: %016lx\n", regs->bp, regs->r8, regs->r9);
	pr_warn("R10: %016lx R11: %016lx R12: %016lx\n", regs->r10, regs->r11, regs->r12);
	pr_warn("R13: %016lx R14: %016lx R15: %016lx\n", regs->r13, regs->r14, regs->r15);
	if (!user_mode(regs))
		show_trace(current, regs, KERN_DEFAULT);
}

struct first_sleep {
	unsigned long address;
	unsigned int left;
};

static bool outside_scheduler(void *cookie, unsigned long address)
{
	struct first_sleep *found = cookie;

	if (in_sched_functions(address))
		return --found->left;
	found->address = address;
	return false;
}

unsigned long __get_wchan(struct task_struct *task)
{
	struct first_sleep found = { .left = 16 };

	if (!try_get_task_stack(task))
		return 0;
	arch_stack_walk(outside_scheduler, &found, task, NULL);
	put_task_stack(task);
	return found.address;
}
