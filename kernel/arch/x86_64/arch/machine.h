/* SPDX-License-Identifier: MIT */
/*
 * Parts of the x86-64 architecture to each other (the generic kernel sees base/arch.h only).
 */
#ifndef ARCH_MACHINE_H
#define ARCH_MACHINE_H

#include "arch/cpu.h"
#include "arch/features.h"
#include "base/types.h"
#include "purlin/boot.h"

/* Processor features in use, found at boot (cpu_setup.c). */
struct cpu_features {
	features found;
	bool pcid, x2apic, tsc_deadline, pages_1g, xsaveopt, rdtscp;
	uint64_t xcr0;
	uint32_t xsave_bytes;
};
extern struct cpu_features cpu_features;

/* boot_data.c: what the loader said, in order of use: filled before kernel_main. */
extern struct purlin_boot_info boot_info;
extern struct physical boot_bundle;	 /* page-aligned copy or original */
extern struct physical kernel_image_end; /* first byte after the image */

/* kernel.lds: places of instructions that some processors need: CLAC (3 bytes), FNINIT (2) */
extern uint8_t *const access_off_sites[], *const access_off_end[];
extern uint8_t *const fpu_reset_sites[], *const fpu_reset_end[];

void entry_syscall(void); /* entry.S */
/* exceptions.S */
extern const uint64_t exception_entries[256]; /* for the IDT: one entry stub for each vector */
_Noreturn void arch_idle(void); /* the processor's idle loop: enters with an empty stack, no lock */
_Noreturn void arch_leave(void); /* schedule and go to user level (or idle); lock held */

/* apic.c */
void apic_init_cpu(void);
void apic_end_of_interrupt(void);
void apic_send(unsigned int cpu, uint8_t vector);
void apic_send_all_but_self(uint8_t vector);
/* This processor takes no vectors of devices, or takes them again. */
void apic_hold_devices(bool held);
/* Called by trap.c for device and local vectors (>= VECTOR_DEVICE_FIRST). */
void interrupt_dispatch(unsigned int vector);

#define VECTOR_DEVICE_FIRST 0x30
#define VECTOR_DEVICE_LAST 0xef
#define VECTOR_TIMER 0xf0
#define VECTOR_RESCHEDULE 0xf1
#define VECTOR_SHOOTDOWN 0xf2
#define VECTOR_STOP 0xf3 /* panic: the others halt */
#define VECTOR_SPURIOUS 0xff

/* tlb.c */
void tlb_answer(void); /* perform a shoot-down asked of this processor, if any; called by interrupt
			  and by waiters for the lock */

/* smp.c */
void smp_start(void);

/* generic kernel, called once on the boot processor after the arch is up, lock held (core/main.c).
 */
void kernel_main(void);
/* on every further processor: lock not held. */
_Noreturn void kernel_secondary(void);

#endif
