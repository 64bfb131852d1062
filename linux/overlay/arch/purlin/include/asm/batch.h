/* SPDX-License-Identifier: GPL-2.0 */
/* mm/batch.c: changes of mappings not handed over yet. */
#ifndef _ASM_PURLIN_BATCH_H
#define _ASM_PURLIN_BATCH_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <asm/vcpu.h>

/* The batch takes something away; only valid while it is not empty. */
extern bool batch_removals;

void batch_apply(void);
void batch_switch(unsigned int space);

/* Before every access to user memory: what was taken away must be out of reach. */
static __always_inline void user_access_sync(void)
{
	if (unlikely(READ_ONCE(vcpu_state()->batch_count)) && batch_removals)
		batch_apply();
}

#endif
