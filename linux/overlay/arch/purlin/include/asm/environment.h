/* SPDX-License-Identifier: GPL-2.0 */
/* What init says in the device tree's node "purlin,environment". */
#ifndef _ASM_PURLIN_ENVIRONMENT_H
#define _ASM_PURLIN_ENVIRONMENT_H

#include <linux/types.h>

/* A property of two cells; 0 if it is absent. After unflattening. */
u64 purlin_environment_u64(const char *property);

/* A free capability slot, or -ENOSPC; and back, after it was emptied. */
int purlin_slot_alloc(void);
void purlin_slot_free(unsigned int slot);

/* kernel/time.c */
void purlin_sched_clock_init(u64 hz);
/* kernel/early_console.c */
void purlin_early_console_init(void);
/* kernel/power.c */
void purlin_panic_init(void);

#endif
