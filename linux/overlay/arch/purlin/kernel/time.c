// SPDX-License-Identifier: GPL-2.0
/* Time: the TSC read in ring 3, and a deadline in the state page. */
#include <linux/clockchips.h>
#include <linux/clocksource.h>
#include <linux/delay.h>
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/math64.h>
#include <linux/of.h>
#include <linux/of_clk.h>
#include <linux/sched/clock.h>
#include <linux/timekeeping.h>
#include <asm/environment.h>
#include <asm/paravirt.h>
#include <asm/stopped.h>
#include <asm/time.h>
#include <asm/timex.h>
#include <asm/vcpu.h>
#include <purlin/calls.h>

u64 purlin_tsc_hz;
DEFINE_PER_CPU(unsigned int, purlin_timer_count);

static u32 sched_clock_mult __ro_after_init;
static u32 sched_clock_shift __ro_after_init;
static u64 sched_clock_base __ro_after_init;

notrace unsigned long long sched_clock(void)
{
	u64 ticks = purlin_tsc() - READ_ONCE(sched_clock_base);

	return mul_u64_u32_shr(ticks, READ_ONCE(sched_clock_mult), READ_ONCE(sched_clock_shift));
}

static u64 read_clocksource(struct clocksource *source)
{
	u64 now = purlin_tsc();

	raw_cpu_write(clock_watch.read, now);
	return now;
}

static struct clocksource tsc_clocksource = {
	.name = "tsc",
	.rating = 400,
	.read = read_clocksource,
	.mask = CLOCKSOURCE_MASK(64),
	.flags = CLOCK_SOURCE_IS_CONTINUOUS | CLOCK_SOURCE_VALID_FOR_HRES,
	.vdso_clock_mode = VDSO_CLOCKMODE_TSC,
};

/*
 * The microkernel looks at the deadline at `armed` anyway and waits on if it
 * has moved later meanwhile: only a move to earlier needs a call.
 */
static int set_deadline(unsigned long delta, struct clock_event_device *device)
{
	struct purlin_vcpu_state *vcpu = vcpu_state();
	u64 now = purlin_tsc(), deadline = now + delta;

	/* `delta` was made a moment ago, of this clock. */
	stopped_between(raw_cpu_read(clock_watch.read), now);
	raw_cpu_write(clock_watch.deadline, deadline);
	WRITE_ONCE(vcpu->deadline, deadline);
	if (deadline < READ_ONCE(vcpu->armed)) {
		purlin_vcpu_deadline();
		stopped_between(deadline, purlin_tsc());
	}
	return 0;
}

static int clear_deadline(struct clock_event_device *device)
{
	raw_cpu_write(clock_watch.deadline, CLOCK_NEVER);
	WRITE_ONCE(vcpu_state()->deadline, ~0ULL);
	return 0;
}

static DEFINE_PER_CPU(struct clock_event_device, deadline_event) = {
	.name = "purlin-deadline",
	.features = CLOCK_EVT_FEAT_ONESHOT,
	.rating = 400,
	.set_next_event = set_deadline,
	.set_state_shutdown = clear_deadline,
	.set_state_oneshot_stopped = clear_deadline,
};

void purlin_timer_event(void)
{
	struct clock_event_device *device = this_cpu_ptr(&deadline_event);
	u64 now = purlin_tsc();

	this_cpu_inc(purlin_timer_count);
	/* A later one was given meanwhile, and the event is of the one before. */
	if (raw_cpu_read(clock_watch.deadline) <= now)
		raw_cpu_write(clock_watch.deadline, CLOCK_NEVER);
	raw_cpu_write(clock_watch.handler, now);
	if (device->event_handler)
		device->event_handler(device);
	raw_cpu_write(clock_watch.handler, CLOCK_NEVER);
}

#ifndef PURLIN_TREE_DEFINES_STEAL
struct static_key paravirt_steal_enabled;
struct static_key paravirt_steal_rq_enabled;
#endif

/* What the microkernel writes whenever it gives the vCPU a processor. */
u64 paravirt_steal_clock(int cpu)
{
	return READ_ONCE(per_cpu(purlin_state, cpu).steal);
}

/* In /proc/stat. The scheduler's own clock (paravirt_steal_rq_enabled) goes on with it. */
static int __init steal_init(void)
{
	static_key_slow_inc(&paravirt_steal_enabled);
	return 0;
}
early_initcall(steal_init);

/* Nanoseconds since 1970 at one value of the TSC are in the device tree. */
void read_persistent_clock64(struct timespec64 *ts)
{
	u64 base = purlin_environment_u64("purlin,wall-clock");
	u64 ticks = purlin_tsc() - purlin_environment_u64("purlin,wall-tsc");

	*ts = ns_to_timespec64(base + mul_u64_u64_div_u64(ticks, NSEC_PER_SEC, purlin_tsc_hz));
}

/* The hertz are known: nothing is measured. */
void calibrate_delay(void)
{
	loops_per_jiffy = div_u64(purlin_tsc_hz, HZ);
}

/* Early, so that messages have time stamps. */
void __init purlin_sched_clock_init(u64 hz)
{
	purlin_tsc_hz = hz;
	clocks_calc_mult_shift(&sched_clock_mult, &sched_clock_shift, hz, NSEC_PER_SEC, 0);
	sched_clock_base = purlin_tsc();
}

void deadline_register(void)
{
	struct clock_event_device *device = this_cpu_ptr(&deadline_event);

	device->cpumask = cpumask_of(smp_processor_id());
	clockevents_config_and_register(device, purlin_tsc_hz, 1000, LONG_MAX);
}

void __init time_init(void)
{
	of_clk_init(NULL);
	clocksource_register_hz(&tsc_clocksource, purlin_tsc_hz);
	deadline_register();
}
