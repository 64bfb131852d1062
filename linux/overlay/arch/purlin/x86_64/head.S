/* SPDX-License-Identifier: GPL-2.0 */
/*
 * First instructions: init starts the vCPU at the ELF entry point with RDI = the
 * device tree's guest-physical address, and no stack. The image and all RAM
 * are mapped already (docs/guest-device-tree.md).
 */
#include <linux/init.h>
#include <linux/linkage.h>
#include <asm/asm-offsets.h>
#include <asm/page_types.h>
#include <asm/thread_info.h>

	__HEAD
SYM_CODE_START(purlin_head)
	leaq	init_stack + THREAD_SIZE - PTREGS_SIZE(%rip), %rsp
	xorl	%ebp, %ebp
	cld
	movq	%rdi, %rbx

	/* .bss is zero by contract of the loader for fresh memory only. */
	leaq	__bss_start(%rip), %rdi
	leaq	__bss_stop(%rip), %rcx
	subq	%rdi, %rcx
	shrq	$3, %rcx
	xorl	%eax, %eax
	rep stosq

	movq	%rbx, %rdi
	call	purlin_start
	ud2
SYM_CODE_END(purlin_head)

#ifdef CONFIG_SMP
	.text
/* Another vCPU: RDI = its per-CPU area, RSP = the end of its idle task's stack. */
SYM_CODE_START(purlin_secondary_head)
	wrgsbase %rdi
	xorl	%ebp, %ebp
	cld
	call	purlin_secondary_start
	ud2
SYM_CODE_END(purlin_secondary_head)

/* purlin_secondary_again(stack, per-CPU area): the same for a vCPU that runs. */
SYM_CODE_START(purlin_secondary_again)
	movq	%rdi, %rsp
	movq	%rsi, %rdi
	jmp	purlin_secondary_head
SYM_CODE_END(purlin_secondary_again)
#endif
