/* SPDX-License-Identifier: MIT */
/* Per-processor data, at GS base while in the kernel. Offsets are known to entry.S. */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#define CPU_SELF 0x00
#define CPU_SCRATCH 0x08
#define CPU_STACK 0x10
#define CPU_CURRENT 0x18
#define CPU_USER_STATE 0x20
#define CPU_KERNEL_STATE 0x28
#define CPU_KERNEL_CR3 0x30
#define CPU_USER_CR3 0x38
#define CPU_ENTRY_SYSCALL 0x40
#define CPU_ENTRY_EVENT 0x48
#define CPU_KERNEL_GS 0x50
#define CPU_SCRATCH2 0x58

#define STATE_BATCH 0x1000 /* the first entry of the batch in a state page (guest/vcpu.c) */

#ifndef __ASSEMBLER__
#include "base/types.h"

struct processor;
struct thread;
struct tlb_held;

struct cpu {
	struct cpu *self;
	uint64_t scratch;
	uint64_t stack;		/* top of the kernel stack of this processor */
	struct thread *current; /* NULL: idle */
	/*
	 * The direct switch (entry.S). user_state is the kernel address of the
	 * current vCPU's state page while it is in guest user mode, else 0;
	 * kernel_state likewise while in guest kernel mode.
	 */
	void *user_state;
	void *kernel_state;
	uint64_t kernel_cr3, user_cr3; /* roots of the vCPU's current space, with PCID bits */
	uint64_t entry_syscall, entry_event, kernel_gs;
	uint64_t scratch2;

	unsigned int id;
	uint64_t bit; /* 1 << id */
	struct processor *processor;
	struct tlb_held *tlb;
	uint32_t number; /* in TSC_AUX: the vCPU's, or 0 */
	uint64_t loaded; /* without PCID: the id of the root in CR3 */
	uint32_t apic_id;
	uint64_t domain; /* id of the PD that ran last */
	bool watches;	 /* its debug registers hold somebody's */
	volatile bool online;
	volatile uint32_t missing; /* features, if it does not come up for that */

	/* Shoot-down mailbox: see tlb.c. */
	volatile uint64_t shootdown_request;
	volatile uint64_t shootdown_done;

	uint64_t *gdt;
	/* struct tss of descriptors.c, here because each switch writes it. The processor wants it
	 * in one page. */
	_Alignas(128) uint8_t tss[104];
};
_Static_assert(offsetof(struct cpu, self) == CPU_SELF, "cpu_this()");
_Static_assert(offsetof(struct cpu, scratch) == CPU_SCRATCH, "entry.S");
_Static_assert(offsetof(struct cpu, stack) == CPU_STACK, "entry.S");
_Static_assert(offsetof(struct cpu, current) == CPU_CURRENT, "entry.S");
_Static_assert(offsetof(struct cpu, user_state) == CPU_USER_STATE, "entry.S");
_Static_assert(offsetof(struct cpu, kernel_state) == CPU_KERNEL_STATE, "entry.S");
_Static_assert(offsetof(struct cpu, kernel_cr3) == CPU_KERNEL_CR3, "entry.S");
_Static_assert(offsetof(struct cpu, user_cr3) == CPU_USER_CR3, "entry.S");
_Static_assert(offsetof(struct cpu, entry_syscall) == CPU_ENTRY_SYSCALL, "entry.S");
_Static_assert(offsetof(struct cpu, entry_event) == CPU_ENTRY_EVENT, "entry.S");
_Static_assert(offsetof(struct cpu, kernel_gs) == CPU_KERNEL_GS, "entry.S");
_Static_assert(offsetof(struct cpu, scratch2) == CPU_SCRATCH2, "entry.S");

extern struct cpu cpus[CPU_MAX];
extern unsigned int cpu_count; /* processors that came up */

static inline struct cpu *cpu_this(void)
{
	struct cpu *cpu;
	/* GS base is this processor's struct cpu everywhere in the kernel. */
	__asm__ volatile("mov %%gs:%c1, %0" : "=r"(cpu) : "i"(CPU_SELF));
	return cpu;
}

/* cpu_this()->current, in one instruction. */
static inline struct thread *cpu_current(void)
{
	struct thread *current;

	/* volatile: what it was before the lock was taken does not count. */
	__asm__ volatile("mov %%gs:%c1, %0" : "=r"(current) : "i"(CPU_CURRENT));
	return current;
}
#endif

#endif
