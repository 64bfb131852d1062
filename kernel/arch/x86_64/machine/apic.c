// SPDX-License-Identifier: MIT
/* The local APIC (SDM 3A, 10): by registers in memory, or by MSRs (x2APIC). */
#include "arch/checks.h"
#include "arch/acpi.h"
#include "arch/apic.h"
#include "arch/boot.h"
#include "arch/instructions.h"
#include "arch/machine.h"
#include "base/arch.h"
#include "base/lock.h"
#include "debug/log.h"

#define APIC_ID 0x20
#define APIC_TASK_PRIORITY 0x80
#define APIC_EOI 0xb0
#define APIC_SPURIOUS 0xf0
#define APIC_REQUESTED 0x200
#define APIC_COMMAND 0x300
#define APIC_COMMAND_HIGH 0x310
#define APIC_LVT_COUNTERS 0x340
#define APIC_LVT_LINT0 0x350
#define APIC_LVT_LINT1 0x360
#define APIC_LVT_ERROR 0x370

#define BASE_X2APIC (1u << 10)
#define BASE_ENABLE (1u << 11)
#define BASE_ADDRESS 0x000ffffffffff000ull
#define SPURIOUS_ENABLE 0x100u
#define LVT_MASKED 0x10000u
#define LVT_NMI 0x400u
#define COMMAND_ASSERT 0x4000u
#define COMMAND_PENDING 0x1000u
#define COMMAND_ALL_BUT_SELF 0xc0000u
#define COMMAND_INIT 0x500u
#define COMMAND_STARTUP 0x600u
#define MESSAGES_BASE 0xfee00000ull /* where devices write MSIs, too */
#define MESSAGES_BYTES 0x100000ull

static volatile uint32_t *registers; /* NULL: x2APIC, or not yet up */
static bool ready;

uint32_t apic_read(uint32_t offset)
{
	if (cpu_features.x2apic)
		return (uint32_t)msr_read(MSR_X2APIC + offset / 16);
	return registers[offset / 4];
}

void apic_write(uint32_t offset, uint32_t value)
{
	if (cpu_features.x2apic)
		msr_write(MSR_X2APIC + offset / 16, value);
	else
		registers[offset / 4] = value;
}

void apic_detect(void)
{
	uint64_t base = msr_read(MSR_APIC_BASE) & BASE_ADDRESS;

	if (!cpu_features.x2apic)
		registers = direct_map_device(base, PAGE_SIZE);
	/* Whoever could map these pages could send any vector to any processor. */
	reserved_add(MESSAGES_BASE, MESSAGES_BYTES);
}

static uint32_t own_id(void)
{
	uint32_t id = apic_read(APIC_ID);

	return cpu_features.x2apic ? id : id >> 24;
}

void apic_init_cpu(void)
{
	uint64_t base = msr_read(MSR_APIC_BASE) | BASE_ENABLE;

	if (cpu_features.x2apic)
		base |= BASE_X2APIC;
	msr_write(MSR_APIC_BASE, base);
	/* As it is now, not as firmware's table says: shoot-downs and MSIs are sent to it. */
	cpu_this()->apic_id = own_id();
	apic_write(APIC_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
	apic_write(APIC_LVT_LINT0, acpi.nmi_lint == 0 ? LVT_NMI : LVT_MASKED);
	apic_write(APIC_LVT_LINT1, acpi.nmi_lint == 1 ? LVT_NMI : LVT_MASKED);
	/* Firmware may have left vectors here that mean something else to us, or nothing. */
	apic_write(APIC_LVT_ERROR, LVT_MASKED);
	apic_write(APIC_LVT_COUNTERS, LVT_MASKED);
	apic_write(APIC_TASK_PRIORITY, 0);
	ready = true;
}

void apic_end_of_interrupt(void)
{
	apic_write(APIC_EOI, 0);
}

static void command(uint32_t apic_id, uint32_t bits)
{
	if (cpu_features.x2apic) {
		/* The MSR write does not wait for earlier stores, which the receiver shall see. */
		__asm__ volatile("mfence; lfence" : : : "memory");
		msr_write(MSR_X2APIC + APIC_COMMAND / 16, (uint64_t)apic_id << 32 | bits);
		return;
	}
	/* Writing over a command that has not been sent would lose it. x2APIC has no such state. */
	while (apic_read(APIC_COMMAND) & COMMAND_PENDING)
		cpu_pause();
	/* The low half sends, so the destination goes first (SDM 3A, 10.6.1). */
	apic_write(APIC_COMMAND_HIGH, apic_id << 24);
	apic_write(APIC_COMMAND, bits);
}

void apic_send(unsigned int cpu, uint8_t vector)
{
	command(cpus[cpu].apic_id, COMMAND_ASSERT | vector);
}

void apic_send_all_but_self(uint8_t vector)
{
	/* A panic may come before there is anybody to stop. */
	if (ready)
		command(0, COMMAND_ALL_BUT_SELF | COMMAND_ASSERT | vector);
}

void apic_send_init(uint32_t apic_id)
{
	command(apic_id, COMMAND_ASSERT | COMMAND_INIT);
}

void apic_send_startup(uint32_t apic_id, uint64_t page)
{
	command(apic_id, COMMAND_ASSERT | COMMAND_STARTUP | (uint32_t)(page >> PAGE_SHIFT));
}

static bool devices_held[CPU_MAX];
_Static_assert(VECTOR_DEVICE_LAST == 0xef, "the others are a class of their own");

/* Vectors of the class in bits 7:4 and of those below wait (SDM 3A, 10.8.3.1). */
void apic_hold_devices(bool held)
{
	devices_held[cpu_this()->id] = held;
	apic_write(APIC_TASK_PRIORITY, held ? VECTOR_DEVICE_LAST & 0xf0 : 0);
}

/*
 * Does any vector wait in IRR that is not held back? Vectors 0x20 and up, 32 to a register; those
 * above the devices' are in the upper half of the last.
 */
static bool apic_interrupt_requested(void)
{
	uint32_t requested = 0;

	/* What is held back is not taken either: it would end a call's round at each step. */
	if (devices_held[cpu_this()->id])
		return apic_read(APIC_REQUESTED + 7 * 16) >> 16 != 0;
	for (uint32_t i = 1; i < 8; i++)
		requested |= apic_read(APIC_REQUESTED + i * 16);
	return requested != 0;
}

bool arch_preemption_pending(void)
{
	checks_polled();
	/*
	 * Another processor that waits for the lock may have an interrupt to handle, which must not
	 * wait longer than one of our own.
	 */
	return __atomic_load_n(&kernel_lock_waiters, __ATOMIC_RELAXED) ||
	       apic_interrupt_requested();
}

void arch_reschedule(unsigned int cpu)
{
	/* The interrupt does nothing itself. Every way out of the kernel looks who runs next. */
	if (cpu != cpu_this()->id)
		apic_send(cpu, VECTOR_RESCHEDULE);
}
