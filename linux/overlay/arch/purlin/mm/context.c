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
	mm->context.protect_start = ~0UL;
	mm->context.protect_end = ~0UL;
	mm->context.space = slot;
	return 0;
}

void destroy_context(struct mm_struct *mm)
{
	unsigned int slot = mm->context.space;

	/* The batch may speak of this slot, and the slot is free to others next. */
	batch_forget(mm);
	purlin_object_destroy(slot);
	purlin_cap_delete(PURLIN_SLOT_PD, slot);
	purlin_slot_free(slot);
}

/*
 * mm_cpumask() has the vCPUs on which a task may use the memory of the mm just now. Their batches
 * alone can name its tables, so they are asked before a table is freed. A vCPU leaves the set with
 * an empty batch.
 */
static void leave_mm(struct mm_struct *mm)
{
	unsigned int cpu = raw_smp_processor_id();

	if (cpumask_test_cpu(cpu, mm_cpumask(mm)))
		cpumask_clear_cpu(cpu, mm_cpumask(mm));
}

static void switch_among_vcpus(struct mm_struct *prev, struct mm_struct *next,
			       struct task_struct *task)
{
	unsigned int cpu = raw_smp_processor_id();
	unsigned long flags;

	raw_local_irq_save(flags);
	/* Before tables are walked: pairs with the barrier in batch_tables_unlinked(). */
	if (!cpumask_test_cpu(cpu, mm_cpumask(next)))
		cpumask_set_cpu(cpu, mm_cpumask(next));
	smp_mb(); /* pairs with the one in batch_tables_unlinked() */
	if (prev != next) {
		batch_switch(next->context.space);
		leave_mm(prev);
	} else {
		batch_leave();
	}
	/* Its owner may have put a removal off: it did not count on others (removals_may_wait). */
	if (task && (task->flags & PF_KTHREAD) && next != &init_mm)
		purlin_drop_space(next);
	raw_local_irq_restore(flags);
}

/*
 * Called for every switch to a user task, from a thread of the same space, too: that
 * one may be about to touch user memory.
 */
void switch_mm(struct mm_struct *prev, struct mm_struct *next, struct task_struct *task)
{
	if (static_branch_unlikely(&several_vcpus))
		switch_among_vcpus(prev, next, task);
	else if (prev != next)
		batch_switch(next->context.space);
	else
		user_access_sync();
}

/* A kernel thread runs next, or the task has given up its memory: the space stays, unused. */
void enter_lazy_tlb(struct mm_struct *mm, struct task_struct *task)
{
	unsigned long flags;

	if (!static_branch_unlikely(&several_vcpus))
		return;
	raw_local_irq_save(flags);
	batch_leave();
	leave_mm(mm);
	raw_local_irq_restore(flags);
}
