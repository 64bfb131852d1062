/* SPDX-License-Identifier: MIT */
/*
 * Several vCPUs at the same time, each with GS base at its own struct area (several.h): ways to
 * user mode and back, and what is run there or in kernel mode until it faults.
 */
#include "purlin/call_numbers.h"
#include "purlin/vcpu.h"
#include "several.h"

	.text
/* A vCPU starts here: RSP is its stack, RDI its number. */
	.globl several_entry
several_entry:
	xorl	%ebp, %ebp
	call	several_worker
	ud2

/* All of this is the critical range. */
	.globl several_range, several_range_end
several_range:
/* several_user(address, reach): to user mode at area.rip; returns with the next upcall. */
	.globl several_user
several_user:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, %gs:AREA_RSP
	movq	%gs:AREA_RIP, %rax
	movq	%rax, %gs:PURLIN_VCPU_RIP
	movq	$0x200, %gs:PURLIN_VCPU_RFLAGS
	xorl	%eax, %eax
	wrgsbase %rax
	movl	$PURLIN_CALL_VCPU_RESUME_USER, %eax
	syscall
	ud2

	.globl several_event, several_syscall
several_event:
	cmpl	$1, %gs:PURLIN_VCPU_FROM_USER
	jne	several_from_kernel
several_syscall:
	movq	%gs:AREA_RSP, %rsp
	movq	%gs:PURLIN_VCPU_RIP, %rax
	movq	%rax, %gs:AREA_RIP
	movl	%gs:PURLIN_VCPU_VECTOR, %eax
	movq	%rax, %gs:AREA_VECTOR
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

several_from_kernel:
	pushq	%gs:PURLIN_VCPU_RFLAGS
	pushq	%gs:PURLIN_VCPU_RIP
	.irp	register, rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11
	pushq	%\register
	.endr
	movq	%rsp, %rdi
	pushq	%rbp
	movq	%rsp, %rbp
	andq	$-16, %rsp
	movl	%gs:PURLIN_VCPU_VECTOR, %esi
	call	several_upcall
	movq	%rbp, %rsp
	popq	%rbp
	.irp	register, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax
	popq	%\register
	.endr
	movq	%rax, %gs:PURLIN_VCPU_RAX
	movq	%rcx, %gs:PURLIN_VCPU_RCX
	movq	%r11, %gs:PURLIN_VCPU_R11
	popq	%gs:PURLIN_VCPU_RIP
	popq	%gs:PURLIN_VCPU_RFLAGS
	movl	$PURLIN_CALL_VCPU_RESUME_KERNEL, %eax
	syscall
	ud2
several_range_end:

/*
 * RDI: a page, RSI: struct reach. Run in either mode; a fault leads behind it in kernel mode, and
 * out of several_user() in user mode.
 */
	.section .user, "ax", @progbits
	.globl several_reader, several_writer, several_code_end
several_reader:
	movq	(%rdi), %rax
	movq	%rax, REACH_VALUE(%rsi)
	incq	REACH_COUNT(%rsi)
	jmp	several_reader
several_writer:
	movq	$REACH_WRITTEN, (%rdi)
	incq	REACH_COUNT(%rsi)
	jmp	several_writer
several_code_end:

	.section .note.GNU-stack, "", @progbits
