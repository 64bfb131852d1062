/* SPDX-License-Identifier: MIT */
/* Entry point of a component: first stack, then C. RDI: the argument, RSP: 0. */
#include "runtime/thread.h"

	.section .text.start, "ax"
	.globl _start
_start:
	leaq first_stack + THREAD_STACK_BYTES - THREAD_BLOCK_BYTES(%rip), %rsp
	xorl %ebp, %ebp
	call component_start
	ud2

	.section .stack, "aw", @nobits
	.balign THREAD_STACK_BYTES
first_stack:
	.skip THREAD_STACK_BYTES

	.section .note.GNU-stack, "", @progbits
