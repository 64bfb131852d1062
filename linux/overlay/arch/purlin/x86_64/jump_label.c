// SPDX-License-Identifier: GPL-2.0
/* Static branches: a five-byte no-op or jump, rewritten in the image. */
#include <linux/jump_label.h>
#include <linux/string.h>
#include <asm/nops.h>
#include <asm/protect.h>

#define JUMP_BYTES	5

int arch_jump_entry_size(struct jump_entry *entry)
{
	return JUMP_BYTES;
}

static void write_branch(struct jump_entry *entry, enum jump_label_type type)
{
	static const u8 nop[JUMP_BYTES] = { BYTES_NOP5 };
	void *site = (void *)jump_entry_code(entry);
	void *target = (void *)jump_entry_target(entry);
	s32 distance = target - (site + JUMP_BYTES);
	u8 code[JUMP_BYTES] = { 0xe9 };

	memcpy(code + 1, &distance, sizeof(distance));
	if (type == JUMP_LABEL_JMP)
		purlin_text_exchange(site, code, JUMP_BYTES, target);
	else
		purlin_text_exchange(site, nop, JUMP_BYTES, site + JUMP_BYTES);
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
