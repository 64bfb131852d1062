// SPDX-License-Identifier: GPL-2.0
/* What the processor does when there is nothing to do. */
#include <linux/cpu.h>
#include <linux/init.h>
#include <linux/sched/idle.h>
#include <asm/irqflags.h>
#include <asm/stopped.h>
#include <purlin/calls.h>

/* With events disabled: whoever called finds them pending when it enables them. */
void arch_cpu_idle(void)
{
	this_cpu_write(vcpu_idles, true);
	purlin_vcpu_wait();
	this_cpu_write(vcpu_idles, false);
	stopped_look();
#ifdef PURLIN_TREE_IDLE_ENABLES
	raw_local_irq_enable();
#endif
}
