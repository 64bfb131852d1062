/* SPDX-License-Identifier: MIT */
/* The first instruction of the guest, with the device tree's guest-physical address in RDI. */
	.section .text.entry, "ax", @progbits
	.globl guest_start
guest_start:
	leaq	stack_top(%rip), %rsp
	xorl	%ebp, %ebp
	call	guest_main
	.globl guest_stuck
guest_stuck:	/* an upcall: none is expected while events are disabled */
	ud2

	.bss
	.balign 16
	.skip	16384
stack_top:
	.section .note.GNU-stack, "", @progbits
