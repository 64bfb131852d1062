// SPDX-License-Identifier: GPL-2.0
/*
 * Debug registers of tasks, as ptrace shows them. The microkernel loads them while this vCPU runs
 * (vcpu_debug) and refuses what is not a place in the lower half.
 */
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <asm/debugreg.h>
#include <asm/processor.h>
#include <asm/ptrace.h>
#include <asm/watch.h>
#include <purlin/calls.h>

#define WATCHES		4
#define ENABLED(index)	((DR_LOCAL_ENABLE | DR_GLOBAL_ENABLE) << (index) * DR_ENABLE_SIZE)

static unsigned int field(unsigned long control, unsigned int index)
{
	return control >> (DR_CONTROL_SHIFT + index * DR_CONTROL_SIZE) & 0xf;
}

/* What x86-64 demands of an enabled one; the processor does not check it. */
static bool is_valid(unsigned long address, unsigned int field)
{
	static const unsigned char bytes[] = { 1, 2, 8, 4 };
	unsigned int size = bytes[field >> 2], kind = field & 3;

	if (kind == DR_RW_EXECUTE)
		return size == 1;
	return kind != 2 && IS_ALIGNED(address, size);
}

static bool all_valid(const struct thread_struct *thread, unsigned long control)
{
	for (unsigned int i = 0; i < WATCHES; i++)
		if (control & ENABLED(i) &&
		    !is_valid(thread->debug_address[i], field(control, i)))
			return false;
	return true;
}

unsigned long watch_get(struct task_struct *task, unsigned long index)
{
	const struct thread_struct *thread = &task->thread;

	if (index < WATCHES)
		return thread->debug_address[index];
	if (index == DR_STATUS)
		return thread->debug_status ^ DR6_RESERVED;
	return index == DR_CONTROL ? thread->debug_control : 0;
}

static int set_address(struct thread_struct *thread, unsigned long index, unsigned long value)
{
	unsigned long before = thread->debug_address[index];

	if (value >= TASK_SIZE_MAX)
		return -EINVAL;
	thread->debug_address[index] = value;
	if (all_valid(thread, thread->debug_control))
		return 0;
	thread->debug_address[index] = before;
	return -EINVAL;
}

/* `task` is stopped: what it has is loaded when it runs next. */
int watch_set(struct task_struct *task, unsigned long index, unsigned long value)
{
	struct thread_struct *thread = &task->thread;

	if (index < WATCHES)
		return set_address(thread, index, value);
	switch (index) {
	case DR_STATUS:
		thread->debug_status = value ^ DR6_RESERVED;
		return 0;
	case DR_CONTROL:
		value &= ~DR_CONTROL_RESERVED;
		if (!all_valid(thread, value))
			return -EINVAL;
		thread->debug_control = value;
		return 0;
	default:
		return -EIO;
	}
}

void watch_load(const struct thread_struct *thread)
{
	const unsigned long *address = thread->debug_address;

	WARN_ON_ONCE(purlin_vcpu_debug(address[0], address[1], address[2], address[3],
				       thread->debug_control));
}

void watch_forget(struct task_struct *task)
{
	struct thread_struct *thread = &task->thread;
	bool loaded = task == current && thread->debug_control;

	memset(thread->debug_address, 0, sizeof(thread->debug_address));
	thread->debug_control = 0;
	thread->debug_status = 0;
	if (loaded) {
		preempt_disable();
		watch_load(thread);
		preempt_enable();
	}
}

/*
 * The processor also reports places whose address matches without being enabled. An instruction
 * is reported before it runs: RF lets it run.
 */
unsigned long watch_hit(struct pt_regs *regs, unsigned long status)
{
	const struct thread_struct *thread = &current->thread;
	unsigned long hit = 0;

	for (unsigned int i = 0; i < WATCHES; i++) {
		if (!(status & DR_TRAP0 << i) || !(thread->debug_control & ENABLED(i)))
			continue;
		hit |= DR_TRAP0 << i;
		if ((field(thread->debug_control, i) & 3) == DR_RW_EXECUTE)
			regs->flags |= X86_EFLAGS_RF;
	}
	return hit;
}
