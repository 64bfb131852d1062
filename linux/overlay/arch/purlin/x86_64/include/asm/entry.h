/* SPDX-License-Identifier: GPL-2.0 */
/* Between x86_64/entry.S and C. */
#ifndef _ASM_PURLIN_ENTRY_H
#define _ASM_PURLIN_ENTRY_H

#include <linux/linkage.h>
#include <asm/percpu.h>
#include <asm/ptrace.h>

void entry_syscall(void);
void entry_event(void);
/* kernel/setup.c: RSP between entry and the first push. */
DECLARE_PER_CPU(unsigned long, entry_scratch);

/* x86_64/traps.c, called with events disabled and the frame already copied. */
asmlinkage void purlin_do_event(struct pt_regs *regs, unsigned int vector,
				unsigned long error, unsigned long address);
/* kernel/irq.c: events that were pending when they were enabled. */
asmlinkage void purlin_do_pending(struct pt_regs *regs);

/* x86_64/fault.c */
void purlin_page_fault(struct pt_regs *regs, unsigned long error, unsigned long address);

/* x86_64/traps.c: a fault in Linux itself that nothing was prepared for. */
void die(const char *what, struct pt_regs *regs, unsigned long error);

/* x86_64/bpf_jit.c: a compiled program has read where nothing is. */
struct exception_table_entry;
#ifdef CONFIG_BPF_JIT
bool purlin_bpf_fixup(const struct exception_table_entry *entry, struct pt_regs *regs);
#else
static inline bool purlin_bpf_fixup(const struct exception_table_entry *entry,
				    struct pt_regs *regs)
{
	return false;
}
#endif

#endif
