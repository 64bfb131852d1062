/* SPDX-License-Identifier: GPL-2.0 */
/* Linux's side of purlin/vcpu.h: the state pages and the batch of mapping changes. */
#ifndef _ASM_PURLIN_VCPU_H
#define _ASM_PURLIN_VCPU_H

#include <purlin/vcpu.h>
#include <purlin/call_numbers.h>

#ifndef __ASSEMBLY__

#include <linux/compiler.h>
#include <asm/asm.h>

/*
 * One for each virtual processor. In the image, not in the per-CPU area: it is
 * used before that is set up, and constant addresses keep interrupt masking at one
 * instruction while there is one processor.
 */
extern struct purlin_vcpu_state purlin_state;

static __always_inline struct purlin_vcpu_state *vcpu_state(void)
{
	return &purlin_state;
}

/* Handle pending events in place; called with events enabled, keeps all registers. */
void vcpu_enable_pending(void);

/* Tell the microkernel where entry points and state are. First thing of all. */
void vcpu_setup(void);

#endif /* !__ASSEMBLY__ */
#endif
