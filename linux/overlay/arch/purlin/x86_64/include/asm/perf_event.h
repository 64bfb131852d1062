/* SPDX-License-Identifier: GPL-2.0 */
/* Events that Linux counts itself: the processor's own counters are the microkernel's. */
#ifndef _ASM_PURLIN_PERF_EVENT_H
#define _ASM_PURLIN_PERF_EVENT_H

#ifdef CONFIG_PERF_EVENTS
#include <asm/segment.h>
/* What a callchain and a sample of the calling function need. */
#define perf_arch_fetch_caller_regs(regs, address)			\
	do {								\
		struct pt_regs *__at = (regs);				\
		__at->ip = (address);					\
		__at->sp = (unsigned long)__builtin_frame_address(0);	\
		__at->bp = __at->sp;					\
		__at->cs = __KERNEL_CS;					\
		__at->flags = 0;					\
	} while (0)
#endif

#endif
