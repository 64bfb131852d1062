/* SPDX-License-Identifier: MIT */
/*
 * All general registers but RSP get what is in registers_before, something happens in one
 * instruction, and what they hold then goes to registers_after. For guest kernel mode, and for
 * native threads.
 */
	.macro through name, instruction
	.globl \name, \name\()_instruction, \name\()_end
\name:
	.irp	register, rbx, rbp, r12, r13, r14, r15
	pushq	%\register
	.endr
	.set	offset, 0
	.irp	register, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
	movq	registers_before + offset(%rip), %\register
	.set	offset, offset + 8
	.endr
\name\()_instruction:
	\instruction
\name\()_end:
	.set	offset, 0
	.irp	register, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
	movq	%\register, registers_after + offset(%rip)
	.set	offset, offset + 8
	.endr
	.irp	register, r15, r14, r13, r12, rbp, rbx
	popq	%\register
	.endr
	ret
	.endm

	.text
	through	registers_fault, ud2
	through	registers_call, syscall

	.bss
	.balign 8
	.globl registers_before, registers_after
registers_before:
	.skip	8 * 15
registers_after:
	.skip	8 * 15
	.section .note.GNU-stack, "", @progbits
