// SPDX-License-Identifier: MIT
/* The way out of the kernel. Compiled so that it keeps no registers (module.mk), as exchange.c. */
#include "arch/checks.h"
#include "arch/context.h"

#include "arch/machine.h"
#include "arch/switch.h"
#include "base/lock.h"
#include "object/processor.h"

struct thread *context_leave_to(struct thread *next)
{
	struct cpu *cpu = cpu_this();

	if (next != cpu->current)
		context_switch(cpu, next);
	/* After the switch: it looks at the mode and the roots that this processor has loaded. */
	if (next && next->object.type == PURLIN_TYPE_VCPU)
		vcpu_leave(cpu, thread_vcpu(next));
	checks_leave(cpu, next);
	/* The frame of `next` is still to be used: see leave_to in exceptions.S. */
	kernel_unlock();
	if (!next)
		arch_idle();
	return next;
}

/*
 * From one native thread to another, as after nearly every call, everything is inline; vCPUs and
 * the idle loop, which have more to save and to look at, go the general way.
 */
static inline struct thread *leave_to(struct cpu *cpu, struct thread *next)
{
	struct thread *previous = cpu->current;

	if (!next || !previous || previous->object.type != PURLIN_TYPE_THREAD)
		return context_leave_to(next);
	if (next != previous) {
		if (!native_switch_does(cpu, next))
			return context_leave_to(next);
		native_switch(cpu, previous, next);
	}
	checks_leave(cpu, next);
	kernel_unlock();
	return next;
}

static __attribute__((noinline)) struct thread *choose_and_leave(void)
{
	struct thread *next = scheduler_pick(cpu_this()->processor);

	return leave_to(cpu_this(), next);
}

struct thread *context_leave(void)
{
	struct cpu *cpu = cpu_this();

	if (__builtin_expect(processor_has_to_choose(cpu->processor), 0))
		return choose_and_leave();
	return leave_to(cpu, cpu->processor->current);
}
