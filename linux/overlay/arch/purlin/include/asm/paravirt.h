/* SPDX-License-Identifier: GPL-2.0 */
/* Time for which this vCPU was ready to run and had no processor (kernel/time.c). */
#ifndef _ASM_PURLIN_PARAVIRT_H
#define _ASM_PURLIN_PARAVIRT_H

#include <linux/types.h>

struct static_key;
extern struct static_key paravirt_steal_enabled;
extern struct static_key paravirt_steal_rq_enabled;

/* Nanoseconds, by the microkernel's count. */
u64 paravirt_steal_clock(int cpu);

#endif
