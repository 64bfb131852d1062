// SPDX-License-Identifier: GPL-2.0
/*
 * Taking mappings away: what a flush promises, and how long a removal may stay in the batch
 * (batch.c) before it is applied.
 *
 * Removals can wait as long as nothing touches the space: up to the resume if the task is in the
 * fault handler for user mode or in a system call that only changes mappings, as
 * user_access_sync() is before every access to user memory. Otherwise they are applied at once.
 *
 * With several vCPUs this holds:
 * - Once a flush returns, no vCPU can use what was taken away: the microkernel's own shoot-down
 *   reaches all, so a batch that is applied here does. Removals wait only while the task that makes
 *   them is the mm's only user (removals_may_wait).
 * - A flush may have to cover entries that another vCPU cleared and has not flushed yet. This
 *   vCPU's notes do not have them, so it takes away the whole range (exact).
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <linux/smp.h>
#include <asm/batch.h>
#include <asm/mmu_context.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>
#include <asm/unistd.h>
#include <asm/vcpu.h>
#include "notes.h"

/* These change mappings and touch no user memory afterwards. */
static bool syscall_only_maps(long nr)
{
	switch (nr) {
	case __NR_mmap:
	case __NR_mprotect:
	case __NR_munmap:
	case __NR_brk:
	case __NR_mremap:
	case __NR_madvise:
		return true;
	default:
		return false;
	}
}

static bool removals_may_wait(struct mm_struct *mm)
{
	if (current->mm != mm || (current->flags & PF_KTHREAD))
		return false;
	/* Only a user of the mm can make another: this one does not, as long as it is in here. */
	if (static_branch_unlikely(&several_vcpus) && atomic_read(&mm->mm_users) != 1)
		return false;
	if (current_thread_info()->status & TS_USER_FAULT)
		return true;
	return syscall_only_maps(task_pt_regs(current)->orig_ax);
}

static void removals_noted(struct mm_struct *mm)
{
	if (!removals_may_wait(mm))
		batch_apply();
}

/* Take [start, end) away, as far as it was handed over and cleared on this vCPU; all if `exact`. */
static void flush_range(struct mm_struct *mm, unsigned long start, unsigned long end, bool exact)
{
	struct batch *batch;
	unsigned long from, to;

	preempt_disable();
	batch = this_batch();
	if (batch->stale.end && batch->stale.mm == mm) {
		from = max(start, batch->stale.start);
		to = min(end, batch->stale.end);
		if (from < to) {
			if (from == batch->stale.start && to == batch->stale.end)
				batch->stale.end = 0;
			if (!exact)
				purlin_note_unmap(mm, from, (to - from) >> PAGE_SHIFT);
		}
	}
	if (exact)
		purlin_note_unmap(mm, start, (end - start) >> PAGE_SHIFT);
	/* Noted exactly by mprotect, or just now. */
	if (batch->removals || vcpu_state()->batch_count)
		removals_noted(mm);
	preempt_enable();
}

/* Whether entries may have been cleared that this vCPU did not note. */
static bool others_cleared(struct mm_struct *mm)
{
	return static_branch_unlikely(&several_vcpus) &&
	       (atomic_read(&mm->tlb_flush_pending) || batch_is_foreign(this_batch(), mm));
}

void purlin_flush_range(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	flush_range(mm, start, min(end, TASK_SIZE_MAX), others_cleared(mm));
}

/*
 * `all` has two reasons. The mm ends: nobody uses its space any more, and the space goes as a
 * whole, so nothing need be noted. Or it lives, and another thread gathered at the same time: Linux
 * counts what that one cleared as flushed after this call, so the whole range goes.
 */
void purlin_flush_gathered(struct mm_struct *mm, unsigned long start, unsigned long end, bool all)
{
	bool exact = false;

	if (static_branch_unlikely(&several_vcpus))
		exact = atomic_read(&mm->mm_users) &&
			(all || batch_is_foreign(this_batch(), mm));
	flush_range(mm, start, end, exact);
}

static void note_protected(struct mm_struct *mm)
{
	mm_context_t *context = &mm->context;
	unsigned long bytes = context->protect_end - context->protect_start;

	if (bytes)
		note_removal(mm, context->protect_start, bytes >> PAGE_SHIFT,
			     PURLIN_BATCH_WRITE_PROTECT);
	context->protect_start = ~0UL;
	context->protect_end = ~0UL;
}

/* Ranges that are near count as one; a page further away ends the range and begins another. */
void purlin_protect_from(struct mm_struct *mm, unsigned long address, unsigned long bytes)
{
	mm_context_t *context = &mm->context;

	if (address - context->protect_end > NOTE_GAP_MAX * PAGE_SIZE) {
		note_protected(mm);
		context->protect_start = address;
	}
	context->protect_end = address + bytes;
}

void flush_tlb_mm(struct mm_struct *mm)
{
	note_protected(mm);
	purlin_flush_range(mm, 0, TASK_SIZE_MAX);
	removals_noted(mm);
}

static void apply_here(void *unused)
{
	batch_apply();
}

static bool takes_kernel_away(int cpu, void *unused)
{
	return per_cpu(vcpu_batch.kernel, cpu) && READ_ONCE(per_cpu(purlin_state, cpu).batch_count);
}

/* Entries are noted where they are cleared, which may have been on any vCPU. */
void purlin_flush_kernel(void)
{
	batch_apply();
	if (static_branch_unlikely(&several_vcpus))
		on_each_cpu_cond(takes_kernel_away, apply_here, NULL, true);
}

void batch_tables_unlinked(struct mm_struct *mm)
{
	if (this_cpu_read(vcpu_batch.tables))
		batch_apply();
	if (!static_branch_unlikely(&several_vcpus))
		return;
	/* Whoever comes to the mm after this finds the tables unlinked (switch_mm). */
	smp_mb();
	preempt_disable();
	if (cpumask_any_but(mm_cpumask(mm), smp_processor_id()) < nr_cpu_ids)
		on_each_cpu_mask(mm_cpumask(mm), apply_here, NULL, true);
	preempt_enable();
}
