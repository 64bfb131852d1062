/* SPDX-License-Identifier: GPL-2.0 */
/* Copies to and from user memory that may fault. */
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/export.h>

/* From this size on a string instruction pays. */
#define STRING_BYTES 64

	.text

/*
 * purlin_copy_user(RDI to, RSI from, RDX bytes): bytes not copied. After a
 * fault in larger pieces the rest is tried byte by byte, so that the answer is
 * exact up to the page that is missing.
 */
SYM_FUNC_START(purlin_copy_user)
	cmpq	$STRING_BYTES, %rdx
	jae	.Lcopy_string
	cmpl	$8, %edx
	jb	.Lcopy_bytes
.Lcopy_words:
1:	movq	(%rsi), %rax
2:	movq	%rax, (%rdi)
	addq	$8, %rsi
	addq	$8, %rdi
	subl	$8, %edx
	cmpl	$8, %edx
	jae	.Lcopy_words
.Lcopy_bytes:
	testq	%rdx, %rdx
	jz	.Lcopy_done
.Lcopy_byte:
3:	movb	(%rsi), %al
4:	movb	%al, (%rdi)
	incq	%rsi
	incq	%rdi
	decq	%rdx
	jnz	.Lcopy_byte
.Lcopy_done:
	movq	%rdx, %rax
	RET
.Lcopy_string:
	movq	%rdx, %rcx
	shrq	$3, %rcx
	andl	$7, %edx
5:	rep movsq
	jmp	.Lcopy_bytes
.Lcopy_string_fault:
	leaq	(%rdx,%rcx,8), %rdx
	jmp	.Lcopy_bytes

	_ASM_EXTABLE_UA(1b, .Lcopy_bytes)
	_ASM_EXTABLE_UA(2b, .Lcopy_bytes)
	_ASM_EXTABLE_UA(3b, .Lcopy_done)
	_ASM_EXTABLE_UA(4b, .Lcopy_done)
	_ASM_EXTABLE_UA(5b, .Lcopy_string_fault)
SYM_FUNC_END(purlin_copy_user)
EXPORT_SYMBOL(purlin_copy_user)

/* purlin_clear_user(RDI to, RSI bytes): bytes not cleared. */
SYM_FUNC_START(purlin_clear_user)
	xorl	%eax, %eax
	movq	%rsi, %rcx
	shrq	$3, %rcx
	andl	$7, %esi
1:	rep stosq
.Lclear_bytes:
	testq	%rsi, %rsi
	jz	.Lclear_done
2:	movb	%al, (%rdi)
	incq	%rdi
	decq	%rsi
	jmp	.Lclear_bytes
.Lclear_done:
	movq	%rsi, %rax
	RET
.Lclear_fault:
	leaq	(%rsi,%rcx,8), %rsi
	jmp	.Lclear_bytes

	_ASM_EXTABLE_UA(1b, .Lclear_fault)
	_ASM_EXTABLE_UA(2b, .Lclear_done)
SYM_FUNC_END(purlin_clear_user)
EXPORT_SYMBOL(purlin_clear_user)
