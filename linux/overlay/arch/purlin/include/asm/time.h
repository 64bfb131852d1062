/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_TIME_H
#define _ASM_PURLIN_TIME_H

#include <asm/percpu.h>
#include <linux/types.h>

/* Ticks of the TSC in a second, as the device tree says. */
extern u64 purlin_tsc_hz;

DECLARE_PER_CPU(unsigned int, purlin_timer_count);

/* kernel/time.c: event 0 has come. */
void purlin_timer_event(void);

/* Each processor does this for itself, before it enables events. */
void deadline_register(void);

#endif
