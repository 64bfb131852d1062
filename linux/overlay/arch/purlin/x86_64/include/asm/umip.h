/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_UMIP_H
#define _ASM_PURLIN_UMIP_H

struct pt_regs;

/* x86_64/umip.c: a general protection fault in a program. True: it was one of those, and done. */
bool umip_answer(struct pt_regs *regs);

#endif
