/* SPDX-License-Identifier: MIT */
/*
 * The first instructions: from 32-bit protected mode without paging, as
 * Multiboot2 (3.3) and PVH hand over, to boot_main() at its final address.
 */
#include "arch/boot.h"
#include "arch/frame.h"
#include "arch/instructions.h"
#include "arch/layout.h"

#define MULTIBOOT2_MAGIC 0xe85250d6
#define BOOT_STACK_SIZE 16384
#define ROOT_ENTRY(address) ((address) >> 39 & 511) * 8

	.section .boot.header, "a", @progbits
	.balign 8
header:
	.long	MULTIBOOT2_MAGIC, 0, header_end - header
	.long	-(MULTIBOOT2_MAGIC + (header_end - header))
	/* Modules page-aligned. */
	.balign 8
	.word	6, 0
	.long	8
	/* A framebuffer, if there can be one, of any size; the loader need not know the tag. */
	.balign 8
	.word	5, 1
	.long	20, 0, 0, 32
	/* End. */
	.balign 8
	.word	0, 0
	.long	8
header_end:

	.section .note.purlin, "a", @note
	.balign 4
	.long	4, 8, 18	/* name bytes, value bytes, XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz	"Xen"
	.quad	boot_pvh

	.section .boot, "ax", @progbits
	.code32
	.globl boot_multiboot, boot_pvh
boot_pvh:
	movl	$BOOT_PVH, %edi
	jmp	1f
boot_multiboot:
	movl	%eax, %edi	/* the loader's magic: boot_main checks it */
1:	cli
	cld
	movl	%ebx, %esi
	movl	$boot_stack_physical + BOOT_STACK_SIZE, %esp

	movl	$0x80000000, %eax
	cpuid
	cmpl	$0x80000001, %eax
	jb	no_long_mode
	movl	$0x80000001, %eax
	cpuid
	btl	$29, %edx
	jnc	no_long_mode

	/*
	 * The first 4 GiB three times: where they are, for the switch; at the
	 * kernel's link base; in the direct map. paging_boot() replaces this.
	 */
	movl	$boot_pd_physical, %ebx
	movl	$0x83, %eax		/* present, writable, large */
	movl	$2048, %ecx
1:	movl	%eax, (%ebx)
	addl	$8, %ebx
	addl	$0x200000, %eax
	loop	1b

	movl	$boot_pdpt_physical, %ebx
	movl	$boot_pd_physical + 3, %eax
	movl	$4, %ecx
1:	movl	%eax, (%ebx)
	addl	$8, %ebx
	addl	$4096, %eax
	loop	1b

	movl	$boot_pml4_physical, %ebx
	movl	$boot_pdpt_physical + 3, %eax
	movl	%eax, (%ebx)
	movl	%eax, ROOT_ENTRY(KERNEL_LINK_BASE)(%ebx)
	movl	%eax, ROOT_ENTRY(DIRECT_MAP_BASE)(%ebx)

	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	%ebx, %cr3
	movl	$MSR_EFER, %ecx
	xorl	%edx, %edx
	movl	$EFER_LME, %eax
	wrmsr
	movl	$(CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE), %eax
	movl	%eax, %cr0
	lgdt	boot_gdt_pointer
	ljmp	$KERNEL_CS, $boot_long

/* Nothing works without 64-bit mode; say so on the serial line and stay. */
no_long_mode:
	movl	$no_long_mode_text, %ebx
	movw	$0x3f8, %dx
1:	movb	(%ebx), %al
	testb	%al, %al
	jz	2f
	outb	%al, %dx
	incl	%ebx
	jmp	1b
2:	hlt
	jmp	2b
no_long_mode_text:
	.asciz	"purlin: this processor has no 64-bit mode\r\n"

	.balign 8
boot_gdt:
	.org	boot_gdt + KERNEL_CS
	.quad	0x00af9b000000ffff
	.org	boot_gdt + KERNEL_SS
	.quad	0x00cf93000000ffff
boot_gdt_pointer:
	.word	. - boot_gdt - 1
	.long	boot_gdt

	.code64
boot_long:
	movl	$KERNEL_SS, %eax
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movabsq	$boot_stack + BOOT_STACK_SIZE, %rsp
	/* The arguments: after the change of mode the upper halves are undefined. */
	movl	%edi, %edi
	movl	%esi, %esi
	xorl	%ebp, %ebp
	movabsq	$boot_main, %rax
	call	*%rax
	ud2

	.text
	.globl stack_switch
/* stack_switch(top, function): go on in function on another stack; no return. */
stack_switch:
	movq	%rdi, %rsp
	xorl	%ebp, %ebp
	call	*%rsi
	ud2

	.bss
	.balign 4096
	.globl boot_pml4, boot_pdpt, boot_pd, boot_stack
boot_pml4:
	.skip	4096
boot_pdpt:
	.skip	4096
boot_pd:
	.skip	4 * 4096
boot_stack:
	.skip	BOOT_STACK_SIZE

	.section .note.GNU-stack, "", @progbits
