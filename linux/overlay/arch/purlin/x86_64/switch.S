/* SPDX-License-Identifier: GPL-2.0 */
/* Exchange of kernel stacks, and the first steps of a new task. */
#include <linux/linkage.h>
#include <asm/asm-offsets.h>

	.text

/*
 * struct task_struct *__switch_to_asm(prev, next): the order of the pushes is
 * struct inactive_task_frame. __switch_to() returns on the stack of `next`.
 */
SYM_FUNC_START(__switch_to_asm)
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15

	movq	%rsp, TASK_THREAD_SP(%rdi)
	movq	TASK_THREAD_SP(%rsi), %rsp

	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	jmp	__switch_to
SYM_FUNC_END(__switch_to_asm)

/*
 * A new task comes here from __switch_to_asm() with RAX = previous task,
 * RBX = function of a kernel thread or 0, R12 = its argument, and its
 * struct pt_regs on top of the stack.
 */
SYM_CODE_START(ret_from_fork_asm)
	movq	%rax, %rdi
	movq	%rsp, %rsi
	movq	%rbx, %rdx
	movq	%r12, %rcx
	xorl	%ebp, %ebp
	call	ret_from_fork
	jmp	return_to_user
SYM_CODE_END(ret_from_fork_asm)
