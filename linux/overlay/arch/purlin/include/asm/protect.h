/* SPDX-License-Identifier: GPL-2.0 */
/* mm/protect.c: text is changed by way of another mapping of it. */
#ifndef _ASM_PURLIN_PROTECT_H
#define _ASM_PURLIN_PROTECT_H

#include <linux/types.h>

struct pt_regs;

/* With events disabled; whoever executes the place next serialises first. */
void purlin_text_write(void *site, const void *code, size_t bytes);

/* x86_64/text_exchange.c: in running text; control goes from there to `next`. May sleep. */
void purlin_text_exchange(void *site, const u8 *code, unsigned int bytes, void *next);
/* The same with text_mutex held. */
void purlin_text_exchange_held(void *site, const u8 *code, unsigned int bytes, void *next);
/* Whether the breakpoint at regs->ip is part of that; regs->ip is right then. */
bool purlin_text_exchanging(struct pt_regs *regs);

#endif
