// SPDX-License-Identifier: GPL-2.0
/* Static branches: a five-byte no-op or jump, rewritten in the image. */
#include <linux/jump_label.h>
#include <linux/memory.h>
#include <linux/string.h>
#include <asm/cpuid.h>
#include <asm/irqflags.h>
#include <asm/nops.h>
#include <asm/protect.h>

#define JUMP_BYTES	5

int arch_jump_entry_size(struct jump_entry *entry)
{
	return JUMP_BYTES;
}

/*
 * With one processor nothing executes the instruction while events are disabled.
 * CPUID serialises before it is next fetched.
 */
static void write_branch(struct jump_entry *entry, enum jump_label_type type)
{
	static const u8 nop[JUMP_BYTES] = { BYTES_NOP5 };
	void *site = (void *)jump_entry_code(entry);
	s32 distance = jump_entry_target(entry) - (jump_entry_code(entry) + JUMP_BYTES);
	u8 code[JUMP_BYTES] = { 0xe9 };
	unsigned long flags;
	u32 serialise[4];

	memcpy(code + 1, &distance, sizeof(distance));
	if (type != JUMP_LABEL_JMP)
		memcpy(code, nop, JUMP_BYTES);
	local_irq_save(flags);
	purlin_text_write(site, code, JUMP_BYTES);
	cpuid(0, 0, serialise);
	local_irq_restore(flags);
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
