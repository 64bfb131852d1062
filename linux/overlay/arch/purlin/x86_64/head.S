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
