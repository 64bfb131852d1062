// SPDX-License-Identifier: GPL-2.0
/* Offsets and sizes for assembly. */
#define COMPILE_OFFSETS
#include <linux/kbuild.h>
#include <linux/sched.h>
#include <asm/extable.h>
#include <asm/ptrace.h>

int main(void)
{
	OFFSET(TASK_THREAD_SP, task_struct, thread.sp);
	BLANK();
	OFFSET(PTREGS_R11, pt_regs, r11);
	OFFSET(PTREGS_AX, pt_regs, ax);
	OFFSET(PTREGS_CX, pt_regs, cx);
	OFFSET(PTREGS_ORIG_AX, pt_regs, orig_ax);
	OFFSET(PTREGS_IP, pt_regs, ip);
	OFFSET(PTREGS_CS, pt_regs, cs);
	OFFSET(PTREGS_FLAGS, pt_regs, flags);
	OFFSET(PTREGS_SP, pt_regs, sp);
	DEFINE(PTREGS_SIZE, sizeof(struct pt_regs));
	BLANK();
	DEFINE(EXTABLE_SIZE, sizeof(struct exception_table_entry));
	return 0;
}
