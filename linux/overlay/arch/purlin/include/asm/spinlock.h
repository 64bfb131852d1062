/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_SPINLOCK_H
#define _ASM_PURLIN_SPINLOCK_H

#include <asm/vcpu.h>

/* Whether a vCPU that has something to do waits for a processor: no use in spinning for it. */
#define vcpu_is_preempted vcpu_is_preempted
static inline bool vcpu_is_preempted(long cpu)
{
	return !READ_ONCE(per_cpu(purlin_state, cpu).running) && !per_cpu(vcpu_idles, cpu);
}

#include <asm/qspinlock.h>
#include <asm/qrwlock.h>

#endif
