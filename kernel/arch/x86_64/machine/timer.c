// SPDX-License-Identifier: MIT
/* Time: the TSC's frequency, and interrupts at a given time. */
#include "arch/acpi.h"
#include "arch/apic.h"
#include "arch/boot.h"
#include "arch/instructions.h"
#include "arch/machine.h"
#include "base/arch.h"
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

#define PIT_PERIOD 838095345ull /* femtoseconds: 1.193182 MHz */
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND 0x43
#define PIT_CHANNEL2_MODE0 0xb0
#define PIT_LATCH 0x80
#define PIT_GATE 0x61

static uint64_t tsc_hz;
static uint64_t apic_timer_hz; /* after division */

uint64_t arch_time_hz(void)
{
	return tsc_hz;
}

/* A clock of known period, counting upwards. */
struct reference {
	uint32_t (*read)(void);
	uint64_t period; /* femtoseconds */
};

/* All counters at (nearly) the same moment. */
struct sample {
	uint64_t tsc;
	uint32_t apic, reference;
};

static volatile uint32_t *hpet;

static uint32_t hpet_count(void)
{
	return hpet[HPET_COUNTER];
}

/* Channel 2 counts down from 0xffff. */
static uint32_t pit_count(void)
{
	port_out8(PIT_COMMAND, PIT_LATCH);
	uint32_t low = port_in8(PIT_CHANNEL2), high = port_in8(PIT_CHANNEL2);

	return 0xffff - (low | high << 8);
}

/* Firmware or an emulator may come between two reads: the closest pair of some. */
static struct sample take_sample(const struct reference *reference)
{
	struct sample best = { 0 };
	uint64_t best_width = ~0ull;

	for (unsigned int i = 0; i < 5; i++) {
		uint64_t before = tsc_read();
		uint32_t count = reference->read();
		uint64_t width = tsc_read() - before;
		if (width >= best_width)
			continue;
		best_width = width;
		best.tsc = before + width / 2;
		best.reference = count;
		best.apic = apic_read(APIC_TIMER_CURRENT);
	}
	return best;
}

static void calibrate(const struct reference *reference)
{
	uint32_t ticks = (uint32_t)(CALIBRATION_US * 1000000000ull / reference->period);
	struct sample first = take_sample(reference);

	/* 10 ms: the PIT's 16 bits wrap after 54, and the start of the machine waits for this. */
	while (reference->read() - first.reference < ticks)
		cpu_pause();
	struct sample last = take_sample(reference);
	uint64_t nanoseconds = (last.reference - first.reference) * reference->period / 1000000;
	/* What the processor states is exact, a measured value is not. */
	if (!tsc_hz)
		tsc_hz = (last.tsc - first.tsc) * 1000000000 / nanoseconds;
	apic_timer_hz = (uint64_t)(first.apic - last.apic) * 1000000000 / nanoseconds;
}

static void pit_start(void)
{
	/* Gate on, loudspeaker off; mode 0. */
	port_out8(PIT_GATE, (uint8_t)((port_in8(PIT_GATE) & ~2u) | 1));
	port_out8(PIT_COMMAND, PIT_CHANNEL2_MODE0);
	port_out8(PIT_CHANNEL2, 0xff);
	port_out8(PIT_CHANNEL2, 0xff);
}

/* What the processor says of its TSC (SDM 3A, 18.7.3); 0: nothing exact. */
static uint64_t tsc_hz_stated(void)
{
	if (cpuid(0, 0).eax < 0x15)
		return 0;
	struct cpuid ratio = cpuid(0x15, 0);
	/* Many processors leave out the crystal's frequency (ECX). */
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
	struct reference reference = { pit_count, PIT_PERIOD };

	if (hpet_usable()) {
		reference = (struct reference){ hpet_count, hpet[HPET_PERIOD] };
		hpet[HPET_ENABLE] |= 1;
	} else {
		pit_start();
	}
	tsc_hz = tsc_hz_stated();
	if (tsc_hz && cpu_features.tsc_deadline)
		return;
	apic_write(APIC_LVT_TIMER, LVT_MASKED);
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_16);
	apic_write(APIC_TIMER_INITIAL, ~0u);
	calibrate(&reference);
	apic_write(APIC_TIMER_INITIAL, 0);
}

void timer_init_cpu(void)
{
	if (cpu_features.tsc_deadline) {
		apic_write(APIC_LVT_TIMER, LVT_TSC_DEADLINE | VECTOR_TIMER);
		/*
		 * Until the register in memory is written, the MSR may have no effect (10.5.4.1).
		 */
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
	/* 8 s at most, so that the product below fits into 64 bits. */
	uint64_t span = least(deadline - now, tsc_hz * 8);
	uint64_t count = (span * (apic_timer_hz / 1000) + tsc_hz / 1000 - 1) / (tsc_hz / 1000) + 1;
	return (uint32_t)least(count, ~0u);
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
