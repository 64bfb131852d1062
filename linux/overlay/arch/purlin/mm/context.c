// SPDX-License-Identifier: GPL-2.0
/* The microkernel's space behind each mm: created, switched to, destroyed. */
#include <linux/mm.h>
#include <linux/sched.h>
#include <asm/batch.h>
#include <asm/environment.h>
#include <asm/mmu_context.h>
#include <purlin/boot.h>
#include <purlin/calls.h>

int init_new_context(struct task_struct *task, struct mm_struct *mm)
{
	int slot = purlin_slot_alloc();

	if (slot < 0)
		return slot;
	if (purlin_space_create(PURLIN_SLOT_PD, slot)) {
		purlin_slot_free(slot);
		return -ENOMEM;
	}
	mm->context.stale_start = ~0UL;
	mm->context.stale_end = 0;
	mm->context.protect_start = ~0UL;
	mm->context.protect_end = ~0UL;
	mm->context.space = slot;
	return 0;
}

void destroy_context(struct mm_struct *mm)
{
	unsigned int slot = mm->context.space;

	/*
	 * The batch may speak of this slot, and the slot is free to others next. With several
	 * vCPUs each of their batches may (mm/batch.c).
	 */
	batch_apply();
	purlin_object_destroy(slot);
	purlin_cap_delete(PURLIN_SLOT_PD, slot);
	purlin_slot_free(slot);
}

/*
 * Called for every switch to a user task, from a thread of the same space, too: that
 * one may be about to touch user memory.
 */
void switch_mm(struct mm_struct *prev, struct mm_struct *next, struct task_struct *task)
{
	if (prev != next)
		batch_switch(next->context.space);
	else
		user_access_sync();
}
