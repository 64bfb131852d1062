/* SPDX-License-Identifier: MIT */
/*
 * Calls: SYSCALL of native threads, of guests and of their processes, and the resumes of vCPUs.
 *
 * The direct switch moves a vCPU between guest user mode and guest kernel mode without a lock, a
 * stack or a thread: only RIP, RFLAGS, GS base and CR3 change hands, through the state page; all
 * other registers pass through. Everything else saves registers into the frame of the current
 * thread (TSS.RSP0 points to its end) and goes on in C, on the stack of the processor: all of
 * them, or those that calls keep. exceptions.S has the other entries and the way out.
 *
 * Interrupts are off in the kernel but in the idle loop.
 */
#include "entry/macros.h"
#include "purlin/call_numbers.h"

/* The code below tells the resumes apart by two comparisons. */
	.if PURLIN_CALL_VCPU_RESUME_SYSCALL != 0 || PURLIN_CALL_VCPU_RESUME_USER != 1 || PURLIN_CALL_VCPU_RESUME_KERNEL != 2
	.error "the resumes have other numbers than entry.S counts on"
	.endif

	.section .text.entry, "ax", @progbits
	.code64

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
	cmpq	$PURLIN_CALL_VCPU_SWITCH, %rax
	je	switch_space

/*
 * A call by a native thread: save what SYSRET will need, and the registers that calls preserve.
 * Call and reply try the short way first.
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
 * SYSCALL: save all registers in the frame of the current thread, as an interrupt would, since
 * this may end with an upcall or in another thread.
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

/* A call that continues in C. */
syscall_slow:
	save_syscall_frame
	call	trap_syscall
	jmp	leave

/* A C function without the kernel's lock, and the condition whether it did what was asked. */
	.macro call_short function
	movq	%gs:CPU_STACK, %rsp
	.irp	register, rcx, r11, r9, r8, r10, rdx, rsi, rdi, rax, rbp
	pushq	%\register
	.endr
	xorl	%ebp, %ebp
	call	\function
	testb	%al, %al
	.irp	register, rbp, rax, rdi, rsi, rdx, r10, r8, r9, r11, rcx
	popq	%\register
	.endr
	.endm

/* Nothing that could change who runs happens here: what comes meanwhile comes with an interrupt. */
switch_space:
	call_short vcpu_switch_short
	jz	syscall_slow
	xorl	%eax, %eax
	movq	%gs:CPU_SCRATCH, %rsp
	shlq	$16, %rcx	/* canonical, see leave_syscall */
	sarq	$16, %rcx
	swapgs
	sysretq

/*
 * A resume with a batch. Most faults leave one TABLE entry. C applies that with only those registers
 * saved that C functions may change. (No other operation has both bit 0 and bit 2.)
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
	call_short vcpu_hand_over_quick
	movq	%gs:CPU_KERNEL_STATE, %rsp
	jz	resume_batch_full
	cmpq	$PURLIN_CALL_VCPU_RESUME_USER, %rax
	jb	resume_syscall_now
	je	resume_user_now
	jmp	resume_kernel_now

/*
 * Any other batch: C applies it, and then the resume continues as one without a batch, unless there
 * is more to do. It does not look at the batch again: another processor may still be writing it.
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
 * The three resumes without a batch. RSP is the state page, which other processors may write at any
 * time, so each field is read once. Whatever needs more than this goes the slow way, as a call;
 * until then RCX and R11 keep what SYSCALL put there, and RAX is free since its value is known.
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
/* SYSRET would lose RCX and R11, so this needs IRETQ, which takes its words from a stack. */
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
	.globl iret_resume
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

	.section .note.GNU-stack, "", @progbits
