// SPDX-License-Identifier: GPL-2.0
/* Registers by name and arguments by number, as probes name them. */
#include <linux/kernel.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/thread_info.h>

static const char * const names[] = {
	"r15", "r14", "r13", "r12", "bp", "bx", "r11", "r10", "r9", "r8", "ax",
	"cx", "dx", "si", "di", "orig_ax", "ip", "cs", "flags", "sp", "ss",
};

int regs_query_register_offset(const char *name)
{
	int i = match_string(names, ARRAY_SIZE(names), name);

	BUILD_BUG_ON(sizeof(struct pt_regs) != ARRAY_SIZE(names) * sizeof(long));
	return i < 0 ? i : i * (int)sizeof(long);
}

const char *regs_query_register_name(unsigned int offset)
{
	return offset % sizeof(long) || offset > MAX_REG_OFFSET ? NULL :
								    names[offset / sizeof(long)];
}

bool regs_within_kernel_stack(struct pt_regs *regs, unsigned long address)
{
	return (address & ~(THREAD_SIZE - 1)) == (regs->sp & ~(THREAD_SIZE - 1));
}

unsigned long regs_get_kernel_stack_nth(struct pt_regs *regs, unsigned int n)
{
	unsigned long *word = (unsigned long *)regs->sp + n;
	unsigned long value;

	if (!regs_within_kernel_stack(regs, (unsigned long)word) ||
	    copy_from_kernel_nofault(&value, word, sizeof(value)))
		return 0;
	return value;
}

/* At a function's first instruction: six in registers, then above the return address. */
unsigned long regs_get_kernel_argument(struct pt_regs *regs, unsigned int n)
{
	const unsigned long in_registers[] = {
		regs->di, regs->si, regs->dx, regs->cx, regs->r8, regs->r9,
	};

	if (n < ARRAY_SIZE(in_registers))
		return in_registers[n];
	return regs_get_kernel_stack_nth(regs, n - ARRAY_SIZE(in_registers) + 1);
}

/* In the order of their numbers in instructions. */
unsigned long *regs_by_number(struct pt_regs *regs, unsigned int number)
{
	static const u16 offsets[] = {
		offsetof(struct pt_regs, ax), offsetof(struct pt_regs, cx),
		offsetof(struct pt_regs, dx), offsetof(struct pt_regs, bx),
		offsetof(struct pt_regs, sp), offsetof(struct pt_regs, bp),
		offsetof(struct pt_regs, si), offsetof(struct pt_regs, di),
		offsetof(struct pt_regs, r8), offsetof(struct pt_regs, r9),
		offsetof(struct pt_regs, r10), offsetof(struct pt_regs, r11),
		offsetof(struct pt_regs, r12), offsetof(struct pt_regs, r13),
		offsetof(struct pt_regs, r14), offsetof(struct pt_regs, r15),
	};

	return (unsigned long *)((u8 *)regs + offsets[number & 15]);
}
