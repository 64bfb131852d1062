/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_CURRENT_H
#define _ASM_PURLIN_CURRENT_H

#ifndef __ASSEMBLY__

#include <asm/percpu.h>

struct task_struct;

DECLARE_PER_CPU(struct task_struct *, current_task);

static __always_inline struct task_struct *get_current(void)
{
	return this_cpu_read_stable(current_task);
}

#define current get_current()

#endif /* !__ASSEMBLY__ */
#endif
