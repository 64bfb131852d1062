/* SPDX-License-Identifier: GPL-2.0 */
/* What the vDSO offers to programs. */
#ifndef _ASM_PURLIN_VDSO_CALLS_H
#define _ASM_PURLIN_VDSO_CALLS_H

#include <linux/time.h>
#include <linux/types.h>

int __vdso_clock_gettime(clockid_t clock, struct __kernel_timespec *ts);
int __vdso_clock_getres(clockid_t clock, struct __kernel_timespec *res);
int __vdso_gettimeofday(struct __kernel_old_timeval *tv, struct timezone *tz);
__kernel_old_time_t __vdso_time(__kernel_old_time_t *t);

#endif
