/* SPDX-License-Identifier: GPL-2.0 */
/* Per-task words that entry code and generic code look at. */
#ifndef _ASM_PURLIN_THREAD_INFO_H
#define _ASM_PURLIN_THREAD_INFO_H

#include <linux/const.h>
#include <asm/page_types.h>

#define THREAD_SIZE_ORDER	2
#define THREAD_SIZE		(PAGE_SIZE << THREAD_SIZE_ORDER)
#define THREAD_ALIGN		THREAD_SIZE

#ifndef __ASSEMBLY__

#include <linux/types.h>

struct thread_info {
	unsigned long flags;		/* TIF_* */
	unsigned long syscall_work;	/* SYSCALL_WORK_* */
	u32 status;			/* TS_* */
	u32 cpu;
};

#define INIT_THREAD_INFO(tsk) { .flags = 0, }

#define TS_USER_FAULT	0x1	/* handles a page fault taken in user mode */

#endif /* !__ASSEMBLY__ */

#define TIF_NOTIFY_RESUME	1	/* callback before returning to user mode */
#define TIF_SIGPENDING		2
#define TIF_NEED_RESCHED	3
#define TIF_SINGLESTEP		4	/* ptrace steps this task */
#define TIF_UPROBE		12
#define TIF_PATCH_PENDING	13
#define TIF_NEED_FPU_LOAD	14	/* FPU registers hold another task's state */
#define TIF_NOTIFY_SIGNAL	17
#define TIF_MEMDIE		20	/* is terminating due to OOM killer */
#define TIF_POLLING_NRFLAG	21	/* idle is polling for TIF_NEED_RESCHED */
#define TIF_FORCED_TF		24	/* true if TF in flags was set by ptrace */

#define _TIF_NOTIFY_RESUME	(1 << TIF_NOTIFY_RESUME)
#define _TIF_SIGPENDING		(1 << TIF_SIGPENDING)
#define _TIF_NEED_RESCHED	(1 << TIF_NEED_RESCHED)
#define _TIF_SINGLESTEP		(1 << TIF_SINGLESTEP)
#define _TIF_UPROBE		(1 << TIF_UPROBE)
#define _TIF_PATCH_PENDING	(1 << TIF_PATCH_PENDING)
#define _TIF_NEED_FPU_LOAD	(1 << TIF_NEED_FPU_LOAD)
#define _TIF_NOTIFY_SIGNAL	(1 << TIF_NOTIFY_SIGNAL)
#define _TIF_POLLING_NRFLAG	(1 << TIF_POLLING_NRFLAG)
#define _TIF_FORCED_TF		(1 << TIF_FORCED_TF)

#endif
