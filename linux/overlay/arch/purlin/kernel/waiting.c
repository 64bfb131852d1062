// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting for another vCPU without using up its time. Where vCPUs share processors, the one that
 * holds a lock, or that is to answer a call, may be ready and have no processor. Whoever has spun
 * for a while looks for such a vCPU and has the microkernel run it in place of one of this Linux.
 */
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/stop_machine.h>
#include <asm/barrier.h>
#include <asm/smp.h>
#include <asm/vcpu.h>
#include <purlin/calls.h>

static DEFINE_PER_CPU(unsigned int, yield_count);
static DEFINE_PER_CPU(unsigned int, yielded_to);
static DEFINE_PER_CPU(unsigned int, stop_spins);

/*
 * Locks do not say who holds them: the vCPUs without a processor take turns, so that the one that
 * is waited for gets its own.
 */
notrace void vcpu_yield_to_others(void)
{
	unsigned int self = raw_smp_processor_id(), last = raw_cpu_read(yielded_to), cpu;

	for_each_cpu_wrap(cpu, cpu_online_mask, last + 1) {
		if (cpu == self || !vcpu_is_preempted(cpu) ||
		    purlin_vcpu_yield_to(smp_vcpu_slot(cpu)))
			continue;
		raw_cpu_write(yielded_to, cpu);
		raw_cpu_inc(yield_count);
		return;
	}
}
EXPORT_SYMBOL_GPL(vcpu_yield_to_others);

/* All wait until the last has come. */
notrace void stop_machine_yield(const struct cpumask *cpumask)
{
	cpu_relax();
	if (raw_cpu_add_return_4(stop_spins, 1) % SPINS_BEFORE_YIELD == 0)
		vcpu_yield_to_others();
}

void vcpu_show_yields(struct seq_file *p, int precision)
{
	unsigned int cpu;

	seq_printf(p, "%*s: ", precision, "YLD");
	for_each_online_cpu(cpu)
		seq_printf(p, "%10u ", per_cpu(yield_count, cpu));
	seq_puts(p, "  Processors given to other vCPUs\n");
}
