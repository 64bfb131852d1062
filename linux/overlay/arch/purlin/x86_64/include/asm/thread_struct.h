/* SPDX-License-Identifier: GPL-2.0 */
/* What a task keeps of the processor while it does not run. */
#ifndef _ASM_PURLIN_THREAD_STRUCT_H
#define _ASM_PURLIN_THREAD_STRUCT_H

#include <linux/types.h>

struct thread_struct {
	/* Kernel stack pointer while switched out (x86_64/switch.S). */
	unsigned long sp;
	/* Bases of FS and GS in user mode, selectors loaded in user mode. */
	unsigned long fsbase;
	unsigned long gsbase;
	u16 ds, es, fs, gs;
	/* What the last fatal exception of the task was, for sigcontext. */
	unsigned long cr2;
	unsigned long trap_nr;
	unsigned long error_code;
	/* DR6, DR7 and DR0 to DR3 as a debugger sees them (x86_64/watch.c). */
	unsigned long debug_status;
	unsigned long debug_control;
	unsigned long debug_address[4];
	/*
	 * XSAVE or FXSAVE area, standard format, 64-byte aligned. Holds the
	 * state of a user task while it is switched out.
	 */
	void *fpu;
};

#define INIT_THREAD { .debug_status = 0 }

#endif /* _ASM_PURLIN_THREAD_STRUCT_H */
