/* SPDX-License-Identifier: GPL-2.0 */
/* What the chain of notify_die() is told. */
#ifndef _ASM_PURLIN_KDEBUG_H
#define _ASM_PURLIN_KDEBUG_H

enum die_val {
	DIE_OOPS = 1,
	/* In user mode: a breakpoint instruction, a debug exception. */
	DIE_INT3,
	DIE_DEBUG,
};

#endif
