/* SPDX-License-Identifier: MIT */
/* What the ways into the kernel and out of it have in common. */
#ifndef ENTRY_MACROS_H
#define ENTRY_MACROS_H

#include "arch/cpu.h"
#include "arch/frame.h"
#include "purlin/vcpu.h"

/* Offsets on the stack after a stub (exceptions.S): what it and the processor pushed. */
#define STUB_VECTOR 0
#define STUB_ERROR 8
#define STUB_RIP 16
#define STUB_CS 24
#define STUB_RFLAGS 32
#define STUB_RSP 40
#define STUB_SS 48

/*
 * SYSCALL clears AC, but the gates of the IDT do not, and user level must not be able to let the
 * kernel touch user memory (SMAP). These three bytes do nothing; cpu_setup.c replaces them by CLAC
 * where the processor has it.
 */
.macro access_off
	.pushsection .sites.access_off, "a", @progbits
	.quad	.Laccess_off\@
	.popsection
.Laccess_off\@:
	.byte	0x0f, 0x1f, 0x00
	.endm

/*
 * The lower part of struct frame (arch/frame.h), below what the processor and a stub pushed. RCX
 * and R11 are popped last, since SYSRET needs them for itself.
 */
	.macro save_registers
	pushq	%rcx
	pushq	%r11
	.irp	register, r9, r8, r10, rdx, rsi, rdi, rax, rbx, rbp, r12, r13, r14, r15
	pushq	%\register
	.endr
	.endm

	.macro load_most_registers
	.irp	register, r15, r14, r13, r12, rbp, rbx, rax, rdi, rsi, rdx, r10, r8, r9
	popq	%\register
	.endr
	.endm

	.macro load_registers
	load_most_registers
	popq	%r11
	popq	%rcx
	.endm

/*
 * From guest user mode into guest kernel mode: GS base, CR3, and the two words by which the entries
 * know the mode. The user's GS base goes to the state page: from here on the register is Linux's.
 */
	.macro to_guest_kernel state, one, two
	movq	%gs:CPU_KERNEL_GS, \two
	/* These instructions reach the active base only: the user's is swapped in for a moment. */
	swapgs
	rdgsbase \one
	wrgsbase \two
	swapgs
	movq	\one, PURLIN_VCPU_USER_GS(\state)
	/* The kernel and the state page are mapped alike in both roots: nothing here moves. */
	movq	%gs:CPU_KERNEL_CR3, \one
	movq	\one, %cr3
	movq	\state, %gs:CPU_KERNEL_STATE
	movq	$0, %gs:CPU_USER_STATE
	.endm

#endif
