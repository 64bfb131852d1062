// SPDX-License-Identifier: GPL-2.0
/*
 * The machine stood still, as when the host of a virtual one stops it, and the clock went on:
 * nothing has hung, though everything is late. The microkernel counts such times for each vCPU.
 */
#include <linux/clocksource.h>
#include <linux/cpumask.h>
#include <linux/nmi.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <asm/kvm_para.h>
#include <asm/vcpu.h>

/* What this vCPU knew of when it asked last. */
static DEFINE_PER_CPU(u64, stopped_known);

/* A vCPU that had nothing to do until much later did not notice: the others know. */
static u64 stopped_sum(void)
{
	unsigned int cpu;
	u64 sum = 0;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(purlin_state, cpu).stopped);
	return sum;
}

bool kvm_check_and_clear_guest_paused(void)
{
	u64 stopped = stopped_sum();

	if (likely(stopped == raw_cpu_read(stopped_known)))
		return false;
	raw_cpu_write(stopped_known, stopped);
	touch_softlockup_watchdog_sync();
	clocksource_touch_watchdog();
	rcu_cpu_stall_reset();
	reset_hung_task_detector();
	return true;
}
