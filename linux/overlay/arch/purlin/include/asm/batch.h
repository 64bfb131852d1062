/* SPDX-License-Identifier: GPL-2.0 */
/* mm/batch.c: changes of mappings not handed over yet. */
#ifndef _ASM_PURLIN_BATCH_H
#define _ASM_PURLIN_BATCH_H

#include <linux/compiler.h>
#include <linux/jump_label.h>
#include <linux/types.h>
#include <asm/irqflags.h>
#include <asm/page.h>
#include <asm/vcpu.h>

struct mm_struct;

/*
 * What is known of the batch in this vCPU's state page (mm/batch.c). Touched with events
 * disabled, or by a task that a switch cannot hurt: see there.
 */
struct batch {
	/*
	 * Most changes continue those noted before: what the last entry of the batch could
	 * still take, which is nothing unless it follows a table.
	 */
	struct {
		struct mm_struct *mm;
		unsigned long address;
		unsigned long room;	/* pages */
	} next;
	/*
	 * Present entries taken out of the tables of one mm on this vCPU and not noted yet:
	 * all lie in [start, end). Empty: end is 0.
	 */
	struct {
		struct mm_struct *mm;
		unsigned long start;
		unsigned long end;
	} stale;
	/* Only valid while the batch is not empty. */
	bool removals;	/* it takes something away */
	bool tables;	/* it names entries of Linux's tables */
	bool kernel;	/* it takes something of the kernel half away */
	unsigned int space;	/* that the next entry speaks of */
	/* Of this vCPU. */
	unsigned int current_space;
};

DECLARE_PER_CPU(struct batch, vcpu_batch);

/* Linux may run on more than one vCPU: what follows has to care about others (mm/batch.c). */
DECLARE_STATIC_KEY_FALSE(several_vcpus);

void batch_apply(void);
/* A task leaves this vCPU: nothing that it noted stays behind. With events disabled. */
void batch_leave(void);
void batch_switch(unsigned int space);
/* The mm is no more: nothing may name its space. */
void batch_forget(struct mm_struct *mm);
/* Unmap all of its space, at once: what Linux's tables permit comes back by faults. */
void purlin_drop_space(struct mm_struct *mm);
/* Tables of `mm` are out of reach and will be freed: no batch may name them. */
void batch_tables_unlinked(struct mm_struct *mm);
/* The entry at `address`, which may be handed over, is gone; the next flush has to say so. */
void batch_stale_begin(struct mm_struct *mm);

static __always_inline void batch_stale(struct mm_struct *mm, unsigned long address,
					unsigned long bytes)
{
	struct batch *batch = raw_cpu_ptr(&vcpu_batch);

	if (unlikely(batch->stale.mm != mm || !batch->stale.end)) {
		batch_stale_begin(mm);
		batch->stale.start = address;
	}
	if (address < batch->stale.start)
		batch->stale.start = address;
	if (address + bytes > batch->stale.end)
		batch->stale.end = address + bytes;
}

/* Entries of one of Linux's own tables are to be handed over, PTRS_PER_PTE at most. With events
 * disabled.
 */
void purlin_note_table(struct mm_struct *mm, unsigned long address, pte_t *entry,
		       unsigned int pages);

/* One entry of the level above, for a large page or after there was one. */
void purlin_note_large(struct mm_struct *mm, unsigned long address, pmd_t *entry);

static __always_inline void purlin_note_entries(struct mm_struct *mm, unsigned long address,
						pte_t *entry, unsigned int pages)
{
	unsigned long flags = arch_local_irq_save();
	struct purlin_vcpu_state *vcpu = vcpu_state();
	struct batch *batch = raw_cpu_ptr(&vcpu_batch);
	unsigned int count = vcpu->batch_count;

	if (address == batch->next.address && mm == batch->next.mm && count &&
	    pages <= batch->next.room) {
		vcpu->batch[count - 1].word0 += (u64)pages << 4;
		batch->next.address += pages * PAGE_SIZE;
		batch->next.room -= pages;
	} else {
		purlin_note_table(mm, address, entry, pages);
	}
	arch_local_irq_restore(flags);
}

/* Before every access to user memory: what was taken away must be out of reach. */
static __always_inline void user_access_sync(void)
{
	if (unlikely(this_cpu_read(purlin_state.batch_count)) &&
	    this_cpu_read(vcpu_batch.removals))
		batch_apply();
}

#endif
