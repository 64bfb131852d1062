/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_ELF_H
#define _ASM_PURLIN_ELF_H

#include <linux/thread_info.h>
#include <asm/auxvec.h>
#include <asm/hwcap2.h>
#include <asm/processor.h>
#include <asm/ptrace.h>
#include <asm/user.h>

typedef unsigned long elf_greg_t;

#define ELF_NGREG (sizeof(struct user_regs_struct) / sizeof(elf_greg_t))
typedef elf_greg_t elf_gregset_t[ELF_NGREG];
typedef struct user_i387_struct elf_fpregset_t;

/* Relocation types (System V ABI, x86-64 supplement). */
#define R_X86_64_NONE		0
#define R_X86_64_64		1
#define R_X86_64_PC32		2
#define R_X86_64_GOT32		3
#define R_X86_64_PLT32		4
#define R_X86_64_COPY		5
#define R_X86_64_GLOB_DAT	6
#define R_X86_64_JUMP_SLOT	7
#define R_X86_64_RELATIVE	8
#define R_X86_64_GOTPCREL	9
#define R_X86_64_32		10
#define R_X86_64_32S		11
#define R_X86_64_16		12
#define R_X86_64_PC16		13
#define R_X86_64_8		14
#define R_X86_64_PC8		15
#define R_X86_64_PC64		24

#define ELF_CLASS		ELFCLASS64
#define ELF_DATA		ELFDATA2LSB
#define ELF_ARCH		EM_X86_64
#define ELF_PLATFORM		("x86_64")
#define elf_check_arch(x)	((x)->e_machine == EM_X86_64)

#define CORE_DUMP_USE_REGSET
#define ELF_EXEC_PAGESIZE	4096
#define ELF_ET_DYN_BASE		(DEFAULT_MAP_WINDOW / 3 * 2)

/* CPUID 1 EDX, as natively. */
extern u32 elf_hwcap;
#define ELF_HWCAP		(elf_hwcap)
#define ELF_HWCAP2		(HWCAP2_FSGSBASE)

/* RAX gets what execve returns. */
#define ELF_PLAT_INIT(regs, load_addr)					\
	do {								\
		struct pt_regs *_regs = (regs);				\
		_regs->bx = 0;						\
		_regs->cx = 0;						\
		_regs->dx = 0;						\
		_regs->si = 0;						\
		_regs->di = 0;						\
		_regs->bp = 0;						\
		_regs->r8 = 0;						\
		_regs->r9 = 0;						\
		_regs->r10 = 0;						\
		_regs->r11 = 0;						\
		_regs->r12 = 0;						\
		_regs->r13 = 0;						\
		_regs->r14 = 0;						\
		_regs->r15 = 0;						\
	} while (0)

#define SET_PERSONALITY(ex)						\
	do {								\
		task_pt_regs(current)->orig_ax = __NR_execve;		\
		current->personality &= ~READ_IMPLIES_EXEC;		\
	} while (0)

/* Only a stack that asks for it is executable. */
#define elf_read_implies_exec(ex, executable_stack)	0

/* Pages. Long: mmap_base() shifts it to bytes, and keeps that much room below the stack. */
#define STACK_RND_MASK		0x3fffffUL

#define ARCH_DLINFO							\
	do {								\
		NEW_AUX_ENT(AT_SYSINFO_EHDR,				\
			    (unsigned long)current->mm->context.vdso);	\
		NEW_AUX_ENT(AT_MINSIGSTKSZ, get_sigframe_size());	\
	} while (0)

unsigned long get_sigframe_size(void);

struct linux_binprm;

#define ARCH_HAS_SETUP_ADDITIONAL_PAGES 1
int arch_setup_additional_pages(struct linux_binprm *bprm, int uses_interp);

/* Programs bring their own restorer: the vDSO has none. */
#define arch_syscall_is_vdso_sigreturn(regs) false

#endif /* _ASM_PURLIN_ELF_H */
