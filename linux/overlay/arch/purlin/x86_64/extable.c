// SPDX-License-Identifier: GPL-2.0
/* What to do after a fault at an instruction that is prepared for it. */
#include <linux/bitfield.h>
#include <linux/extable.h>
#include <linux/sched.h>
#include <asm/entry.h>
#include <asm/extable.h>
#include <asm/extable_fixup_types.h>
#include <asm/ptrace.h>

static bool go_on(const struct exception_table_entry *entry,
		  struct pt_regs *regs)
{
	if (entry->data & EX_FLAG_CLEAR_AX)
		regs->ax = 0;
	if (entry->data & EX_FLAG_CLEAR_DX)
		regs->dx = 0;
	regs->ip = (unsigned long)&entry->fixup + entry->fixup;
	return true;
}

/*
 * load_unaligned_zeropad(): the word at RDX reaches into an absent page. Its
 * part on this page is in the aligned word there; RAX gets it with zeros above.
 */
static bool zero_pad(const struct exception_table_entry *entry,
		     struct pt_regs *regs, unsigned long fault_addr)
{
	unsigned long word = regs->dx & ~7UL;

	if (fault_addr != word + sizeof(long))
		return false;
	regs->ax = *(unsigned long *)word >> (8 * (regs->dx & 7));
	return go_on(entry, regs);
}

static bool fix(const struct exception_table_entry *entry,
		struct pt_regs *regs, int trapnr, unsigned long fault_addr)
{
	unsigned int number = FIELD_GET(EX_DATA_REG_MASK, entry->data);
	unsigned long *reg = regs_by_number(regs, number);
	int imm = FIELD_GET(EX_DATA_IMM_MASK, entry->data);

	switch (FIELD_GET(EX_DATA_TYPE_MASK, entry->data)) {
	case EX_TYPE_DEFAULT:
	case EX_TYPE_UACCESS:
	case EX_TYPE_DEFAULT_MCE_SAFE:
		return go_on(entry, regs);
	case EX_TYPE_FAULT:
	case EX_TYPE_FAULT_MCE_SAFE:
		regs->ax = trapnr;
		return go_on(entry, regs);
	case EX_TYPE_POP_REG:
		regs->sp += sizeof(long);
		fallthrough;
	case EX_TYPE_IMM_REG:
		*reg = (long)(s16)imm;
		return go_on(entry, regs);
	case EX_TYPE_UCOPY_LEN:
		regs->cx = imm * regs->cx + *reg;
		return go_on(entry, regs);
	case EX_TYPE_BPF:
		return purlin_bpf_fixup(entry, regs);
	case EX_TYPE_ZEROPAD:
		return zero_pad(entry, regs, fault_addr);
	default:
		return false;
	}
}

int fixup_exception(struct pt_regs *regs, int trapnr, unsigned long error_code,
		    unsigned long fault_addr)
{
	const struct exception_table_entry *entry;

	entry = search_exception_tables(regs->ip);
	return entry && fix(entry, regs, trapnr, fault_addr);
}

int ex_get_fixup_type(unsigned long ip)
{
	const struct exception_table_entry *entry = search_exception_tables(ip);

	return entry ? FIELD_GET(EX_DATA_TYPE_MASK, entry->data) : EX_TYPE_NONE;
}
