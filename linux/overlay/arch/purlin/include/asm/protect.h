/* SPDX-License-Identifier: GPL-2.0 */
/* mm/protect.c: text is changed by way of another mapping of it. */
#ifndef _ASM_PURLIN_PROTECT_H
#define _ASM_PURLIN_PROTECT_H

#include <linux/types.h>

/* With events disabled; whoever executes the place next serialises first. */
void purlin_text_write(void *site, const void *code, size_t bytes);

#endif
