/* SPDX-License-Identifier: MIT */
/* Ways into the guest kernel and out of it; its process does nothing but system calls. */
#include "purlin/call_numbers.h"
#include "purlin/vcpu.h"

	.section .text.entry, "ax", @progbits
	.globl guest_entry
guest_entry:
	leaq	stack_top(%rip), %rsp
	xorl	%ebp, %ebp
	call	guest_main
	ud2

	.text
/* void user_run(uint64_t calls): the process makes so many system calls; frame is set. */
	.globl user_run
user_run:
	pushq	%rbx
	pushq	%rbp
	movq	%rdi, calls_left(%rip)
	movq	%rsp, kernel_rsp(%rip)
	jmp	1f

	.globl upcall_syscall
upcall_syscall:
	decq	calls_left(%rip)
	jz	2f
1:	movl	$PURLIN_CALL_VCPU_RESUME_SYSCALL, %eax
	syscall
2:	movq	kernel_rsp(%rip), %rsp
	popq	%rbp
	popq	%rbx
	ret

/* Notes when it began. Exceptions are not expected: the guest ends with the next one. */
	.globl upcall_event, upcall_event_end
upcall_event:
	pushq	%rax
	pushq	%rdx
	lfence
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	%rax, event_time(%rip)
	cmpl	$PURLIN_VECTOR_EVENT, state + PURLIN_VCPU_VECTOR(%rip)
	jne	1f
	movb	$0, state + PURLIN_VCPU_EVENTS_PENDING(%rip)
	popq	%rdx
	popq	state + PURLIN_VCPU_RAX(%rip)
	movq	%rcx, state + PURLIN_VCPU_RCX(%rip)
	movq	%r11, state + PURLIN_VCPU_R11(%rip)
	movl	$PURLIN_CALL_VCPU_RESUME_KERNEL, %eax
	syscall
1:	ud2
upcall_event_end:

/* The process, on a page of its own. */
	.section .user, "ax", @progbits
	.globl user_page
user_page:
1:	syscall
	jmp	1b

	.bss
	.balign 16
	.skip	4096
stack_top:
	.globl event_time
event_time:
	.skip	8
calls_left:
	.skip	8
kernel_rsp:
	.skip	8
	.section .note.GNU-stack, "", @progbits
