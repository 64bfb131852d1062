/* SPDX-License-Identifier: GPL-2.0 */
/*
 * "Interrupts" are events of the microkernel; whether they may come is a byte in
 * the state page. Enabling with something pending handles it at once.
 */
#ifndef _ASM_PURLIN_IRQFLAGS_H
#define _ASM_PURLIN_IRQFLAGS_H

#ifndef __ASSEMBLY__

#include <linux/types.h>
#include <asm/processor-flags.h>
#include <asm/vcpu.h>

static __always_inline unsigned long arch_local_save_flags(void)
{
	/* In the place of IF, as frame.rflags reports it. */
	return (unsigned long)this_cpu_read(purlin_state.events_enabled) << X86_EFLAGS_IF_BIT;
}

static __always_inline void arch_local_irq_disable(void)
{
	asm volatile("movb $0, " VCPU_FIELD(enabled)
		     : [enabled] "=m" (__my_cpu_var(purlin_state.events_enabled)) : : "memory");
}

/*
 * An event between the two instructions is taken as an upcall; the check finds
 * what came before. vcpu_enable_pending (x86_64/entry.S) preserves all registers.
 */
static __always_inline void arch_local_irq_enable(void)
{
	asm volatile("movb $1, " VCPU_FIELD(enabled) "\n\t"
		     "cmpb $0, " VCPU_FIELD(pending) "\n\t"
		     "jne 2f\n"
		     "1:\n\t"
		     ".subsection 1\n"
		     "2:\n\t"
		     "call vcpu_enable_pending\n\t"
		     "jmp 1b\n\t"
		     ".previous"
		     : [enabled] "=m" (__my_cpu_var(purlin_state.events_enabled)),
		       ASM_CALL_CONSTRAINT
		     : [pending] "m" (__my_cpu_var(purlin_state.events_pending))
		     : "memory", "cc");
}

static __always_inline unsigned long arch_local_irq_save(void)
{
	unsigned long flags = arch_local_save_flags();

	arch_local_irq_disable();
	return flags;
}

static __always_inline int arch_irqs_disabled_flags(unsigned long flags)
{
	return !(flags & X86_EFLAGS_IF);
}

static __always_inline int arch_irqs_disabled(void)
{
	return !this_cpu_read(purlin_state.events_enabled);
}

static __always_inline void arch_local_irq_restore(unsigned long flags)
{
	if (!arch_irqs_disabled_flags(flags))
		arch_local_irq_enable();
}

#endif /* !__ASSEMBLY__ */
#endif
