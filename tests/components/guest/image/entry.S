/* SPDX-License-Identifier: MIT */
/*
 * A guest kernel as small as can be: user_run() goes to guest user mode with the
 * registers in user_registers and comes back, as a function does, with the next
 * upcall from there. Upcalls from guest kernel mode go to kernel_upcall() and resume.
 */
#include "purlin/call_numbers.h"
#include "purlin/vcpu.h"

#define R(n) (user_registers + 8 * (n))(%rip)

	.section .text.entry, "ax", @progbits
	.globl guest_entry
guest_entry:
	leaq	stack_top(%rip), %rsp
	leaq	second_stack_top(%rip), %rax
	testq	%rsi, %rsi
	cmovnzq	%rax, %rsp
	xorl	%ebp, %ebp
	call	guest_main
1:	jmp	1b

	.text
/* void user_run(uint64_t call): PURLIN_CALL_VCPU_RESUME_SYSCALL or _USER. */
	.globl user_run
user_run:
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, kernel_rsp(%rip)
	movq	%rdi, %rax
	movq	R(1), %rbx
	movq	R(2), %rdx
	movq	R(3), %rsi
	movq	R(5), %rbp
	movq	R(7), %r8
	movq	R(8), %r9
	movq	R(9), %r10
	movq	R(10), %r12
	movq	R(11), %r13
	movq	R(12), %r14
	movq	R(13), %r15
	movq	R(4), %rdi
	movq	R(6), %rsp
	movq	R(14), %rcx
	wrgsbase %rcx
	syscall
resume_end:
	ud2

/* Every register is the process's; after SYSCALL, RCX and R11 are what SYSRET left there. */
	.globl upcall_syscall
upcall_syscall:
	movl	$-1, purlin_test_vector(%rip)
	jmp	from_process

	.globl upcall_event
upcall_event:
	cmpl	$1, state + PURLIN_VCPU_FROM_USER(%rip)
	jne	from_kernel
from_process:
	movq	%rcx, R(15)
	movq	%r11, R(16)
	movq	%rax, R(0)
	movq	%rbx, R(1)
	movq	%rdx, R(2)
	movq	%rsi, R(3)
	movq	%rdi, R(4)
	movq	%rbp, R(5)
	movq	%rsp, R(6)
	movq	%r8, R(7)
	movq	%r9, R(8)
	movq	%r10, R(9)
	movq	%r12, R(10)
	movq	%r13, R(11)
	movq	%r14, R(12)
	movq	%r15, R(13)
	movq	kernel_rsp(%rip), %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	ret

/* The interrupted registers go on the stack as struct kernel_frame of main.c. */
from_kernel:
	pushq	state + PURLIN_VCPU_RFLAGS(%rip)
	pushq	state + PURLIN_VCPU_RIP(%rip)
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	movq	%rsp, %rdi
	pushq	%rbp
	movq	%rsp, %rbp
	andq	$-16, %rsp
	call	kernel_upcall
	movq	%rbp, %rsp
	popq	%rbp
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rax
	movq	%rax, state + PURLIN_VCPU_RAX(%rip)
	movq	%rcx, state + PURLIN_VCPU_RCX(%rip)
	movq	%r11, state + PURLIN_VCPU_R11(%rip)
	popq	state + PURLIN_VCPU_RIP(%rip)
	popq	state + PURLIN_VCPU_RFLAGS(%rip)
	movl	$PURLIN_CALL_VCPU_RESUME_KERNEL, %eax
	syscall
	ud2

/* All upcalls of fuzzing vCPUs, and where kernel mode may go on: everything starts anew. */
	.globl fuzz_upcall0, fuzz_upcall1
fuzz_upcall0:
	leaq	stack_top(%rip), %rsp
	xorl	%edi, %edi
	jmp	1f
fuzz_upcall1:
	leaq	second_stack_top(%rip), %rsp
	movl	$1, %edi
1:	xorl	%ebp, %ebp
	call	fuzz_loop
	ud2

/* uint64_t kernel_load(const uint64_t *): a load that kernel_upcall() may skip (see there). */
	.globl kernel_load, kernel_load_end
kernel_load:
	movq	(%rdi), %rax
kernel_load_end:
	ret

	.globl kernel_store, kernel_store_end
kernel_store:
	movq	%rsi, (%rdi)
	xorl	%eax, %eax
kernel_store_end:
	ret

/* Call code in the lower half: has to fault. */
	.globl kernel_execute
kernel_execute:
	call	*%rdi
	ret

/* uint64_t alert_in_range(vcpu, const uint64_t *count): see alert.c. */
	.globl alert_in_range, alert_in_range_end
alert_in_range:
	movl	$PURLIN_CALL_VCPU_ALERT, %eax
	syscall
	movq	(%rsi), %rax
	ret
alert_in_range_end:

	.globl critical_ud2
critical_ud2:
	ud2

/* Programs, copied to a page of their own and run in guest user mode. */
	.section .user, "ax", @progbits
	.globl user_syscalls, user_store, user_ud2, user_int3, user_divide, user_hlt, user_int80
	.globl user_spin, user_flags, user_step, user_loop, user_nop
	.globl user_number, user_add
	.globl user_far_jump, user_far_return, user_iret, user_load_ss
user_syscalls:
	syscall
	movq	%rcx, %rbx
	movq	%r11, %rbp
	syscall
	ud2
user_store:
	movq	%rsi, (%rdi)
	syscall
user_add:
	addq	%rsi, (%rdi)
	syscall
user_ud2:
	ud2
user_int3:
	int3
user_divide:
	xorl	%ecx, %ecx
	divl	%ecx
user_hlt:
	hlt
user_int80:
	int	$0x80
user_spin:
	incq	%rbx
	jmp	user_spin
user_flags:
	pushfq
	popq	%rbx
	syscall
user_step:
	nop
	nop
	syscall
user_loop:
	syscall
	decq	%rbx
	jnz	user_loop
	ud2
/* To the selector in RBX. */
user_far_jump:
	subq	$16, %rsp
	movl	$0x1000, (%rsp)
	movw	%bx, 4(%rsp)
	ljmpl	*(%rsp)
user_far_return:
	pushq	%rbx
	pushq	$0x1000
	lretq
user_iret:
	pushq	$0x2b
	pushq	%rsp
	pushfq
	pushq	%rbx
	pushq	$0x1000
	iretq
user_load_ss:
	movl	%ebx, %ss
	syscall
user_number:
	rdtscp
	movl	%ecx, %ebx
	syscall
user_nop:
	nop

	.bss
	.balign 16
	.skip	16384
stack_top:
	.skip	16384
second_stack_top:
	.globl user_registers, kernel_rsp, purlin_test_vector
user_registers:
	.skip	8 * 17
kernel_rsp:
	.skip	8
purlin_test_vector:
	.skip	8
	.section .note.GNU-stack, "", @progbits
