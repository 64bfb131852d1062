// SPDX-License-Identifier: GPL-2.0
/* What perf asks of an architecture: callchains and registers of samples. */
#include <linux/mm.h>
#include <linux/perf_event.h>
#include <linux/perf_regs.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>
#include <linux/stacktrace.h>
#include <linux/uaccess.h>

static bool store_kernel(void *entry, unsigned long address)
{
	return perf_callchain_store(entry, address) == 0;
}

void perf_callchain_kernel(struct perf_callchain_entry_ctx *entry, struct pt_regs *regs)
{
	arch_stack_walk(store_kernel, entry, current, regs);
}

struct user_frame {
	unsigned long next;
	unsigned long return_address;
};

void perf_callchain_user(struct perf_callchain_entry_ctx *entry, struct pt_regs *regs)
{
	unsigned long address = regs->bp;
	struct user_frame frame;

	perf_callchain_store(entry, regs->ip);
	if (!current->mm)
		return;
	while (entry->nr < entry->max_stack && IS_ALIGNED(address, sizeof(long)) &&
	       !copy_from_user_nofault(&frame, (void __user *)address, sizeof(frame))) {
		if (perf_callchain_store(entry, frame.return_address))
			return;
		/* A stack grows downwards: what does not go upwards is no chain. */
		if (frame.next <= address)
			return;
		address = frame.next;
	}
}

static const u16 offsets[] = {
	[PERF_REG_X86_AX] = offsetof(struct pt_regs, ax),
	[PERF_REG_X86_BX] = offsetof(struct pt_regs, bx),
	[PERF_REG_X86_CX] = offsetof(struct pt_regs, cx),
	[PERF_REG_X86_DX] = offsetof(struct pt_regs, dx),
	[PERF_REG_X86_SI] = offsetof(struct pt_regs, si),
	[PERF_REG_X86_DI] = offsetof(struct pt_regs, di),
	[PERF_REG_X86_BP] = offsetof(struct pt_regs, bp),
	[PERF_REG_X86_SP] = offsetof(struct pt_regs, sp),
	[PERF_REG_X86_IP] = offsetof(struct pt_regs, ip),
	[PERF_REG_X86_FLAGS] = offsetof(struct pt_regs, flags),
	[PERF_REG_X86_CS] = offsetof(struct pt_regs, cs),
	[PERF_REG_X86_SS] = offsetof(struct pt_regs, ss),
	[PERF_REG_X86_R8] = offsetof(struct pt_regs, r8),
	[PERF_REG_X86_R9] = offsetof(struct pt_regs, r9),
	[PERF_REG_X86_R10] = offsetof(struct pt_regs, r10),
	[PERF_REG_X86_R11] = offsetof(struct pt_regs, r11),
	[PERF_REG_X86_R12] = offsetof(struct pt_regs, r12),
	[PERF_REG_X86_R13] = offsetof(struct pt_regs, r13),
	[PERF_REG_X86_R14] = offsetof(struct pt_regs, r14),
	[PERF_REG_X86_R15] = offsetof(struct pt_regs, r15),
};

/* A frame does not hold the data segments, as on x86-64. */
#define ABSENT	(BIT_ULL(PERF_REG_X86_DS) | BIT_ULL(PERF_REG_X86_ES) | \
		 BIT_ULL(PERF_REG_X86_FS) | BIT_ULL(PERF_REG_X86_GS))
#define PRESENT	(GENMASK_ULL(PERF_REG_X86_64_MAX - 1, 0) & ~ABSENT)

u64 perf_reg_value(struct pt_regs *regs, int index)
{
	if (WARN_ON_ONCE(index < 0 || index >= ARRAY_SIZE(offsets) || !(PRESENT & BIT_ULL(index))))
		return 0;
	return regs_get_register(regs, offsets[index]);
}

int perf_reg_validate(u64 mask)
{
	return !mask || mask & ~PRESENT ? -EINVAL : 0;
}

u64 perf_reg_abi(struct task_struct *task)
{
	return PERF_SAMPLE_REGS_ABI_64;
}

void perf_get_regs_user(struct perf_regs *user, struct pt_regs *regs)
{
	user->regs = task_pt_regs(current);
	user->abi = perf_reg_abi(current);
}
