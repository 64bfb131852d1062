/* SPDX-License-Identifier: MIT */
/*
 * vCPUs on x86-64: switching to and from, entries and exits. Lock held unless said otherwise.
 *
 * The mode of a vCPU that runs is kept in struct cpu (user_state or kernel_state), since the direct
 * switch of entry.S changes it without anybody's help; of one that does not run, in
 * arch_vcpu.in_user.
 */
#ifndef ARCH_VCPU_H
#define ARCH_VCPU_H

#include "arch/cpu.h"
#include "arch/instructions.h"
#include "arch/machine.h"
#include "object/vcpu.h"

/* What RDTSCP and RDPID say from here on. */
static inline void number_set(struct cpu *cpu, uint32_t number)
{
	if (cpu->number == number || !cpu_features.rdtscp)
		return;
	cpu->number = number;
	msr_write(MSR_TSC_AUX, number);
}

void vcpu_load(struct cpu *cpu, struct vcpu *vcpu);
void vcpu_unload(struct cpu *cpu, struct vcpu *vcpu);
/* Before the processor goes on with it: take notice of events, and of a space that died. */
void vcpu_leave(struct cpu *cpu, struct vcpu *vcpu);
/* watches.c: the debug registers of a vCPU that has some enabled, and none, whosever they were. */
void watches_load(struct cpu *cpu, const struct arch_vcpu *vcpu);
void watches_unload(struct cpu *cpu);
/* #DB: what happened, as frame.cr2 reports it; the processor forgets it. */
uint64_t watches_take(void);
/* A call in guest kernel mode; true if it was a resume, done here. */
bool vcpu_call(struct vcpu *vcpu);
/* A resume with a batch, for entry.S; takes the lock. True: applied, lock released, go on directly.
 */
bool vcpu_hand_over(void);
/* The same for the batch of a page fault, which needs less. False: nothing has happened. */
bool vcpu_hand_over_quick(void);
/* vcpu_switch, for entry.S, likewise. */
bool vcpu_switch_short(uint64_t slot);
/* An exception that exceptions.S did not hand to the guest itself. */
void vcpu_exception(struct vcpu *vcpu, uint64_t cr2);

/* tables.c: take over new slots of the kernel half. To be done before the space is loaded. */
void space_slots_update(struct space *space);

#endif
