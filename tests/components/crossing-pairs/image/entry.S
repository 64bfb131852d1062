/* SPDX-License-Identifier: MIT */
/* Entries of a guest kernel that only takes turns, itself or in a process. */
#include "../turns.h"
#include "../turns.inc"
#include "purlin/call_numbers.h"
#include "purlin/vcpu.h"

	.section .text.entry, "ax", @progbits
	.globl guest_entry
guest_entry:	/* RDI: run as a process, RSI: there is AVX */
	seen	first, %rip, first+SEEN_REGISTER+8*SEEN_RSI(%rip)
	movq	first + SEEN_REGISTER + 8 * SEEN_RDI(%rip), %rdi
	movq	first + SEEN_REGISTER + 8 * SEEN_RSI(%rip), %rsi
	leaq	stack_top(%rip), %rsp
	xorl	%ebp, %ebp
	call	guest_main
	ud2

	.text
/* _Noreturn void process_start(struct turns *turns, stack): the frame is filled. */
	.globl process_start
process_start:
	movl	$PURLIN_CALL_VCPU_RESUME_USER, %eax
	movq	state + PURLIN_VCPU_USER_GS(%rip), %rdx
	wrgsbase %rdx
	movq	%rsi, %rsp
	syscall
	ud2

	.globl upcall_syscall, upcall_event
upcall_syscall:
	leaq	stack_top(%rip), %rsp
	rdgsbase %rdi
	call	process_ended
	ud2
upcall_event:
	leaq	stack_top(%rip), %rsp
	call	upcall_unexpected
	ud2

	.section .user, "ax", @progbits
	.globl process_entry
process_entry:
	call	turns_take
	syscall
	ud2

	.bss
	.balign 64
	.globl first
first:
	.skip	SEEN_BYTES
	.skip	8192
stack_top:
	.section .note.GNU-stack, "", @progbits
