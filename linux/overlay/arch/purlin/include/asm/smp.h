/* SPDX-License-Identifier: GPL-2.0 */
/* Several vCPUs: who this one is, and what they tell each other (kernel/smp.c). */
#ifndef _ASM_PURLIN_SMP_H
#define _ASM_PURLIN_SMP_H

#include <linux/cpumask.h>
#include <linux/types.h>
#include <asm/percpu.h>
#include <purlin/boot.h>

struct pt_regs;
struct seq_file;

DECLARE_PER_CPU_READ_MOSTLY(int, cpu_number);

#ifdef CONFIG_SMP

#define raw_smp_processor_id()	this_cpu_read(cpu_number)

/* From the device tree: which vCPUs there are. Before per-CPU areas are made. */
void smp_find_vcpus(void);

/* Slot of the signals that are pending[] of a vCPU, one for each word. */
unsigned int smp_event_slot(unsigned int cpu);

/* Slot of a vCPU. */
unsigned int smp_vcpu_slot(unsigned int cpu);

/* Events of word 0 came: those of vCPUs are handled, the others given back. Events disabled. */
u64 smp_handle_ipis(u64 bits);
void smp_show_ipis(struct seq_file *p, int precision);
void vcpu_show_yields(struct seq_file *p, int precision);

/* An alert came: another vCPU wants this one to stop, or to say where it is. */
void smp_alerted(struct pt_regs *regs);

void arch_send_call_function_single_ipi(int cpu);
void arch_send_call_function_ipi_mask(const struct cpumask *mask);

int __cpu_disable(void);
void __cpu_die(unsigned int cpu);

#else

#define smp_event_slot(cpu)	((void)(cpu), PURLIN_SLOT_EVENTS)

static inline void smp_find_vcpus(void)
{
}

static inline u64 smp_handle_ipis(u64 bits)
{
	return bits;
}

static inline void smp_alerted(struct pt_regs *regs)
{
}

static inline void smp_show_ipis(struct seq_file *p, int precision)
{
}

static inline void vcpu_show_yields(struct seq_file *p, int precision)
{
}

#endif /* CONFIG_SMP */

#endif
