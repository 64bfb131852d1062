/* SPDX-License-Identifier: MIT */
/*
 * Exceptions and interrupts of user level and of the idle loop, and the way out to threads. The
 * exception of a guest's process goes straight to its kernel (the direct switch, see entry.S); all
 * others go on in C. What comes on a stack of its own, or in the kernel, is in isolated.S.
 */
#include "entry/macros.h"

	.section .text.entry, "ax", @progbits
	.code64

/*
 * One stub for each vector: error code (0 where the processor pushes none) and
 * vector on the stack. exception_entries lists their addresses.
 */
	.macro stub vector
	.balign 16
.Lstub\vector:
	.if !(\vector == 8 || (\vector >= 10 && \vector <= 14) || \vector == 17 || \vector == 21 || \vector == 29 || \vector == 30)
	pushq	$0
	.endif
	pushq	$\vector
	.if \vector == 2 || \vector == 8 || \vector == 18
	jmp	entry_isolated
	.elseif \vector == 1
	jmp	entry_debug
	.elseif \vector < 32
	jmp	entry_exception
	.else
	jmp	entry_interrupt
	.endif
	.pushsection .rodata.entries, "a", @progbits
	.quad	.Lstub\vector
	.popsection
	.endm

	.pushsection .rodata.entries, "a", @progbits
	.globl exception_entries
	.balign 8
exception_entries:
	.popsection

	.altmacro
	.set	i, 0
	.rept	256
	stub	%i
	.set	i, i + 1
	.endr
	.noaltmacro

/*
 * An exception. From guest user mode it goes straight to the guest kernel.
 */
	.balign 64
entry_exception:
	access_off
	testb	$3, STUB_CS(%rsp)
	jz	exception_from_kernel
	swapgs
	lfence			/* not with the other GS, not even speculatively */
	cmpq	$0, %gs:CPU_USER_STATE
	je	save_and_trap
	/* The stack is the end of the thread's frame: three registers fit below what was pushed. */
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	movq	%gs:CPU_USER_STATE, %rax
	movl	24 + STUB_VECTOR(%rsp), %ecx
	movl	%ecx, PURLIN_VCPU_VECTOR(%rax)
	movq	24 + STUB_ERROR(%rsp), %rcx
	movq	%rcx, PURLIN_VCPU_ERROR(%rax)
	movq	24 + STUB_RIP(%rsp), %rcx
	movq	%rcx, PURLIN_VCPU_RIP(%rax)
	movq	24 + STUB_RFLAGS(%rsp), %rcx
	movq	%rcx, PURLIN_VCPU_RFLAGS(%rax)
	/* Only now: with any other exception CR2 may hold an address of another component. */
	cmpb	$VECTOR_PAGE_FAULT, 24 + STUB_VECTOR(%rsp)
	jne	1f
	movq	%cr2, %rcx
	movq	%rcx, PURLIN_VCPU_CR2(%rax)
1:	movl	$1, PURLIN_VCPU_FROM_USER(%rax)
	movb	$0, PURLIN_VCPU_EVENTS_ENABLED(%rax)
	to_guest_kernel %rax, %rcx, %rdx
	/* Let the words that the processor pushed lead to Linux, on the stack of its process. */
	movq	%gs:CPU_ENTRY_EVENT, %rcx
	movq	%rcx, 24 + STUB_RIP(%rsp)
	movq	$USER_CS, 24 + STUB_CS(%rsp)
	movq	$RFLAGS_FIXED, 24 + STUB_RFLAGS(%rsp)
	movq	$USER_SS, 24 + STUB_SS(%rsp)
	popq	%rdx
	popq	%rcx
	popq	%rax
	addq	$16, %rsp
	swapgs
	.globl iret_event
iret_event:
	iretq

	.balign 16
entry_interrupt:
	access_off
	testb	$3, STUB_CS(%rsp)
	jz	from_kernel
	swapgs
	lfence
/* Vector and error code are in the thread's frame already: save the rest, and continue in C. */
	.globl save_and_trap
save_and_trap:
	cld
	save_registers
	movq	%gs:CPU_STACK, %rsp
	xorl	%ebp, %ebp
	call	trap_user

/* Lock held: choose which thread runs next, and go there. */
	.globl leave
leave:
	call	context_leave
/* To the thread in RAX; lock given up. */
	.globl leave_to
leave_to:
	/*
	 * The frame may be used without the lock: who destroys the thread waits until this
	 * processor has left for ring 3 and come back (arch_thread_evict).
	 */
	movq	%rax, %rsp
	cmpq	$FRAME_SYSCALL, FRAME_VECTOR(%rsp)
	jne	1f
leave_syscall:
	load_most_registers
	movq	FRAME_RIP - FRAME_R11(%rsp), %rcx
	movq	FRAME_RFLAGS - FRAME_R11(%rsp), %r11
	movq	FRAME_RSP - FRAME_R11(%rsp), %rsp
	/*
	 * SYSRET to a RIP that is not canonical faults in ring 0, on the stack of user level
	 * (Intel). With bit 47 in all above it leads to the kernel's half at worst, where ring 3
	 * faults.
	 */
	shlq	$16, %rcx
	sarq	$16, %rcx
	swapgs
	sysretq
	/* The same for IRETQ: what ran over the end of the lower half, or AMD's #GP at such a target. */
1:	shlq	$16, FRAME_RIP(%rsp)
	sarq	$16, FRAME_RIP(%rsp)
	load_registers
	addq	$16, %rsp
	swapgs
	.globl iret_thread
iret_thread:
	iretq

	.globl arch_leave
arch_leave:
	movq	%gs:CPU_STACK, %rsp
	xorl	%ebp, %ebp
	jmp	leave

	.globl arch_idle
arch_idle:
	movq	%gs:CPU_STACK, %rsp
	xorl	%ebp, %ebp
	/*
	 * STI takes effect after the next instruction: an interrupt that waits already ends HLT
	 * rather than coming before it.
	 */
1:	sti
	hlt
	jmp	1b

	.section .note.GNU-stack, "", @progbits
