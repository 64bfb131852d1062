/* SPDX-License-Identifier: MIT */
/*
 * All ways into the kernel and out of it.
 *
 * Three kinds of entry. The direct switch moves a vCPU between guest user mode
 * and guest kernel mode without a lock, a stack or a thread: only RIP, RFLAGS,
 * GS base and CR3 change hands, through the state page; all other registers pass
 * through. Everything else saves registers into the frame of the
 * current thread (TSS.RSP0 points to its end) and goes on in C, on the stack of
 * the processor: all of them, or those that calls keep. Interrupts of the idle loop
 * build a frame on that stack.
 *
 * Interrupts are off in the kernel but in the idle loop.
 */
#include "arch/cpu.h"
#include "arch/frame.h"
#include "purlin/call_numbers.h"
#include "purlin/vcpu.h"

/* What is below tells the resumes apart by two comparisons. */
	.if PURLIN_CALL_VCPU_RESUME_SYSCALL != 0 || PURLIN_CALL_VCPU_RESUME_USER != 1 || PURLIN_CALL_VCPU_RESUME_KERNEL != 2
	.error "the resumes have other numbers than entry.S counts on"
	.endif

	.section .text.entry, "ax", @progbits
	.code64

/*
 * SYSCALL clears AC, the gates of the IDT do not: user level must not choose that the
 * kernel may touch its memory (SMAP). Three bytes that do nothing, which cpu_setup.c makes a CLAC
 * where the processor has it.
 */
	.macro access_off
	.pushsection .rodata.access_off, "a", @progbits
	.quad	.Laccess_off\@
	.popsection
.Laccess_off\@:
	.byte	0x0f, 0x1f, 0x00
	.endm

	.pushsection .rodata.access_off, "a", @progbits
	.globl access_off_sites
	.balign 8
access_off_sites:
	.popsection

/*
 * struct frame from rcx down (arch/frame.h), below what the processor or a stub pushed. RCX and
 * R11, which SYSRET needs for itself, come last.
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
 * From guest user mode into guest kernel mode: GS base, CR3, and what this file knows the mode by.
 * The user's GS base goes to the state page, since Linux has its own in the register from here on.
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

/*
 * SYSCALL: RCX = RIP, R11 = RFLAGS, RSP and GS base still the caller's.
 */
	.globl entry_syscall
	.balign 64
entry_syscall:
	swapgs
	/*
	 * There is no stack yet, and no register to spare but RSP. One word for each processor is
	 * enough to keep it: nothing interrupts before it is read again (SYSCALL clears IF).
	 */
	movq	%rsp, %gs:CPU_SCRATCH
	movq	%gs:CPU_USER_STATE, %rsp
	testq	%rsp, %rsp
	jz	from_guest_kernel

	/* A guest's process calls its kernel. RSP is the state page. */
	movq	%rcx, PURLIN_VCPU_RIP(%rsp)
	movq	%r11, PURLIN_VCPU_RFLAGS(%rsp)
	/* Linux has not read RIP and RFLAGS yet, which the next upcall would overwrite. */
	movb	$0, PURLIN_VCPU_EVENTS_ENABLED(%rsp)
	to_guest_kernel %rsp, %rcx, %r11
	movq	%gs:CPU_ENTRY_SYSCALL, %rcx	/* canonical: vcpu_configure */
	movl	$RFLAGS_FIXED, %r11d
	movq	%gs:CPU_SCRATCH, %rsp
	swapgs
	sysretq

from_guest_kernel:
	/* Both words are 0 for native threads, and for vCPUs before vcpu_configure. */
	movq	%gs:CPU_KERNEL_STATE, %rsp
	testq	%rsp, %rsp
	jz	syscall_native
	cmpq	$PURLIN_CALL_VCPU_RESUME_USER, %rax
	jb	resume_syscall
	je	resume_user
	cmpq	$PURLIN_CALL_VCPU_RESUME_KERNEL, %rax
	je	resume_kernel

/*
 * A call by a native thread: what SYSRET will need, and the registers that calls keep. Call and
 * reply go a short way first.
 */
syscall_native:
	movq	%gs:CPU_CURRENT, %rsp
	.set	offset, 0
	.irp	register, r15, r14, r13, r12, rbp, rbx, rax, rdi, rsi, rdx, r10, r8, r9
	movq	%\register, offset(%rsp)
	.set	offset, offset + 8
	.endr
	/* Says that the frame was left by SYSCALL: RCX and R11 are void, and SYSRET leads back. */
	movq	$FRAME_SYSCALL, FRAME_VECTOR(%rsp)
	movq	%rcx, FRAME_RIP(%rsp)
	movq	%r11, FRAME_RFLAGS(%rsp)
	movq	%gs:CPU_SCRATCH, %rcx
	movq	%rcx, FRAME_RSP(%rsp)
	/* Always from its top: no thread waits in the kernel. RBP ends the chain of a backtrace. */
	movq	%gs:CPU_STACK, %rsp
	xorl	%ebp, %ebp
	cmpq	$PURLIN_CALL_ENDPOINT_CALL, %rax
	je	1f
	cmpq	$PURLIN_CALL_ENDPOINT_REPLY_RECEIVE, %rax
	je	2f
	call	trap_syscall
	jmp	leave
1:	call	trap_endpoint_call
	jmp	leave_to
2:	call	trap_endpoint_reply
	jmp	leave_to

/*
 * SYSCALL: all registers into the frame of the current thread, as an interrupt would leave them,
 * since what follows may end with an upcall or with another thread's turn.
 */
	.macro save_syscall_frame
	movq	%gs:CPU_CURRENT, %rsp
	leaq	FRAME_SIZE(%rsp), %rsp
	pushq	$USER_SS
	pushq	%gs:CPU_SCRATCH
	pushq	%r11
	pushq	$USER_CS
	pushq	%rcx
	pushq	$0
	pushq	$FRAME_SYSCALL
	save_registers
	movq	%gs:CPU_STACK, %rsp
	xorl	%ebp, %ebp
	.endm

/* A call goes on in C. */
syscall_slow:
	save_syscall_frame
	call	trap_syscall
	jmp	leave

/*
 * A resume with a batch. If it is one entry that follows a table, as after most faults, C applies it
 * with the registers saved that it does not keep. (Bits 0 and 2: no other operation has both.)
 */
	.if PURLIN_BATCH_TABLE != 5
	.error "the operation is tested by two of its bits"
	.endif
resume_batch:
	cmpl	$1, PURLIN_VCPU_BATCH_COUNT(%rsp)
	jne	resume_batch_full
	testb	$4, STATE_BATCH(%rsp)
	jz	resume_batch_full
	testb	$1, STATE_BATCH(%rsp)
	jz	resume_batch_full
	movq	%gs:CPU_STACK, %rsp
	.irp	register, rcx, r11, r9, r8, r10, rdx, rsi, rdi, rax, rbp
	pushq	%\register
	.endr
	xorl	%ebp, %ebp
	call	vcpu_hand_over_quick
	testb	%al, %al
	.irp	register, rbp, rax, rdi, rsi, rdx, r10, r8, r9, r11, rcx
	popq	%\register
	.endr
	movq	%gs:CPU_KERNEL_STATE, %rsp
	jz	resume_batch_full
	cmpq	$PURLIN_CALL_VCPU_RESUME_USER, %rax
	jb	resume_syscall_now
	je	resume_user_now
	jmp	resume_kernel_now

/*
 * Any other: C applies it, then it goes on as one without, unless there is more
 * to do. The batch is not looked at again: another processor may go on writing it.
 */
resume_batch_full:
	save_syscall_frame
	call	vcpu_hand_over
	testb	%al, %al
	jz	leave
	movq	%gs:CPU_CURRENT, %rsp
	load_registers
	movq	%gs:CPU_KERNEL_STATE, %rsp
	cmpq	$PURLIN_CALL_VCPU_RESUME_USER, %rax
	jb	resume_syscall_now
	je	resume_user_now
	jmp	resume_kernel_now

	.if PURLIN_VCPU_ALERT_PENDING != PURLIN_VCPU_EVENTS_PENDING + 1
	.error "the resumes to user mode look at events and alert in one word"
	.endif

/*
 * The three resumes without anything to hand over. RSP is the state page, which
 * other processors may write at any time: each field is read once. What
 * needs more than this goes the slow way, as a call; until then RCX and R11
 * keep what SYSCALL put there, and RAX is free since its value is known.
 */
resume_syscall:
	cmpw	$0, PURLIN_VCPU_EVENTS_PENDING(%rsp)
	jne	syscall_slow
	cmpl	$0, PURLIN_VCPU_BATCH_COUNT(%rsp)
	jne	resume_batch
resume_syscall_now:
	movq	PURLIN_VCPU_RIP(%rsp), %rcx
	movq	%rcx, %rax
	shrq	$47, %rax	/* SYSRET faults in ring 0 on a non-canonical RIP */
	jnz	bad_rip_syscall
	movq	PURLIN_VCPU_RFLAGS(%rsp), %r11
	andl	$RFLAGS_USER_MODE, %r11d
	orl	$RFLAGS_FIXED, %r11d
	movq	PURLIN_VCPU_RAX(%rsp), %rax
	/* The mode is what these two words say; interrupts are off, so nothing comes between. */
	movq	%rsp, %gs:CPU_USER_STATE
	movq	$0, %gs:CPU_KERNEL_STATE
	movq	%gs:CPU_USER_CR3, %rsp
	movq	%rsp, %cr3
	movq	%gs:CPU_SCRATCH, %rsp
	swapgs
	sysretq

resume_user:
	cmpw	$0, PURLIN_VCPU_EVENTS_PENDING(%rsp)
	jne	syscall_slow
	cmpl	$0, PURLIN_VCPU_BATCH_COUNT(%rsp)
	jne	resume_batch
/* All registers are the user's after this, so IRETQ it is: it needs its words on a stack. */
resume_user_now:
	movq	PURLIN_VCPU_RIP(%rsp), %r11
	movq	%r11, %rax
	shrq	$47, %rax
	jnz	bad_rip_user
	movq	%gs:CPU_CURRENT, %rcx
	movq	%r11, FRAME_RIP(%rcx)
	movq	PURLIN_VCPU_RFLAGS(%rsp), %r11
	andl	$RFLAGS_USER_MODE, %r11d
	orl	$RFLAGS_FIXED, %r11d
	movq	%r11, FRAME_RFLAGS(%rcx)
	movq	%rsp, %gs:CPU_USER_STATE
	movq	$0, %gs:CPU_KERNEL_STATE
	movq	%gs:CPU_USER_CR3, %r11
	movq	%r11, %cr3
resume_iret:	/* RIP is canonical */
	movq	$USER_CS, FRAME_CS(%rcx)
	movq	$USER_SS, FRAME_SS(%rcx)
	movq	%gs:CPU_SCRATCH, %r11
	movq	%r11, FRAME_RSP(%rcx)
	movq	PURLIN_VCPU_RCX(%rsp), %r11
	movq	%r11, %gs:CPU_SCRATCH2	/* RCX still points to the frame */
	movq	PURLIN_VCPU_R11(%rsp), %r11
	movq	PURLIN_VCPU_RAX(%rsp), %rax
	leaq	FRAME_RIP(%rcx), %rsp
	movq	%gs:CPU_SCRATCH2, %rcx
	swapgs
iret_resume:
	iretq

resume_kernel:
	cmpl	$0, PURLIN_VCPU_BATCH_COUNT(%rsp)
	jne	resume_batch
resume_kernel_now:
	movq	PURLIN_VCPU_RFLAGS(%rsp), %rax
	testl	$RFLAGS_IF, %eax
	jz	1f
	/*
	 * First enable, then look: another processor stores the event, then
	 * sends an interrupt, which is taken right after IRET at the latest.
	 */
	movb	$1, PURLIN_VCPU_EVENTS_ENABLED(%rsp)
	cmpb	$0, PURLIN_VCPU_EVENTS_PENDING(%rsp)
	jne	resume_kernel_slow
1:	cmpb	$0, PURLIN_VCPU_ALERT_PENDING(%rsp)
	jne	resume_kernel_slow
	andl	$RFLAGS_KERNEL_MODE, %eax
	orl	$RFLAGS_FIXED, %eax
	movq	PURLIN_VCPU_RIP(%rsp), %r11
	movq	%r11, %rcx
	sarq	$47, %rcx	/* canonical: 0 or -1 */
	incq	%rcx
	cmpq	$1, %rcx
	ja	bad_rip_kernel
	movq	%gs:CPU_CURRENT, %rcx
	movq	%r11, FRAME_RIP(%rcx)
	movq	%rax, FRAME_RFLAGS(%rcx)
	jmp	resume_iret

/*
 * resume() in guest/vcpu.c makes a general protection fault of it. RAX says again which resume it
 * is; RCX and R11 become harmless, since the frame takes RIP and RFLAGS from them.
 */
bad_rip_syscall:
	movl	$PURLIN_CALL_VCPU_RESUME_SYSCALL, %eax
	jmp	bad_rip
bad_rip_user:
	movl	$PURLIN_CALL_VCPU_RESUME_USER, %eax
	jmp	bad_rip
bad_rip_kernel:
	movl	$PURLIN_CALL_VCPU_RESUME_KERNEL, %eax
bad_rip:
	xorl	%ecx, %ecx
	movl	$RFLAGS_FIXED, %r11d
	jmp	syscall_slow
resume_kernel_slow:
	movb	$0, PURLIN_VCPU_EVENTS_ENABLED(%rsp)
	movl	$PURLIN_CALL_VCPU_RESUME_KERNEL, %eax
	jmp	syscall_slow

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

/* Offsets on the stack after a stub. */
#define STUB_VECTOR 0
#define STUB_ERROR 8
#define STUB_RIP 16
#define STUB_CS 24
#define STUB_RFLAGS 32
#define STUB_RSP 40
#define STUB_SS 48

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
	/* In any other exception CR2 may hold an address of another component. */
	cmpb	$VECTOR_PAGE_FAULT, 24 + STUB_VECTOR(%rsp)
	jne	1f
	movq	%cr2, %rcx
	movq	%rcx, PURLIN_VCPU_CR2(%rax)
1:	movl	$1, PURLIN_VCPU_FROM_USER(%rax)
	movb	$0, PURLIN_VCPU_EVENTS_ENABLED(%rax)
	to_guest_kernel %rax, %rcx, %rdx
	/* The words that the processor pushed lead to Linux now, on the stack of its process. */
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
iret_event:
	iretq

	.balign 16
entry_interrupt:
	access_off
	testb	$3, STUB_CS(%rsp)
	jz	from_kernel
	swapgs
	lfence
/* Vector and error are on top of the thread's frame: the rest of it, then C. */
save_and_trap:
	cld
	save_registers
	movq	%gs:CPU_STACK, %rsp
	xorl	%ebp, %ebp
	call	trap_user

/* Lock held: choose who runs next and go there. */
leave:
	call	context_leave
/* To the thread in RAX; lock given up. */
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

/*
 * A fault of our own. One of an IRETQ is the fault of what it was to return to: nothing here
 * should let that happen, but if it does, it costs the component and not the machine.
 */
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

/* In the kernel already: an interrupt of the idle loop, or a fault of our own. */
from_kernel:
	lfence			/* nor here with the user's GS: the processor may have guessed wrongly */
	cld
	save_registers
	movq	%rsp, %rdi
	call	trap_kernel	/* returns for interrupts of the idle loop only */
	/* The idle loop has nothing to be gone on with: if nobody is ready, it starts anew. */
	movq	%gs:CPU_STACK, %rsp
	jmp	leave

/*
 * #DB has a stack of its own, since MOV SS can delay it into the kernel's first
 * instruction. From ring 3 it goes on as any other; in ring 0 it is dropped.
 */
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
2:	pushq	%rax		/* DR6 is sticky: the next #DB must not tell of this one. */
	movl	$0xffff0ff0, %eax
	movq	%rax, %dr6
	leaq	.Lstub1(%rip), %rax
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
 * NMI, #DF, #MC: any register may be in any state, GS base included; nothing
 * interrupted is resumed by another way than this. The word above the stack
 * holds this processor's struct cpu.
 */
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

	.pushsection .rodata.access_off, "a", @progbits
	.globl access_off_end
access_off_end:
	.popsection

	.section .note.GNU-stack, "", @progbits
