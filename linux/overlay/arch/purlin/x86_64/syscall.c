// SPDX-License-Identifier: GPL-2.0
/* System calls: the table of x86-64 and the way there and back. */
#include <linux/cache.h>
#include <linux/compiler.h>
#include <linux/entry-common.h>
#include <linux/linkage.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/randomize_kstack.h>
#include <linux/sys.h>
#include <linux/syscalls.h>
#include <asm/processor.h>
#include <asm/syscall.h>
#include <asm/unistd.h>

/* Those of x86-64 that the generic headers do not declare. */
asmlinkage long sys_rt_sigreturn(void);
asmlinkage long sys_mmap(unsigned long addr, unsigned long len,
			 unsigned long prot, unsigned long flags,
			 unsigned long fd, unsigned long off);
asmlinkage long sys_arch_prctl(int option, unsigned long arg);
asmlinkage long sys_modify_ldt(int func, void __user *ptr,
			       unsigned long bytes);
asmlinkage long sys_map_shadow_stack(unsigned long addr, unsigned long size,
				     unsigned int flags);

SYSCALL_DEFINE6(mmap, unsigned long, addr, unsigned long, len,
		unsigned long, prot, unsigned long, flags,
		unsigned long, fd, unsigned long, off)
{
	if (off & ~PAGE_MASK)
		return -EINVAL;
	return ksys_mmap_pgoff(addr, len, prot, flags, fd, off >> PAGE_SHIFT);
}

/*
 * Descriptors belong to the microkernel and ports to sessions: modify_ldt is absent by generic
 * code, these by name, as in x86 kernels built without them.
 */
#define sys_iopl	sys_ni_syscall
#define sys_ioperm	sys_ni_syscall

#define __SYSCALL(nr, call) \
	[nr] = (sys_call_ptr_t)(void *)(call),

#define __SYSCALL_NORETURN(nr, call) __SYSCALL(nr, call)

const sys_call_ptr_t sys_call_table[] __cacheline_aligned = {
	[0 ... NR_syscalls - 1] = (sys_call_ptr_t)(void *)sys_ni_syscall,
#include <asm/syscalls_64.h>
};

static __always_inline void call_syscall(struct pt_regs *regs, long nr)
{
	unsigned long index = nr;

	if (likely(index < NR_syscalls)) {
		index = array_index_nospec(index, NR_syscalls);
		regs->ax = sys_call_table[index](regs->di, regs->si, regs->dx,
						 regs->r10, regs->r8, regs->r9);
	} else if (nr != -1) {
		/* -1: a tracer or filter has cancelled the call. */
		regs->ax = sys_ni_syscall();
	}
}

/*
 * The fast resume returns as SYSRET does: RCX is RIP and R11 the flags. TF
 * and RF need the full one, and an address outside the lower half its checks.
 */
static __always_inline bool fast_resume_fits(const struct pt_regs *regs)
{
	return regs->cx == regs->ip && regs->r11 == regs->flags &&
	       regs->ip < TASK_SIZE_MAX &&
	       !(regs->flags & (X86_EFLAGS_RF | X86_EFLAGS_TF));
}

/* Newer trees answer whether the call is permitted; older ones give -1 in place of its number. */
#ifdef PURLIN_TREE_PERMITS_SYSCALLS
#define syscall_enter(regs, nr)	syscall_enter_from_user_mode_randomize_stack(regs, nr)
#else
static __always_inline bool syscall_enter(struct pt_regs *regs, long *nr)
{
	*nr = syscall_enter_from_user_mode(regs, *nr);
	return true;
}
#endif

__visible noinstr bool purlin_do_syscall(struct pt_regs *regs, long nr)
{
	bool permitted;

#ifndef PURLIN_TREE_PERMITS_SYSCALLS
	add_random_kstack_offset();
#endif
	permitted = syscall_enter(regs, &nr);

	instrumentation_begin();
	if (likely(permitted))
		call_syscall(regs, nr);
	instrumentation_end();

	syscall_exit_to_user_mode(regs);
	return fast_resume_fits(regs);
}
