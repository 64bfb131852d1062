/* SPDX-License-Identifier: GPL-2.0 */
/* What the generic clock code of the vDSO needs; runs in user mode. */
#ifndef _ASM_PURLIN_VDSO_GETTIMEOFDAY_H
#define _ASM_PURLIN_VDSO_GETTIMEOFDAY_H

#ifndef __ASSEMBLY__

#include <uapi/linux/time.h>
#include <asm/barrier.h>
#include <asm/unistd.h>
#include <asm/vdso/processor.h>
#include <vdso/clocksource.h>

#define VDSO_HAS_TIME		1
#define VDSO_HAS_CLOCK_GETRES	1

static __always_inline long vdso_syscall2(long nr, const void *a, const void *b)
{
	long result;

	asm volatile("syscall"
		     : "=a" (result)
		     : "0" (nr), "D" (a), "S" (b)
		     : "rcx", "r11", "memory");
	return result;
}

static __always_inline long
clock_gettime_fallback(clockid_t clock, struct __kernel_timespec *ts)
{
	return vdso_syscall2(__NR_clock_gettime, (void *)(long)clock, ts);
}

static __always_inline long
clock_getres_fallback(clockid_t clock, struct __kernel_timespec *ts)
{
	return vdso_syscall2(__NR_clock_getres, (void *)(long)clock, ts);
}

static __always_inline long
gettimeofday_fallback(struct __kernel_old_timeval *tv, struct timezone *tz)
{
	return vdso_syscall2(__NR_gettimeofday, tv, tz);
}

/* Not before loads that precede it: the fence orders the read. */
static __always_inline u64 __arch_get_hw_counter(s32 clock_mode,
						 const struct vdso_data *vd)
{
	u32 low, high;

	asm volatile("lfence; rdtsc" : "=a" (low), "=d" (high) : : "memory");
	return low | (u64)high << 32;
}

static __always_inline const struct vdso_data *__arch_get_vdso_data(void)
{
	return _vdso_data;
}

#ifdef CONFIG_TIME_NS
static __always_inline const struct vdso_data *
__arch_get_timens_vdso_data(const struct vdso_data *vd)
{
	return _timens_data;
}
#endif

#endif /* !__ASSEMBLY__ */
#endif /* _ASM_PURLIN_VDSO_GETTIMEOFDAY_H */
