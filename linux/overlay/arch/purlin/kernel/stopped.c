// SPDX-License-Identifier: GPL-2.0
/*
 * The machine stood still, as when the host of a virtual one stops it, and the clock went on:
 * nothing has hung, though everything is late. The microkernel sees its own timers come late and
 * counts such times for each vCPU. It cannot see those that begin after it has raised the timer's
 * event, or before it hears of a deadline: there each vCPU looks for itself, wherever nothing else
 * can have kept it so long. Long times with interrupts off are not counted: they are faults.
 */
#include <linux/clocksource.h>
#include <linux/cpumask.h>
#include <linux/irqflags.h>
#include <linux/nmi.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <asm/kvm_para.h>
#include <asm/stopped.h>
#include <asm/time.h>
#include <asm/timex.h>
#include <asm/vcpu.h>

DEFINE_PER_CPU(struct clock_watch, clock_watch) = {
	.deadline = CLOCK_NEVER,
	.handler = CLOCK_NEVER,
};

/* What this vCPU knew of when it asked last. */
static DEFINE_PER_CPU(u64, stopped_known);

noinstr bool stopped_between(u64 before, u64 after)
{
	/* CLOCK_NEVER is after everything. */
	if (likely(before > after || after - before < purlin_tsc_hz / 2))
		return false;
	raw_cpu_add(clock_watch.stopped, after - before);
	return true;
}

noinstr void stopped_look(void)
{
	u64 now = purlin_tsc();

	if (stopped_between(raw_cpu_read(clock_watch.handler), now))
		raw_cpu_write(clock_watch.handler, now);
	if (stopped_between(raw_cpu_read(clock_watch.deadline), now))
		raw_cpu_write(clock_watch.deadline, now);
}

/* A vCPU that had nothing to do until much later did not notice: the others know. */
static u64 stopped_sum(void)
{
	unsigned int cpu;
	u64 sum = 0;

	for_each_possible_cpu(cpu) {
		sum += READ_ONCE(per_cpu(purlin_state, cpu).stopped);
		sum += READ_ONCE(per_cpu(clock_watch, cpu).stopped);
	}
	return sum;
}

bool kvm_check_and_clear_guest_paused(void)
{
	unsigned long flags;
	u64 stopped;

	local_irq_save(flags);
	stopped_look();
	local_irq_restore(flags);
	stopped = stopped_sum();
	if (likely(stopped == raw_cpu_read(stopped_known)))
		return false;
	raw_cpu_write(stopped_known, stopped);
	touch_softlockup_watchdog_sync();
	clocksource_touch_watchdog();
	rcu_cpu_stall_reset();
	reset_hung_task_detector();
	return true;
}
