/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_IRQ_H
#define _ASM_PURLIN_IRQ_H

#define NR_IRQS 512
#define NR_IRQS_LEGACY 0

/* Numbers of word 0 that vCPUs use among themselves: the same on all. init gives out lower ones. */
#define PURLIN_EVENT_IPI	16
#define PURLIN_EVENT_FREE	24

/* Linux interrupt number of an event number; 0 if there is none yet. */
unsigned int purlin_event_irq(unsigned int event);
/* The event is one of another domain's interrupts; 0: no longer. */
void purlin_event_pass_to(unsigned int event, unsigned int irq);
/* A free event number from PURLIN_EVENT_FREE up, or -ENOSPC; and back. */
int purlin_event_alloc(void);
void purlin_event_free(unsigned int event);

struct pt_regs;
void purlin_handle_events(struct pt_regs *regs);

#ifdef CONFIG_SMP
struct cpumask;

#ifdef PURLIN_TREE_BACKTRACE_NAMES_CPU
void arch_trigger_cpumask_backtrace(const struct cpumask *mask, int exclude_cpu);
#else
void arch_trigger_cpumask_backtrace(const struct cpumask *mask, bool exclude_self);
#endif
#define arch_trigger_cpumask_backtrace arch_trigger_cpumask_backtrace
#endif

#include <asm-generic/irq.h>

#endif
