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
#include <vdso/datapage.h>

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

/* One structure in older trees; newer ones tell a clock from what is common to all. */
#ifdef PURLIN_TREE_HAS_VDSO_DATASTORE
#define purlin_vdso_clock	vdso_clock
#define purlin_vdso_common	vdso_time_data
#else
#define purlin_vdso_clock	vdso_data
#define purlin_vdso_common	vdso_data
#endif

/* The only clock that can be read in user mode. */
static __always_inline bool vdso_clocksource_ok(const struct purlin_vdso_clock *clock)
{
	return clock->clock_mode == VDSO_CLOCKMODE_TSC;
}

#define vdso_clocksource_ok vdso_clocksource_ok

/* Not before loads that precede it: the fence orders the read. */
static __always_inline u64 __arch_get_hw_counter(s32 clock_mode,
						 const struct purlin_vdso_common *unused)
{
	u64 low, high;

	asm volatile("lfence; rdtsc" : "=a" (low), "=d" (high) : : "memory");
	return low | high << 32;
}

/*
 * A reading may lie a little before the last update when another processor took
 * that one: then it counts as equal. Linux 6.1 asks for vdso_calc_delta(), 6.12
 * for vdso_calc_ns(), which also knows how far a 64-bit product reaches.
 */
static __always_inline u64 vdso_calc_delta(u64 cycles, u64 last, u64 mask,
					   u32 mult)
{
	u64 delta = cycles - last;

	return (s64)delta > 0 ? delta * mult : 0;
}

#define vdso_calc_delta vdso_calc_delta

#ifdef CONFIG_GENERIC_VDSO_OVERFLOW_PROTECT
static __always_inline u64 vdso_calc_ns(const struct purlin_vdso_clock *clock, u64 cycles,
					u64 base)
{
	u64 delta = cycles - clock->cycle_last;

	if (likely(delta < clock->max_cycles))
		return (delta * clock->mult + base) >> clock->shift;
	if ((s64)delta < 0)
		return base >> clock->shift;
	return mul_u64_u32_add_u64_shr(delta, clock->mult, base, clock->shift);
}

#define vdso_calc_ns vdso_calc_ns
#endif

#ifndef PURLIN_TREE_HAS_VDSO_DATASTORE
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
#endif

#endif /* !__ASSEMBLY__ */
#endif /* _ASM_PURLIN_VDSO_GETTIMEOFDAY_H */
