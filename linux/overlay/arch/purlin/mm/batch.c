// SPDX-License-Identifier: GPL-2.0
/*
 * Changes of mappings on their way to the microkernel. They are noted in the
 * state page in the order Linux makes them, and applied by every resume and
 * vcpu_switch, or by vcpu_apply when the batch is full or the change is needed at
 * once.
 *
 * Additions to a process's space can always wait: an access before faults, and
 * the fault handler finds the entry. How long removals can wait is said in flush.c.
 *
 * Batches are those of one vCPU each. With several (several_vcpus) this holds:
 * - A task leaves a vCPU with nothing in its batch (batch_leave), so what it cleared before it
 *   moved is applied when it flushes elsewhere.
 * - What is added is not noted page by page: the batch names entries of Linux's own table, and the
 *   microkernel reads them when it applies the batch. Only a vCPU in mm_cpumask(), or the one that
 *   makes an mm which has never run, notes tables of it. Before a table is freed, the batches of
 *   those are applied (batch_tables_unlinked). Else a stale note would read whatever the page
 *   holds next.
 * - Entries of tables change by atomic instructions: the fault handler sets accessed and dirty bits
 *   without a lock, as a processor does.
 *
 * An event's resume applies the batch, too, so noting runs with events disabled.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <asm/batch.h>
#include <asm/mmu_context.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>
#include <asm/vcpu.h>
#include <purlin/calls.h>
#include "notes.h"

DEFINE_STATIC_KEY_FALSE(several_vcpus);
EXPORT_SYMBOL_GPL(several_vcpus);

DEFINE_PER_CPU(struct batch, vcpu_batch);
EXPORT_PER_CPU_SYMBOL_GPL(vcpu_batch);

static void note_stale(struct batch *batch);

static void forget_notes(struct batch *batch)
{
	batch->removals = false;
	batch->tables = false;
	batch->kernel = false;
}

static void apply(struct batch *batch)
{
	purlin_vcpu_apply();
	forget_notes(batch);
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

void batch_switch(unsigned int space)
{
	struct batch *batch;
	unsigned long flags;

	raw_local_irq_save(flags);
	batch = this_batch();
	note_stale(batch);
	if (WARN_ON_ONCE(purlin_vcpu_switch(space)))
		purlin_vcpu_switch(0);
	batch->current_space = space;
	forget_notes(batch);
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
		forget_notes(batch);
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
	    wanted > old + pages + NOTE_GAP_MAX)
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

/*
 * Notes name tables of the current space, or of one that has never run: it cannot free them before
 * this task goes on. The processes of others find what was added by faults.
 */
static bool runs_elsewhere(const struct batch *batch, struct mm_struct *mm)
{
	return batch_is_foreign(batch, mm) && !cpumask_empty(mm_cpumask(mm));
}

void purlin_note_table(struct mm_struct *mm, unsigned long address, pte_t *entry,
		       unsigned int pages)
{
	struct purlin_vcpu_state *vcpu = vcpu_state();
	struct batch *batch = this_batch();

	address &= PAGE_MASK;
	if (static_branch_unlikely(&several_vcpus) && runs_elsewhere(batch, mm))
		return;
	if (likely(!vcpu->batch_count && mm->context.space == batch->current_space &&
		   pages <= PAGES_MAX)) {
		/* As append_table(), but it is the first. */
		batch->space = batch->current_space;
		forget_notes(batch);
		batch->tables = true;
		append(vcpu, batch, WORD0(address, pages, PURLIN_BATCH_TABLE), __pa(entry));
		set_next(batch, mm, address + pages * PAGE_SIZE, pages);
	} else if (!extend_table(vcpu, batch, mm, address, pages)) {
		append_table(vcpu, batch, mm, address, __pa(entry), pages);
	}
}
EXPORT_SYMBOL_GPL(purlin_note_table);

void purlin_note_large(struct mm_struct *mm, unsigned long address, pmd_t *entry)
{
	struct batch *batch;
	unsigned long flags;

	raw_local_irq_save(flags);
	batch = this_batch();
	if (!static_branch_unlikely(&several_vcpus) || !runs_elsewhere(batch, mm)) {
		begin(vcpu_state(), batch, mm);
		append(vcpu_state(), batch, address | PURLIN_BATCH_LARGE, __pa(entry));
		batch->tables = true;
	}
	raw_local_irq_restore(flags);
}

void note_removal(struct mm_struct *mm, unsigned long address, unsigned long pages,
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
	batch->kernel |= mm == &init_mm;
	last = &vcpu->batch[vcpu->batch_count - 1];
	if (vcpu->batch_count && WORD0_OPERATION(last->word0) == operation &&
	    WORD0_ADDRESS(last->word0) + last->word1 * PAGE_SIZE == address)
		last->word1 += pages;
	else
		append(vcpu, batch, address | operation, pages);
	/* The mm may be gone before this vCPU's next resume. */
	if (static_branch_unlikely(&several_vcpus) && batch_is_foreign(batch, mm))
		apply(batch);
	raw_local_irq_restore(flags);
}

void purlin_note_unmap(struct mm_struct *mm, unsigned long address, unsigned long pages)
{
	note_removal(mm, address, pages, PURLIN_BATCH_UNMAP);
}

static void note_stale(struct batch *batch)
{
	unsigned long start = batch->stale.start, end = batch->stale.end;

	batch->stale.end = 0;
	if (end)
		purlin_note_unmap(batch->stale.mm, start, (end - start) >> PAGE_SHIFT);
}

/* A task clears entries of one mm at a time; if it comes to another, the first is noted. */
void batch_stale_begin(struct mm_struct *mm)
{
	struct batch *batch = this_batch();

	note_stale(batch);
	batch->stale.mm = mm;
}

void batch_leave(void)
{
	struct batch *batch = this_batch();

	note_stale(batch);
	if (vcpu_state()->batch_count)
		apply(batch);
}

void batch_forget(struct mm_struct *mm)
{
	unsigned long flags;

	raw_local_irq_save(flags);
	if (this_batch()->stale.mm == mm)
		this_batch()->stale.end = 0;
	batch_apply();
	raw_local_irq_restore(flags);
}

void purlin_drop_space(struct mm_struct *mm)
{
	purlin_note_unmap(mm, 0, TASK_SIZE_MAX >> PAGE_SHIFT);
	batch_apply();
}
