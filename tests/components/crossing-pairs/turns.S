/* SPDX-License-Identifier: MIT */
/*
 * turns_take(): while it waits, R15 has the address of struct turns, R14 that of the word; all else
 * is pattern.
 */
#include "turns.h"
#include "turns.inc"

#define REGISTER(n) (TURNS_FILL + SEEN_REGISTER + 8 * (n))(%r15)

	.section .user, "ax", @progbits
	.globl turns_take
	.balign 64
turns_take:
	.irp	register, rbx, rbp, r12, r13, r14, r15
	pushq	%\register
	.endr
	movq	%rdi, %r15
	movq	%rsp, TURNS_OWN(%r15)
	rdfsbase %rax
	rdgsbase %rcx
	movq	%rax, TURNS_OWN + 8(%r15)
	movq	%rcx, TURNS_OWN + 16(%r15)
	movq	TURNS_WORD(%r15), %r14
	cmpq	$0, TURNS_ODD(%r15)
	jne	round
1:	testb	$1, (%r14)
	jz	1b
round:
	call	fill_all
	movq	REGISTER(SEEN_RSP), %rsp
	incq	(%r14)
	cmpq	$0, TURNS_ODD(%r15)
	je	2f
1:	testb	$1, (%r14)
	jnz	1b
	jmp	look
2:	testb	$1, (%r14)
	jz	2b
look:
	seen	TURNS_NOW, %r15, TURNS_AVX(%r15)
	movq	TURNS_OWN(%r15), %rsp
	leaq	TURNS_NOW(%r15), %rsi
	movq	TURNS_NEXT(%r15), %rdi
	movl	$SEEN_BYTES, %ecx
	cld
	rep movsb
	movq	%rdi, TURNS_NEXT(%r15)
	decq	TURNS_LEFT(%r15)
	jnz	round
	cmpq	$0, TURNS_ODD(%r15)
	je	1f
	incq	(%r14)		/* the other one waits once more */
1:	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movq	TURNS_OWN + 8(%r15), %rax
	movq	TURNS_OWN + 16(%r15), %rcx
	wrfsbase %rax
	wrgsbase %rcx
	fninit
	movl	$0x1f80, TURNS_OWN(%r15)
	ldmxcsr	TURNS_OWN(%r15)
	.irp	register, r15, r14, r13, r12, rbp, rbx
	popq	%\register
	.endr
	ret

/* All but RSP, R14 and R15. */
fill_all:
	fxrstor64 TURNS_FILL(%r15)
	/* Into the one register that the pattern leaves empty, and empty again. */
	movq	TURNS_ODD(%r15), %rax
	shlq	$4, %rax
	fldt	TURNS_OPERAND(%r15, %rax)
	fstp	%st(0)
	cmpq	$0, TURNS_AVX(%r15)
	je	1f
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vinsertf128 $1, TURNS_FILL + SEEN_HIGH + 16 * \n(%r15), %ymm\n, %ymm\n
	.endr
1:	movl	$0x2b, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movq	REGISTER(SEEN_FS), %rax
	movq	REGISTER(SEEN_GS), %rcx
	wrfsbase %rax
	wrgsbase %rcx
	.set	n, 0
	.irp	register, rax, rbx, rcx, rdx, rsi, rdi, rbp, none, r8, r9, r10, r11, r12, r13
	.ifnc	\register, none
	movq	REGISTER(n), %\register
	.endif
	.set	n, n + 1
	.endr
	ret
	.section .note.GNU-stack, "", @progbits
