// SPDX-License-Identifier: GPL-2.0
/* Probes of programs: x86's own code in its 64-bit form, with what it asks of arch/x86. */
#include <linux/kdebug.h>
#include <linux/kernel.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <linux/uprobes.h>
#include <asm/insn.h>
#include <asm/mmu_context.h>
#include <asm/processor.h>

/* No task steps from branch to branch: that takes a register of the processor's. */
#define TIF_BLOCKSTEP	25

static inline void set_task_blockstep(struct task_struct *task, bool on)
{
}

static inline bool is_64bit_mm(struct mm_struct *mm)
{
	return true;
}

/* Programs have no shadow stacks here. */
static inline bool shstk_is_enabled(void)
{
	return false;
}

static inline int shstk_update_last_frame(unsigned long value)
{
	return 0;
}

#define CONFIG_X86_64 1
#include "../../x86/kernel/uprobes.c"
