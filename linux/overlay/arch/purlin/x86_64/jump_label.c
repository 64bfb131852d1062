// SPDX-License-Identifier: GPL-2.0
/* Static branches: a no-op or a jump of the same length, rewritten in the image. */
#include <linux/cache.h>
#include <linux/jump_label.h>
#include <linux/string.h>
#include <asm/nops.h>
#include <asm/protect.h>
#include <asm/text-patching.h>

/*
 * The assembler makes a branch that begins as a jump as short as its target is near; one that
 * begins as a no-op is long.
 */
int arch_jump_entry_size(struct jump_entry *entry)
{
	static const u8 short_nop[JMP8_INSN_SIZE] = { BYTES_NOP2 };
	const u8 *site = (const u8 *)jump_entry_code(entry);

	if (*site == JMP8_INSN_OPCODE || memcmp(site, short_nop, JMP8_INSN_SIZE) == 0)
		return JMP8_INSN_SIZE;
	return JMP32_INSN_SIZE;
}

static void write_branch(struct jump_entry *entry, enum jump_label_type type)
{
	static const u8 short_nop[] = { BYTES_NOP2 }, long_nop[] = { BYTES_NOP5 };
	int bytes = arch_jump_entry_size(entry);
	bool is_short = bytes == JMP8_INSN_SIZE;
	void *site = (void *)jump_entry_code(entry), *next = site + bytes;
	void *target = (void *)jump_entry_target(entry);
	u8 jump[JMP32_INSN_SIZE] = { is_short ? JMP8_INSN_OPCODE : JMP32_INSN_OPCODE };
	s32 distance = target - next;

	/* Its least significant byte comes first. */
	memcpy(jump + 1, &distance, bytes - 1);
	if (type == JUMP_LABEL_JMP)
		purlin_text_exchange(site, jump, bytes, target);
	else
		purlin_text_exchange(site, is_short ? short_nop : long_nop, bytes, next);
}

void arch_jump_label_transform(struct jump_entry *entry, enum jump_label_type type)
{
	write_branch(entry, type);
}

/* x86's header says that there is a batch: this one has no depth. */
bool arch_jump_label_transform_queue(struct jump_entry *entry, enum jump_label_type type)
{
	write_branch(entry, type);
	return true;
}

void arch_jump_label_transform_apply(void)
{
}
