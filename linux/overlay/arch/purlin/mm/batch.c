// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of mappings on their way to the microkernel. They are noted in the
 * state page in the order Linux makes them, and applied by every resume and
 * vcpu_switch, or by vcpu_apply when the batch is full or the change is needed at
 * once.
 *
 * Additions to a process's space can always wait: an access before faults, and
 * the fault handler finds the entry. Removals can wait as long as nothing touches the
 * space: up to the resume if the task is in the fault handler for user mode or
 * in a system call that only changes mappings, as user_access_sync() is before
 * every access to user memory. Otherwise they are applied at once.
 *
 * Batch and state page are those of one vCPU, and all above speaks of what this vCPU does. As soon
 * as another may run a thread of the same mm (CONFIG_SMP), three things have to be added:
 * - removals_may_wait() is true only while the mm runs nowhere else (mm_cpumask, kept by
 *   switch_mm): another vCPU would go on using the page. The microkernel's own shoot-down
 *   reaches all processors, so no interrupt among vCPUs is needed;
 * - before a table is freed (batch_before_table_free), and before the slot of a space is given back
 *   (destroy_context), the batches of all vCPUs that had the mm are applied, not only this one's;
 * - mm->context.stale_* and protect_* are changed under the page-table lock.
 *
 * What is added is not noted page by page: the batch names entries of Linux's own table, and the
 * microkernel reads them when it applies the batch. So a table must not be freed while
 * the batch speaks of it (batch_before_table_free).
 *
 * An event's resume applies the batch, too, so noting runs with events disabled.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>
#include <asm/batch.h>
#include <asm/mmu_context.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>
#include <asm/unistd.h>
#include <asm/vcpu.h>
#include <purlin/calls.h>

/* Pages between two ranges that are looked at with them rather than begin a batch entry. */
#define GAP_MAX		8

DEFINE_PER_CPU(struct batch, vcpu_batch);
EXPORT_PER_CPU_SYMBOL_GPL(vcpu_batch);

/* With events disabled, as all below that takes a pointer to the batch. */
static struct batch *this_batch(void)
{
	return raw_cpu_ptr(&vcpu_batch);
}

static void apply(struct batch *batch)
{
	purlin_vcpu_apply();
	batch->removals = false;
	batch->tables = false;
}

void batch_apply(void)
{
	unsigned long flags;

	raw_local_irq_save(flags);
	if (vcpu_state()->batch_count)
		apply(this_batch());
	raw_local_irq_restore(flags);
}
EXPORT_SYMBOL_GPL(batch_apply);

/* Only a table whose entries were set since the last resume can be in the batch. */
void batch_before_table_free(void)
{
	if (unlikely(this_cpu_read(vcpu_batch.tables)))
		batch_apply();
}

void batch_switch(unsigned int space)
{
	struct batch *batch;
	unsigned long flags;

	raw_local_irq_save(flags);
	batch = this_batch();
	if (WARN_ON_ONCE(purlin_vcpu_switch(space)))
		purlin_vcpu_switch(0);
	batch->current_space = space;
	batch->removals = false;
	batch->tables = false;
	raw_local_irq_restore(flags);
}

static void append(struct purlin_vcpu_state *vcpu, struct batch *batch, u64 word0, u64 word1)
{
	struct purlin_batch_entry *entry = &vcpu->batch[vcpu->batch_count];

	entry->word0 = word0;
	entry->word1 = word1;
	vcpu->batch_count++;
	batch->next.room = 0;
}

/* Make room for three entries and name the space the next one is about. */
static void begin(struct purlin_vcpu_state *vcpu, struct batch *batch, struct mm_struct *mm)
{
	unsigned int space = mm->context.space;

	if (vcpu->batch_count > PURLIN_BATCH_ENTRIES - 3)
		apply(batch);
	if (vcpu->batch_count == 0) {
		batch->space = batch->current_space;
		batch->removals = false;
		batch->tables = false;
	}
	if (space != batch->space && mm != &init_mm) {
		append(vcpu, batch, PURLIN_BATCH_SPACE, space);
		batch->space = space;
	}
}

#define WORD0(address, pages, operation) \
	((address) | (u64)((pages) - 1) << 4 | (operation))
#define WORD0_OPERATION(word0)	((word0) & 0xf)
#define WORD0_PAGES(word0)	((((word0) >> 4) & 0xff) + 1)
#define WORD0_ADDRESS(word0)	((word0) & PAGE_MASK)
#define PAGES_MAX		256

static void set_next(struct batch *batch, struct mm_struct *mm, unsigned long address,
		     unsigned long pages)
{
	batch->next.mm = mm;
	batch->next.address = address;
	/* Up to the end of the entry, or of the table if that comes first. */
	batch->next.room = min(PAGES_MAX - pages, -(address >> PAGE_SHIFT) % PTRS_PER_PTE);
}

/* The last entry follows the same table and can cover these pages, too. */
static bool extend_table(struct purlin_vcpu_state *vcpu, struct batch *batch,
			 struct mm_struct *mm, unsigned long address, unsigned int pages)
{
	struct purlin_batch_entry *last = &vcpu->batch[vcpu->batch_count - 1];
	unsigned long first, old, wanted;

	if (!vcpu->batch_count || mm->context.space != batch->space ||
	    WORD0_OPERATION(last->word0) != PURLIN_BATCH_TABLE)
		return false;
	first = WORD0_ADDRESS(last->word0);
	old = WORD0_PAGES(last->word0);
	wanted = ((address - first) >> PAGE_SHIFT) + pages;
	if ((address ^ first) >= PMD_SIZE || address < first || wanted > PAGES_MAX ||
	    wanted > old + pages + GAP_MAX)
		return false;
	if (wanted > old)
		last->word0 = WORD0(first, wanted, PURLIN_BATCH_TABLE);
	set_next(batch, mm, first + max(wanted, old) * PAGE_SIZE, max(wanted, old));
	return true;
}

/* The page took the place of the one that the last entry took away: copy on write. */
static bool replaces_last(struct purlin_vcpu_state *vcpu, unsigned long address)
{
	struct purlin_batch_entry *last = &vcpu->batch[vcpu->batch_count - 1];

	return vcpu->batch_count && last->word1 == 1 &&
	       last->word0 == (address | PURLIN_BATCH_UNMAP);
}

static void append_table(struct purlin_vcpu_state *vcpu, struct batch *batch,
			 struct mm_struct *mm, unsigned long address, unsigned long entries,
			 unsigned int pages)
{
	begin(vcpu, batch, mm);
	if (replaces_last(vcpu, address))
		vcpu->batch_count--;
	while (pages) {
		unsigned int part = min_t(unsigned int, pages, PAGES_MAX);

		append(vcpu, batch, WORD0(address, part, PURLIN_BATCH_TABLE), entries);
		address += part * PAGE_SIZE;
		entries += part * sizeof(pte_t);
		pages -= part;
		set_next(batch, mm, address, part);
	}
	batch->tables = true;
}

void purlin_note_table(struct mm_struct *mm, unsigned long address, pte_t *entry,
		       unsigned int pages)
{
	struct purlin_vcpu_state *vcpu = vcpu_state();
	struct batch *batch = this_batch();

	address &= PAGE_MASK;
	if (likely(!vcpu->batch_count && mm->context.space == batch->current_space &&
		   pages <= PAGES_MAX)) {
		/* As append_table(), but it is the first. */
		batch->space = batch->current_space;
		batch->removals = false;
		batch->tables = true;
		append(vcpu, batch, WORD0(address, pages, PURLIN_BATCH_TABLE), __pa(entry));
		set_next(batch, mm, address + pages * PAGE_SIZE, pages);
	} else if (!extend_table(vcpu, batch, mm, address, pages)) {
		append_table(vcpu, batch, mm, address, __pa(entry), pages);
	}
}
EXPORT_SYMBOL_GPL(purlin_note_table);

static void note_removal(struct mm_struct *mm, unsigned long address, unsigned long pages,
			 unsigned int operation)
{
	struct purlin_vcpu_state *vcpu;
	struct purlin_batch_entry *last;
	struct batch *batch;
	unsigned long flags;

	raw_local_irq_save(flags);
	vcpu = vcpu_state();
	batch = this_batch();
	begin(vcpu, batch, mm);
	batch->removals = true;
	last = &vcpu->batch[vcpu->batch_count - 1];
	if (vcpu->batch_count && WORD0_OPERATION(last->word0) == operation &&
	    WORD0_ADDRESS(last->word0) + last->word1 * PAGE_SIZE == address)
		last->word1 += pages;
	else
		append(vcpu, batch, address | operation, pages);
	raw_local_irq_restore(flags);
}

void purlin_note_unmap(struct mm_struct *mm, unsigned long address, unsigned long pages)
{
	note_removal(mm, address, pages, PURLIN_BATCH_UNMAP);
}

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
	if (current_thread_info()->status & TS_USER_FAULT)
		return true;
	return syscall_only_maps(task_pt_regs(current)->orig_ax);
}

static void removals_noted(struct mm_struct *mm)
{
	if (!removals_may_wait(mm))
		batch_apply();
}

void purlin_flush_range(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	mm_context_t *context = &mm->context;
	unsigned long from = max(start, context->stale_start);
	unsigned long to = min(end, context->stale_end);

	if (from < to) {
		if (from == context->stale_start && to == context->stale_end) {
			context->stale_start = ~0UL;
			context->stale_end = 0;
		}
		purlin_note_unmap(mm, from, (to - from) >> PAGE_SHIFT);
	}
	/* Noted exactly by mprotect, or just now. */
	if (this_cpu_read(vcpu_batch.removals) || this_cpu_read(purlin_state.batch_count))
		removals_noted(mm);
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

/* Not the page behind the one before: a new range, unless it is near. */
void purlin_protect_from(struct mm_struct *mm, unsigned long address)
{
	mm_context_t *context = &mm->context;

	if (address - context->protect_end > GAP_MAX * PAGE_SIZE) {
		note_protected(mm);
		context->protect_start = address;
	}
	context->protect_end = address + PAGE_SIZE;
}

void flush_tlb_mm(struct mm_struct *mm)
{
	note_protected(mm);
	purlin_flush_range(mm, 0, TASK_SIZE_MAX);
	removals_noted(mm);
}

void purlin_flush_kernel(void)
{
	batch_apply();
}
