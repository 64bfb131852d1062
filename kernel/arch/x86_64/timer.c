// SPDX-License-Identifier: MIT
/* Time: the TSC's frequency, and interrupts at a given time. */
#include "arch/acpi.h"
#include "arch/apic.h"
#include "arch/boot.h"
#include "arch/instructions.h"
#include "arch/machine.h"
#include "core/arch.h"
#include "debug/log.h"

#define CALIBRATION_US 10000

#define APIC_LVT_TIMER 0x320
#define APIC_TIMER_INITIAL 0x380
#define APIC_TIMER_CURRENT 0x390
#define APIC_TIMER_DIVIDE 0x3e0
#define DIVIDE_BY_16 3
#define LVT_MASKED 0x10000u
#define LVT_TSC_DEADLINE 0x40000u

#define HPET_PERIOD 1	/* 32-bit words: high half of the capabilities */
#define HPET_ENABLE 4	/* low half of the configuration */
#define HPET_COUNTER 60 /* low half */
#define FEMTOSECONDS 1000000000000000ull

#define PIT_HZ 1193182
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND 0x43
#define PIT_GATE 0x61
#define PIT_GATE_OUT 0x20

static uint64_t tsc_hz;
static uint64_t apic_timer_hz; /* after division */

uint64_t arch_time(void)
{
	return tsc_read();
}

uint64_t arch_time_hz(void)
{
	return tsc_hz;
}

/* Both counters at (nearly) the same moment, and that moment by a reference clock. */
struct sample {
	uint64_t tsc;
	uint32_t apic;
	uint32_t reference;
};

static volatile uint32_t *hpet;

/* An interrupt of the emulator or the firmware may fall between the reads: the closest of some. */
static struct sample hpet_sample(void)
{
	struct sample best = { 0 };
	uint64_t best_width = ~0ull;

	for (unsigned int i = 0; i < 5; i++) {
		uint64_t before = tsc_read();
		uint32_t reference = hpet[HPET_COUNTER];
		uint64_t after = tsc_read();
		if (after - before >= best_width)
			continue;
		best_width = after - before;
		best.tsc = before + best_width / 2;
		best.reference = reference;
		best.apic = apic_read(APIC_TIMER_CURRENT);
	}
	return best;
}

static void use_samples(struct sample first, struct sample last, uint64_t femtoseconds)
{
	uint64_t microseconds = femtoseconds / 1000000000;
	uint64_t nanoseconds = femtoseconds / 1000000;

	if (!tsc_hz)
		tsc_hz = (last.tsc - first.tsc) * 1000000000 / nanoseconds;
	apic_timer_hz = (uint64_t)(first.apic - last.apic) * 1000000 / microseconds;
}

static void calibrate_hpet(void)
{
	uint64_t period = hpet[HPET_PERIOD]; /* femtoseconds */
	uint32_t ticks = (uint32_t)(CALIBRATION_US * 1000000000ull / period);

	hpet[HPET_ENABLE] |= 1;
	struct sample first = hpet_sample();
	while (hpet[HPET_COUNTER] - first.reference < ticks)
		cpu_pause();
	struct sample last = hpet_sample();
	use_samples(first, last, (uint64_t)(last.reference - first.reference) * period);
}

/* Channel 2, mode 0: its output rises when it has counted down. */
static void calibrate_pit(void)
{
	uint32_t ticks = (uint32_t)((uint64_t)PIT_HZ * CALIBRATION_US / 1000000);
	struct sample first, last;

	port_out8(PIT_GATE, (uint8_t)((port_in8(PIT_GATE) & ~2u) | 1));
	port_out8(PIT_COMMAND, 0xb0);
	port_out8(PIT_CHANNEL2, (uint8_t)ticks);
	port_out8(PIT_CHANNEL2, (uint8_t)(ticks >> 8));
	first = (struct sample){ .tsc = tsc_read(), .apic = apic_read(APIC_TIMER_CURRENT) };
	while (!(port_in8(PIT_GATE) & PIT_GATE_OUT))
		cpu_pause();
	last = (struct sample){ .tsc = tsc_read(), .apic = apic_read(APIC_TIMER_CURRENT) };
	port_out8(PIT_GATE, (uint8_t)(port_in8(PIT_GATE) & ~1u));
	use_samples(first, last, (uint64_t)ticks * (FEMTOSECONDS / PIT_HZ));
}

/* What the processor says of its TSC (SDM 3A, 18.7.3); 0: nothing exact. */
static uint64_t tsc_hz_stated(void)
{
	if (cpuid(0, 0).eax < 0x15)
		return 0;
	struct cpuid ratio = cpuid(0x15, 0);
	if (ratio.eax == 0 || ratio.ebx == 0 || ratio.ecx == 0)
		return 0;
	return (uint64_t)ratio.ecx * ratio.ebx / ratio.eax;
}

static bool hpet_usable(void)
{
	if (!acpi.hpet)
		return false;
	hpet = direct_map_device(acpi.hpet, PAGE_SIZE);
	/* At most 100 ns by the specification (IA-PC HPET 1.0a, 2.3.4). */
	return hpet[HPET_PERIOD] > 0 && hpet[HPET_PERIOD] <= 100000000;
}

void timer_calibrate(void)
{
	bool have_hpet = hpet_usable();

	tsc_hz = tsc_hz_stated();
	if (tsc_hz && cpu_features.tsc_deadline)
		return;
	apic_write(APIC_LVT_TIMER, LVT_MASKED);
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_16);
	apic_write(APIC_TIMER_INITIAL, ~0u);
	if (have_hpet)
		calibrate_hpet();
	else
		calibrate_pit();
	apic_write(APIC_TIMER_INITIAL, 0);
}

void timer_init_cpu(void)
{
	if (cpu_features.tsc_deadline) {
		apic_write(APIC_LVT_TIMER, LVT_TSC_DEADLINE | VECTOR_TIMER);
		/* Until the register in memory is written, the MSR may have no effect (10.5.4.1). */
		__asm__ volatile("mfence" : : : "memory");
		return;
	}
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_16);
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER);
}

/* One-shot counter: rounded up, so that it is not early; a far deadline comes in steps. */
static uint32_t count_until(uint64_t deadline)
{
	uint64_t now = tsc_read();

	if (deadline <= now)
		return 1;
	uint64_t span = deadline - now;
	if (span >= tsc_hz * 8)
		span = tsc_hz * 8;
	uint64_t count = (span * (apic_timer_hz / 1000) + tsc_hz / 1000 - 1) / (tsc_hz / 1000) + 1;
	return count > ~0u ? ~0u : (uint32_t)count;
}

void arch_timer_arm(uint64_t deadline)
{
	if (cpu_features.tsc_deadline)
		msr_write(MSR_TSC_DEADLINE, deadline == ~0ull ? 0 : deadline);
	else
		apic_write(APIC_TIMER_INITIAL, deadline == ~0ull ? 0 : count_until(deadline));
}

void timer_delay_us(uint64_t microseconds)
{
	uint64_t end = tsc_read() + microseconds * tsc_hz / 1000000;

	while (tsc_read() < end)
		cpu_pause();
}
