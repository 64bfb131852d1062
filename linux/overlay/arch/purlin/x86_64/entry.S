/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ways into Linux and out of it (abi/purlin/vcpu.h). All of .entry.text is the
 * critical range: the frame in the state page is not copied yet, or RSP is
 * not a kernel stack any more, so an exception here stops the guest. Events cannot
 * come: they are disabled throughout.
 */
#include <linux/linkage.h>
#include <asm/asm-offsets.h>
#include <asm/export.h>
#include <asm/percpu.h>
#include <asm/processor-flags.h>
#include <asm/segment.h>
#include <asm/vcpu.h>

#define STATE(field) PER_CPU_VAR(purlin_state + PURLIN_VCPU_##field)

#if PURLIN_CALL_VCPU_RESUME_SYSCALL != 0
#error "entry_syscall clears RAX to name this call"
#endif

	.section .entry.text, "ax"

/* What struct pt_regs has below orig_ax, from live registers. */
.macro SAVE_REGISTERS rax=%rax
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	\rax
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
.endm

/* All but RAX, RCX, R11 and RSP, which the microkernel loads or which come last. */
.macro LOAD_REGISTERS
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	addq	$8, %rsp
	popq	%r10
	popq	%r9
	popq	%r8
	addq	$16, %rsp
	popq	%rdx
	popq	%rsi
	popq	%rdi
.endm

/* From guest user mode: RSP is the program's, RCX and R11 hold nothing. */
SYM_CODE_START(entry_syscall)
	movq	%rsp, %rcx
	movq	PER_CPU_VAR(cpu_current_top_of_stack), %rsp
	movq	STATE(RIP), %r11
	pushq	$__USER_DS
	pushq	%rcx
	pushq	STATE(RFLAGS)
	pushq	$__USER_CS
	pushq	%r11
	pushq	%rax
	movq	%r11, %rcx
	movq	STATE(RFLAGS), %r11
	SAVE_REGISTERS rax=$-38	/* ENOSYS */

	movq	%rsp, %rdi
	movslq	%eax, %rsi
	call	purlin_do_syscall
	testb	%al, %al
	je	return_to_user

	movq	PTREGS_CX(%rsp), %rcx
	movq	PTREGS_R11(%rsp), %r11
	movq	PTREGS_AX(%rsp), %rax
	movq	%rcx, STATE(RIP)
	movq	%r11, STATE(RFLAGS)
	movq	%rax, STATE(RAX)
	movq	STATE(USER_GS), %rax
	wrgsbase %rax
	LOAD_REGISTERS
	movq	PTREGS_SP - PTREGS_ORIG_AX(%rsp), %rsp
	xorl	%eax, %eax	/* PURLIN_CALL_VCPU_RESUME_SYSCALL */
	syscall
	ud2
SYM_CODE_END(entry_syscall)

/* What a full resume wants in the state page. */
.macro FILL_FRAME
	movq	PTREGS_IP(%rsp), %rax
	movq	PTREGS_FLAGS(%rsp), %rcx
	movq	%rax, STATE(RIP)
	movq	%rcx, STATE(RFLAGS)
	movq	PTREGS_AX(%rsp), %rax
	movq	PTREGS_CX(%rsp), %rcx
	movq	%rax, STATE(RAX)
	movq	%rcx, STATE(RCX)
	movq	PTREGS_R11(%rsp), %rcx
	movq	%rcx, STATE(R11)
.endm

.macro RESUME number
	LOAD_REGISTERS
	movq	PTREGS_SP - PTREGS_ORIG_AX(%rsp), %rsp
	movl	$\number, %eax
	syscall
	ud2
.endm

/*
 * Events disabled, RSP = struct pt_regs of user mode at the top of the stack. The state page is
 * found by Linux's GS base, so the program's comes last.
 */
SYM_CODE_START(return_to_user)
	FILL_FRAME
	movq	STATE(USER_GS), %rax
	wrgsbase %rax
	RESUME	PURLIN_CALL_VCPU_RESUME_USER
SYM_CODE_END(return_to_user)

/* Exceptions and events, from either mode: all registers are live. */
SYM_CODE_START(entry_event)
	cmpl	$0, STATE(FROM_USER)
	je	.Lfrom_kernel
	movq	%rsp, PER_CPU_VAR(entry_scratch)
	movq	PER_CPU_VAR(cpu_current_top_of_stack), %rsp
	pushq	$__USER_DS
	pushq	PER_CPU_VAR(entry_scratch)
	pushq	STATE(RFLAGS)
	pushq	$__USER_CS
	jmp	.Lframe
.Lfrom_kernel:
	/* Linux has no red zone: the frame goes below what was interrupted. */
	movq	%rsp, PER_CPU_VAR(entry_scratch)
	pushq	$__KERNEL_DS
	pushq	PER_CPU_VAR(entry_scratch)
	pushq	STATE(RFLAGS)
	pushq	$__KERNEL_CS
.Lframe:
	pushq	STATE(RIP)
	pushq	$-1
	SAVE_REGISTERS
	movq	%rsp, %rdi
	movl	STATE(VECTOR), %esi
	movq	STATE(ERROR), %rdx
	movq	STATE(CR2), %rcx
	call	purlin_do_event
	testb	$3, PTREGS_CS(%rsp)
	jne	return_to_user
	FILL_FRAME
	RESUME	PURLIN_CALL_VCPU_RESUME_KERNEL
SYM_CODE_END(entry_event)

	.section .text, "ax"

/*
 * Called from arch_local_irq_enable() with some events pending: as if they had
 * come by an upcall at the return address. Keeps all registers.
 */
SYM_FUNC_START(vcpu_enable_pending)
	movb	$0, STATE(EVENTS_ENABLED)
	pushq	$__KERNEL_DS
	pushq	%rsp
	addq	$16, (%rsp)
	pushq	$(X86_EFLAGS_IF | X86_EFLAGS_FIXED)
	pushq	$__KERNEL_CS
	pushq	4 * 8(%rsp)
	pushq	$-1
	SAVE_REGISTERS
	movq	%rsp, %rdi
	call	purlin_do_pending
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	addq	$(6 * 8), %rsp
	RET
SYM_FUNC_END(vcpu_enable_pending)
EXPORT_SYMBOL(vcpu_enable_pending)
