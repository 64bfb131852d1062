/* SPDX-License-Identifier: GPL-2.0 */
/* What batch.c (noting changes) and flush.c (when removals take effect) share. */
#ifndef _PURLIN_MM_NOTES_H
#define _PURLIN_MM_NOTES_H

#include <linux/mm_types.h>
#include <asm/batch.h>

/* Pages between two ranges that are looked at with them rather than begin a batch entry. */
#define NOTE_GAP_MAX	8

/* With events disabled, as all that takes a pointer to the batch. */
static inline struct batch *this_batch(void)
{
	return raw_cpu_ptr(&vcpu_batch);
}

/* The mm is not the one that runs on this vCPU, so it may end before this vCPU's next resume. */
static inline bool batch_is_foreign(const struct batch *batch, const struct mm_struct *mm)
{
	return mm != &init_mm && mm->context.space != batch->current_space;
}

/* PURLIN_BATCH_UNMAP or PURLIN_BATCH_WRITE_PROTECT of that many pages. */
void note_removal(struct mm_struct *mm, unsigned long address, unsigned long pages,
		  unsigned int operation);

#endif
