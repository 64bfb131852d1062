/* SPDX-License-Identifier: MIT */
/* Changing the thread a processor runs: inline, since IPC does little else. */
#ifndef ARCH_SWITCH_H
#define ARCH_SWITCH_H

#include "arch/cpu.h"
#include "arch/instructions.h"
#include "arch/machine.h"
#include "arch/paging.h"
#include "arch/speculation.h"
#include "arch/vcpu.h"
#include "debug/log.h"
#include "object/pd.h"

#define TSS_RSP0 4

/* For vCPUs and where domains have to be kept apart by more than a switch. */
void domain_enter(struct cpu *cpu, struct thread *thread);

/* context.c: this machine cannot take native_switch(). */
extern bool switch_unusual;
extern const uint16_t selector_null;

/* All components that XCR0 enables; EDX may be anything, XCR0 has nothing there. */
static inline void fpu_save(void *area)
{
	if (cpu_features.xsaveopt)
		__asm__ volatile("xsaveopt64 (%0)" : : "r"(area), "a"(~0u), "d"(~0u) : "memory");
	else
		__asm__ volatile("xsave64 (%0)" : : "r"(area), "a"(~0u), "d"(~0u) : "memory");
}

/*
 * XRSTOR of some processors leaves the x87's last instruction and operand as they are (APM 2,
 * 11.4.4.3): there FNINIT replaces the two bytes without effect, and clears them.
 */
#define FPU_RESET                                                \
	".pushsection .sites.fpu_reset, \"a\"\n\t.quad 771f\n\t" \
	".popsection\n771:\t.byte 0x66, 0x90\n\t"

static inline void fpu_load(const void *area)
{
	__asm__ volatile(FPU_RESET "xrstor64 (%0)" : : "r"(area), "a"(~0u) : "memory");
}

/* One thread's state for another's; with XSAVEOPT. */
static inline void fpu_exchange(void *from, const void *to)
{
	__asm__ volatile("xsaveopt64 (%0)\n\t" FPU_RESET "xrstor64 (%1)"
			 :
			 : "r"(from), "r"(to), "a"(~0u)
			 : "memory");
}

/*
 * FS and GS base of one native thread for those of another. The selectors of data segments mean
 * nothing to 64-bit code, but a thread would find in them what another one left: they become null
 * at each switch. Null in FS or GS may clear its base (Intel), so the base comes after.
 */
static inline void bases_exchange(struct arch_thread *from, const struct arch_thread *to)
{
	__asm__ volatile("rdfsbase %0" : "=r"(from->fs_base));
	__asm__ volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%fs" : : "m"(selector_null));
	__asm__ volatile("wrfsbase %0" : : "r"(to->fs_base));
	__asm__ volatile("swapgs; rdgsbase %0; mov %2, %%gs; wrgsbase %1; swapgs"
			 : "=&r"(from->gs_base)
			 : "r"(to->gs_base), "m"(selector_null));
}

static inline void bases_load(const struct arch_thread *to)
{
	__asm__ volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%fs" : : "m"(selector_null));
	__asm__ volatile("wrfsbase %0" : : "r"(to->fs_base));
	__asm__ volatile("swapgs; mov %1, %%gs; wrgsbase %0; swapgs"
			 :
			 : "r"(to->gs_base), "m"(selector_null));
}

/* Interrupts of user level push their words into the end of the thread's frame. */
static inline void stack_set(struct cpu *cpu, struct thread *thread)
{
	uint64_t stack = (uint64_t)(&thread->arch.frame + 1);

	__builtin_memcpy(cpu->tss + TSS_RSP0, &stack, sizeof(stack));
}

/* The TLB holds nothing of others where tables_load() will put these tables' entries. */
static inline bool tables_held(const struct cpu *cpu, const struct page_tables *tables)
{
	return !cpu_features.pcid || cpu->tlb->owner[tables->cr3 & CR3_PCID] == tables->id;
}

/* Without PCID the entries of the tables before go now. */
static inline void tables_load(struct cpu *cpu, struct page_tables *tables)
{
	/* First: whoever changes these tables from here on has to ask this processor, too. */
	tables->cpus |= cpu->bit;
	cpu->loaded = tables->id;
	cr3_write(tables->cr3);
}

static inline void thread_save(struct cpu *cpu, struct thread *thread)
{
	/* At each switch: loading at first use would let others' registers be guessed (LazyFP). */
	fpu_save(thread->arch.fpu);
	__asm__ volatile("rdfsbase %0" : "=r"(thread->arch.fs_base));
	thread->arch.gs_base = user_gs_read();
	if (__builtin_expect(thread->object.type == PURLIN_TYPE_VCPU, 0))
		vcpu_unload(cpu, thread_vcpu(thread));
}

static inline void thread_load(struct cpu *cpu, struct thread *thread)
{
	/* Before anything of the next thread is touched, which the last one must not steer. */
	if (domain_barriers)
		domain_enter(cpu, thread);
	stack_set(cpu, thread);
	fpu_load(thread->arch.fpu);
	bases_load(&thread->arch);
	if (__builtin_expect(thread->object.type == PURLIN_TYPE_VCPU, 0)) {
		vcpu_load(cpu, thread_vcpu(thread));
		return;
	}
	/* A native thread must not learn in TSC_AUX which vCPU ran before it. */
	if (__builtin_expect(cpu->number != 0, 0))
		number_set(cpu, 0);
	if (__builtin_expect(!tables_held(cpu, &thread->pd->tables), 0))
		root_claim(thread->pd->tables.id);
	tables_load(cpu, &thread->pd->tables);
}

/*
 * From one native thread to another, where native_switch_does(): no vCPU to leave, no barrier, no
 * PCID to take from another root.
 */
static inline void native_switch(struct cpu *cpu, struct thread *from, struct thread *to)
{
	count(SWITCHES);
	fpu_exchange(from->arch.fpu, to->arch.fpu);
	bases_exchange(&from->arch, &to->arch);
	cpu->current = to;
	stack_set(cpu, to);
	tables_load(cpu, &to->pd->tables);
}

static inline bool native_switch_does(const struct cpu *cpu, const struct thread *to)
{
	return to->object.type == PURLIN_TYPE_THREAD && !switch_unusual &&
	       tables_held(cpu, &to->pd->tables);
}

/* Save `cpu`'s current thread, load another (NULL: idle). Lock held. */
static inline void context_switch(struct cpu *cpu, struct thread *next)
{
	struct thread *previous = cpu->current;

	count(SWITCHES);
	if (previous)
		thread_save(cpu, previous);
	else if (cpu->watches)
		watches_unload(cpu); /* of a vCPU that ended while it ran */
	cpu->current = next;
	if (next)
		thread_load(cpu, next);
}

#endif
