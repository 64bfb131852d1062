/* SPDX-License-Identifier: MIT */
/*
 * The first steps of a further processor, copied to a page below 1 MiB: from
 * real mode straight to 64-bit mode (SDM 3A, 9.8.5). smp.c fills in the words
 * at the end.
 */
#include "arch/boot.h"
#include "arch/frame.h"
#include "arch/instructions.h"

	.section .rodata.trampoline, "a", @progbits
	.globl trampoline, trampoline_end, trampoline_words
	.code16
trampoline:
	cli
	cld
	/* CS:0 is this page, wherever it lies; all addresses below are offsets in it. */
	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	trampoline_gdt_pointer - trampoline
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	word_cr3 - trampoline, %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	xorl	%edx, %edx
	movl	$(EFER_LME | EFER_NXE), %eax	/* without NXE, NX is a reserved bit */
	wrmsr
	movl	$(CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE), %eax
	movl	%eax, %cr0
	ljmpl	*(word_far_target - trampoline)

	.code64
trampoline_long:
	movl	$KERNEL_SS, %eax
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movq	word_stack(%rip), %rsp
	movq	word_cpu(%rip), %rdi
	movq	word_entry(%rip), %rax
	xorl	%ebp, %ebp
	call	*%rax
	ud2

	.balign 8
trampoline_gdt:
	.org	trampoline_gdt + KERNEL_CS
	.quad	0x00af9b000000ffff
	.org	trampoline_gdt + KERNEL_SS
	.quad	0x00cf93000000ffff

	/* struct trampoline_words in smp.c */
	.balign 8
trampoline_words:
word_stack:
	.quad	0
word_cpu:
	.quad	0
word_entry:
	.quad	0
word_cr3:
	.long	0
word_far_target:	/* offset: from here to 64-bit code; smp.c adds the page */
	.long	trampoline_long - trampoline
	.word	KERNEL_CS
trampoline_gdt_pointer:
	.word	trampoline_words - trampoline_gdt - 1
word_gdt_base:
	.long	trampoline_gdt - trampoline	/* smp.c adds the page */
trampoline_end:
	.if word_stack != trampoline_words || word_cpu - trampoline_words != TRAMPOLINE_CPU || \
		word_entry - trampoline_words != TRAMPOLINE_ENTRY || word_cr3 - trampoline_words != TRAMPOLINE_CR3 || \
		word_far_target - trampoline_words != TRAMPOLINE_FAR || \
		word_gdt_base - trampoline_words != TRAMPOLINE_GDT_BASE || trampoline_end - word_gdt_base != 4
	.error "struct trampoline_words is another one"
	.endif

	.section .note.GNU-stack, "", @progbits
