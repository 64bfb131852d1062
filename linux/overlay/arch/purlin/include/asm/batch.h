/* SPDX-License-Identifier: GPL-2.0 */
/* mm/batch.c: changes of mappings not handed over yet. */
#ifndef _ASM_PURLIN_BATCH_H
#define _ASM_PURLIN_BATCH_H

#include <linux/compiler.h>
#include <linux/types.h>
#include <asm/irqflags.h>
#include <asm/page.h>
#include <asm/vcpu.h>

struct mm_struct;

/* The batch takes something away; only valid while it is not empty. */
extern bool batch_removals;

void batch_apply(void);
void batch_before_table_free(void);
void batch_switch(unsigned int space);

/*
 * Entries of one of Linux's own tables are to be handed over, PTRS_PER_PTE at most. Most continue
 * those noted before: what the last entry of the batch could still take, which is nothing
 * unless it follows a table.
 */
extern struct batch_next {
	struct mm_struct *mm;
	unsigned long address;
	unsigned long room;	/* pages */
} batch_next;

/* With events disabled. */
void purlin_note_table(struct mm_struct *mm, unsigned long address, pte_t *entry,
		       unsigned int pages);

static __always_inline void purlin_note_entries(struct mm_struct *mm, unsigned long address,
						pte_t *entry, unsigned int pages)
{
	struct purlin_vcpu_state *vcpu = vcpu_state();
	unsigned long flags = arch_local_irq_save();
	unsigned int count = vcpu->batch_count;

	if (address == batch_next.address && mm == batch_next.mm && count &&
	    pages <= batch_next.room) {
		vcpu->batch[count - 1].word0 += (u64)pages << 4;
		batch_next.address += pages * PAGE_SIZE;
		batch_next.room -= pages;
	} else {
		purlin_note_table(mm, address, entry, pages);
	}
	arch_local_irq_restore(flags);
}

/* Before every access to user memory: what was taken away must be out of reach. */
static __always_inline void user_access_sync(void)
{
	if (unlikely(READ_ONCE(vcpu_state()->batch_count)) && batch_removals)
		batch_apply();
}

#endif
