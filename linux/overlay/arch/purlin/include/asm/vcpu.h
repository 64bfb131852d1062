/* SPDX-License-Identifier: GPL-2.0 */
/* Linux's side of purlin/vcpu.h: the state pages and the batch of mapping changes. */
#ifndef _ASM_PURLIN_VCPU_H
#define _ASM_PURLIN_VCPU_H

#include <purlin/vcpu.h>
#include <purlin/call_numbers.h>

#ifndef __ASSEMBLY__

#include <linux/compiler.h>
#include <linux/percpu-defs.h>
#include <asm/asm.h>
#include <asm/page_types.h>
#include <asm/percpu.h>

/* One for each virtual processor. */
DECLARE_PER_CPU_PAGE_ALIGNED(struct purlin_vcpu_state, purlin_state);

/* It waits for events of its own accord. */
DECLARE_PER_CPU(bool, vcpu_idles);

/* That of the vCPU which runs this: for callers that cannot move to another one. */
static __always_inline struct purlin_vcpu_state *vcpu_state(void)
{
	return raw_cpu_ptr(&purlin_state);
}

/* An operand for asm: a field of this vCPU's state, in one instruction whatever the caller. */
#define VCPU_FIELD(name)	__percpu_arg([name])

/* Handle pending events in place; called with events enabled, keeps all registers. */
void vcpu_enable_pending(void);

/* Tell the microkernel where entry points and state are. First thing of all. */
void vcpu_setup(void);
/* The boot processor's state, now in the per-CPU area at `base`. */
void vcpu_move(unsigned long base);
/* The same for a vCPU that is not started yet; a status of the microkernel. */
long vcpu_configure(unsigned int slot, unsigned int cpu);

/* x86_64/head.S: where a vCPU starts, and where one that was offline does so again. */
void purlin_secondary_head(void);
void __noreturn purlin_secondary_again(void *stack, unsigned long base);

#endif /* !__ASSEMBLY__ */
#endif
