/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_SIGFRAME_H
#define _ASM_PURLIN_SIGFRAME_H

#include <linux/signal.h>
#include <asm/ucontext.h>

/* As x86-64 programs, debuggers and unwinders know it; FPU state follows. */
struct rt_sigframe {
	char __user *pretcode;
	struct ucontext uc;
	struct siginfo info;
};

/* Most bytes a signal takes from the stack (AT_MINSIGSTKSZ). */
unsigned long get_sigframe_size(void);

#endif /* _ASM_PURLIN_SIGFRAME_H */
