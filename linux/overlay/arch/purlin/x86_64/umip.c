// SPDX-License-Identifier: GPL-2.0
/*
 * SGDT, SIDT, SLDT, STR and SMSW in programs: with UMIP the processor refuses them, and Linux gives
 * answers that tell nothing of the machine, the same ones as natively (Intel SDM volume 2).
 */
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/processor-flags.h>
#include <asm/processor.h>
#include <asm/ptrace.h>
#include <asm/trapnr.h>
#include <asm/umip.h>
#include <asm/user_segments.h>

#define LONGEST		15
#define GDT_BASE	0xfffffffffffe0000UL
#define IDT_BASE	0xffffffffffff0000UL
#define TASK_SELECTOR	0x40
#define MACHINE_STATUS	(X86_CR0_PE | X86_CR0_MP | X86_CR0_ET | X86_CR0_NE | \
			 X86_CR0_WP | X86_CR0_AM | X86_CR0_PG)

struct instruction {
	u8 code[LONGEST];
	unsigned int length;	/* bytes that could be read */
	unsigned int at;	/* next byte */
	bool bad;		/* it goes on after the last one */
	u8 rex;
	bool operand16, address32;
	unsigned long segment;	/* base of FS or GS */
	u8 modrm;
};

/* The ModRM byte: Intel SDM volume 2, 2.1.3. */
#define MOD(i)	((i)->modrm >> 6)
#define REG(i)	((i)->modrm >> 3 & 7)
#define RM(i)	((i)->modrm & 7)
#define REX_W	8
#define REX_X	2
#define REX_B	1

static u8 next_byte(struct instruction *i)
{
	if (i->at < i->length)
		return i->code[i->at++];
	i->bad = true;
	return 0;
}

static long next_displacement(struct instruction *i, unsigned int bytes)
{
	u32 value = 0;

	for (unsigned int n = 0; n < bytes; n++)
		value |= (u32)next_byte(i) << 8 * n;
	return bytes == 1 ? (s8)value : (s32)value;
}

/* True: a prefix, noted. */
static bool take_prefix(struct instruction *i, u8 byte)
{
	switch (byte) {
	case 0x66:
		i->operand16 = true;
		return true;
	case 0x67:
		i->address32 = true;
		return true;
	case 0x64:
		i->segment = user_fsbase_read();
		return true;
	case 0x65:
		preempt_disable();
		i->segment = user_gsbase_read();
		preempt_enable();
		return true;
	case 0x26: case 0x2e: case 0x36: case 0x3e:
		i->segment = 0;
		return true;
	case 0xf2: case 0xf3:
		return true;
	default:
		return false;
	}
}

/* Up to and with ModRM; false: another instruction. The opcode's last byte is in *opcode. */
static bool decode(struct instruction *i, u8 *opcode)
{
	u8 byte = next_byte(i);

	while (take_prefix(i, byte))
		byte = next_byte(i);
	if ((byte & 0xf0) == 0x40) {
		i->rex = byte;
		byte = next_byte(i);
	}
	*opcode = next_byte(i);
	i->modrm = next_byte(i);
	return byte == 0x0f && *opcode <= 1 && !i->bad;
}

static unsigned long scaled_index(struct instruction *i, struct pt_regs *regs, u8 *base)
{
	u8 sib = next_byte(i);
	unsigned int index = (sib >> 3 & 7) | (i->rex & REX_X ? 8 : 0);

	*base = sib & 7;
	return index == 4 ? 0 : *regs_by_number(regs, index) << (sib >> 6);
}

/* Where the operand lies, as 64-bit code addresses it. */
static unsigned long operand_address(struct instruction *i, struct pt_regs *regs)
{
	unsigned long address = 0;
	u8 base = RM(i);
	bool has_sib = base == 4;

	if (has_sib)
		address = scaled_index(i, regs, &base);
	if (base == 5 && MOD(i) == 0) {
		address += next_displacement(i, 4);
		/* Without SIB relative to the next instruction: nothing comes after it here. */
		if (!has_sib)
			address += regs->ip + i->at;
	} else {
		address += *regs_by_number(regs, base | (i->rex & REX_B ? 8 : 0));
		if (MOD(i))
			address += next_displacement(i, MOD(i) == 1 ? 1 : 4);
	}
	if (i->address32)
		address = (u32)address;
	return address + i->segment;
}

/* What the instruction stores; its bytes, or 0 for another instruction. */
static unsigned int answer(const struct instruction *i, u8 opcode, u8 *value)
{
	unsigned long word, base;

	if (opcode == 1 && REG(i) <= 1) {
		if (MOD(i) == 3)
			return 0;
		base = REG(i) == 0 ? GDT_BASE : IDT_BASE;
		memset(value, 0, 2);
		memcpy(value + 2, &base, sizeof(base));
		return 2 + sizeof(base);
	}
	if (opcode == 1 && REG(i) == 4)
		word = MACHINE_STATUS;
	else if (opcode == 0 && REG(i) <= 1)
		word = REG(i) == 0 ? 0 : TASK_SELECTOR;
	else
		return 0;
	memcpy(value, &word, sizeof(word));
	if (MOD(i) != 3)
		return 2;
	return i->rex & REX_W ? 8 : i->operand16 ? 2 : 4;
}

static void refuse_write(unsigned long address)
{
	current->thread.cr2 = address;
	current->thread.trap_nr = X86_TRAP_PF;
	current->thread.error_code = 6; /* a write in user mode */
	force_sig_fault(SIGSEGV, SEGV_MAPERR, (void __user *)address);
}

bool umip_answer(struct pt_regs *regs)
{
	struct instruction i = {};
	unsigned long address;
	u8 opcode, value[10];
	unsigned int bytes;

	i.length = LONGEST - copy_from_user(i.code, (void __user *)regs->ip, LONGEST);
	if (!decode(&i, &opcode))
		return false;
	bytes = answer(&i, opcode, value);
	if (!bytes)
		return false;
	if (MOD(&i) == 3) {
		memcpy(regs_by_number(regs, RM(&i) | (i.rex & REX_B ? 8 : 0)), value, bytes);
	} else {
		address = operand_address(&i, regs);
		if (i.bad)
			return false;
		if (copy_to_user((void __user *)address, value, bytes)) {
			refuse_write(address);
			return true;
		}
	}
	regs->ip += i.at;
	return true;
}
