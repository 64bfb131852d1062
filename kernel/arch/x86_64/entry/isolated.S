/* SPDX-License-Identifier: MIT */
/*
 * Entries that may find the kernel itself interrupted: exceptions in ring 0, #DB, and what comes
 * on a stack of its own in any state of the registers (NMI, #DF, #MC).
 */
#include "entry/macros.h"

	.section .text.entry, "ax", @progbits
	.code64

/*
 * An exception in the kernel. If an IRETQ caused it, the place that it was to return to is at fault:
 * the exits should not let that happen, but if it does, it costs the component and not the machine.
 */
	.globl exception_from_kernel
exception_from_kernel:
	pushq	%rax
	.irp	place, iret_thread, iret_resume, iret_event, iret_isolated
	leaq	\place(%rip), %rax
	cmpq	%rax, 8 + STUB_RIP(%rsp)
	je	return_refused
	.endr
	popq	%rax
	jmp	from_kernel

/*
 * RSP lies in the frame of the current thread, or on the stack of an NMI, below the words that
 * IRETQ read (STUB_RSP points to them); GS is the user's again.
 */
return_refused:
	popq	%rax
	swapgs
	lfence
	cld
	movq	%rax, %gs:CPU_SCRATCH
	movq	STUB_ERROR(%rsp), %rax
	movq	STUB_RSP(%rsp), %rsp
	pushq	%rax
	pushq	$VECTOR_PROTECTION
	movq	%gs:CPU_SCRATCH, %rax
	save_registers
	/* The registers that were to be loaded are in the frame again, for the report. */
	movq	%gs:CPU_STACK, %rsp
	xorl	%ebp, %ebp
	call	trap_return_refused
	jmp	leave

/* From ring 0: an interrupt of the idle loop, or a fault of the kernel. */
	.globl from_kernel
from_kernel:
	lfence			/* not with the user's GS, should the processor have guessed wrongly */
	cld
	save_registers
	movq	%rsp, %rdi
	call	trap_kernel	/* returns for interrupts of the idle loop only */
	/* Nothing of the idle loop needs to be kept: if nobody is ready, it starts over. */
	movq	%gs:CPU_STACK, %rsp
	jmp	leave

/*
 * #DB has a stack of its own, since MOV SS can delay it into the kernel's first
 * instruction. From ring 3 it goes on as any other; in ring 0 it is dropped.
 */
	.globl entry_debug
	.balign 16
entry_debug:
	access_off
	testb	$3, STUB_CS(%rsp)
	jz	2f
	swapgs
	lfence
	pushq	%rax
	pushq	%rcx
	movq	%rsp, %rcx	/* frame pieces are at 16(%rcx) */
	movq	%gs:CPU_CURRENT, %rsp
	leaq	FRAME_SIZE(%rsp), %rsp
	.irp	offset, STUB_SS, STUB_RSP, STUB_RFLAGS, STUB_CS, STUB_RIP, STUB_ERROR, STUB_VECTOR
	pushq	16 + \offset(%rcx)
	.endr
	movq	8(%rcx), %rax
	movq	(%rcx), %rcx
	jmp	save_and_trap
2:	pushq	%rax		/* DR6 is sticky: the next #DB must not report this one */
	movl	$0xffff0ff0, %eax
	movq	%rax, %dr6
	movq	exception_entries + 8(%rip), %rax
	cmpq	%rax, 8 + STUB_RIP(%rsp)
	je	3f
	popq	%rax
	addq	$16, %rsp
	iretq
/*
 * A second #DB before the first instruction of the handler (QEMU 7.2 does that). It has overwritten
 * the first one's frame, so the place of the first is lost, and a return would lead here again, for
 * ever. If no SWAPGS has been executed since user mode, the guest gets a #DB at address 0; else the
 * kernel cannot go on.
 */
3:	pushq	%rcx
	pushq	%rdx
	movl	$MSR_KERNEL_GS_BASE, %ecx
	rdmsr
	shlq	$32, %rdx
	orq	%rdx, %rax
	cmpq	%rax, 24 + STUB_SS + 8(%rsp)	/* struct cpu, above the stack */
	popq	%rdx
	popq	%rcx
	popq	%rax
	jne	4f
	movq	$0, STUB_RIP(%rsp)
	movq	$USER_CS, STUB_CS(%rsp)
	movq	$RFLAGS_FIXED, STUB_RFLAGS(%rsp)
	movq	$0, STUB_RSP(%rsp)
	movq	$USER_SS, STUB_SS(%rsp)
	jmp	entry_debug
4:	movq	$VECTOR_DOUBLE_FAULT, STUB_VECTOR(%rsp)
	jmp	entry_isolated

/*
 * NMI, #DF, #MC: any register may be in any state, GS base included, and what was interrupted is
 * resumed from here only. The word above the stack holds this processor's struct cpu.
 */
	.globl entry_isolated
	.balign 16
entry_isolated:
	access_off
	cld
	save_registers
	rdgsbase %rbx
	movq	FRAME_SIZE(%rsp), %rax
	wrgsbase %rax
	movq	%rsp, %rdi
	call	trap_isolated	/* returns for an NMI only */
	wrgsbase %rbx
	load_registers
	addq	$16, %rsp
iret_isolated:
	iretq

	.section .note.GNU-stack, "", @progbits
