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

#define MAP_PAGES_MAX	256

bool batch_removals;
EXPORT_SYMBOL_GPL(batch_removals);

/* Space of the vCPU, and the one that the next entry of the batch speaks of. */
static unsigned int current_space;
static unsigned int batch_space;

static void apply(void)
{
	purlin_vcpu_apply();
	batch_removals = false;
}

void batch_apply(void)
{
	unsigned long flags;

	raw_local_irq_save(flags);
	if (vcpu_state()->batch_count)
		apply();
	raw_local_irq_restore(flags);
}
EXPORT_SYMBOL_GPL(batch_apply);

void batch_switch(unsigned int space)
{
	unsigned long flags;

	raw_local_irq_save(flags);
	if (WARN_ON_ONCE(purlin_vcpu_switch(space)))
		purlin_vcpu_switch(0);
	current_space = space;
	batch_removals = false;
	raw_local_irq_restore(flags);
}

static void append(struct purlin_vcpu_state *vcpu, u64 word0, u64 word1)
{
	struct purlin_batch_entry *entry = &vcpu->batch[vcpu->batch_count];

	entry->word0 = word0;
	entry->word1 = word1;
	vcpu->batch_count++;
}

/* Make room for two entries and name the space the next one is about. */
static void begin(struct purlin_vcpu_state *vcpu, struct mm_struct *mm)
{
	unsigned int space = mm->context.space;

	if (vcpu->batch_count > PURLIN_BATCH_ENTRIES - 2)
		apply();
	if (vcpu->batch_count == 0) {
		batch_space = current_space;
		batch_removals = false;
	}
	if (space != batch_space && mm != &init_mm) {
		append(vcpu, PURLIN_BATCH_SPACE, space);
		batch_space = space;
	}
}

static struct purlin_batch_entry *last_entry(struct purlin_vcpu_state *vcpu)
{
	return vcpu->batch_count ? &vcpu->batch[vcpu->batch_count - 1] : NULL;
}

static u64 map_rights(pte_t pte)
{
	u64 rights = PURLIN_MAP_READ;

	if (pte_write(pte) && pte_dirty(pte))
		rights |= PURLIN_MAP_WRITE;
	if (pte_exec(pte))
		rights |= PURLIN_MAP_EXECUTE;
	if (pte_val(pte) & _PAGE_PCD)
		rights |= PURLIN_MAP_UNCACHED;
	else if (pte_val(pte) & _PAGE_PWT)
		rights |= PURLIN_MAP_WRITE_COMBINING;
	return rights;
}

#define WORD0(address, pages, operation) \
	((address) | (u64)((pages) - 1) << 4 | (operation))
#define WORD0_OPERATION(word0)	((word0) & 0xf)
#define WORD0_PAGES(word0)	((((word0) >> 4) & 0xff) + 1)
#define WORD0_ADDRESS(word0)	((word0) & PAGE_MASK)

/*
 * The page continues the range of the last entry, or replaces what the last entry
 * took away (copy on write).
 */
static bool merge_map(struct purlin_batch_entry *last, unsigned long address, u64 word1)
{
	u64 operation = WORD0_OPERATION(last->word0);
	unsigned int pages = WORD0_PAGES(last->word0);

	if (operation == PURLIN_BATCH_MAP) {
		if (WORD0_ADDRESS(last->word0) + pages * PAGE_SIZE != address ||
		    last->word1 + pages * PAGE_SIZE != word1 || pages == MAP_PAGES_MAX)
			return false;
		last->word0 += 1 << 4;
		return true;
	}
	if (operation != PURLIN_BATCH_UNMAP || last->word1 != 1 ||
	    WORD0_ADDRESS(last->word0) != address)
		return false;
	last->word0 = WORD0(address, 1, PURLIN_BATCH_MAP);
	last->word1 = word1;
	return true;
}

static void note_map(struct purlin_vcpu_state *vcpu, struct mm_struct *mm,
		     unsigned long address, u64 word1, unsigned int pages)
{
	struct purlin_batch_entry *last;

	begin(vcpu, mm);
	last = last_entry(vcpu);
	if (pages == 1 && last && merge_map(last, address, word1))
		return;
	append(vcpu, WORD0(address, pages, PURLIN_BATCH_MAP), word1);
}

/*
 * The page that would continue the last MAP entry, in the space of batch_space, and what
 * its word 1 would be. Most pages come one after the other, or are one more entry for the same
 * space: both without the general way.
 */
static unsigned long next_address;
static u64 next_word1;

static __always_inline bool note_page(struct purlin_vcpu_state *vcpu, struct mm_struct *mm,
				      unsigned long address, u64 word1)
{
	unsigned int count = vcpu->batch_count;
	struct purlin_batch_entry *entry = &vcpu->batch[count];

	if (unlikely(count - 1 > PURLIN_BATCH_ENTRIES - 4 || mm->context.space != batch_space))
		return false;
	if ((address == next_address && word1 == next_word1) ||
	    WORD0_OPERATION(entry[-1].word0) != PURLIN_BATCH_MAP)
		return false;
	entry->word0 = address | PURLIN_BATCH_MAP;
	entry->word1 = word1;
	vcpu->batch_count = count + 1;
	next_address = address + PAGE_SIZE;
	next_word1 = word1 + PAGE_SIZE;
	return true;
}

void purlin_note_map(struct mm_struct *mm, unsigned long address, pte_t pte, unsigned int pages)
{
	u64 word1 = (pte_val(pte) & PTE_PFN_MASK) | map_rights(pte);
	unsigned long flags;

	address &= PAGE_MASK;
	raw_local_irq_save(flags);
	if (likely(pages == 1) && note_page(vcpu_state(), mm, address, word1))
		goto out;
	while (pages) {
		unsigned int part = min_t(unsigned int, pages, MAP_PAGES_MAX);

		note_map(vcpu_state(), mm, address, word1, part);
		address += part * PAGE_SIZE;
		word1 += part * PAGE_SIZE;
		pages -= part;
	}
	next_address = address;
	next_word1 = word1;
out:
	raw_local_irq_restore(flags);
}

static void note_removal(struct mm_struct *mm, unsigned long address, unsigned long pages,
			 unsigned int operation)
{
	struct purlin_vcpu_state *vcpu = vcpu_state();
	struct purlin_batch_entry *last;
	unsigned long flags;

	raw_local_irq_save(flags);
	begin(vcpu, mm);
	batch_removals = true;
	last = last_entry(vcpu);
	if (last && WORD0_OPERATION(last->word0) == operation &&
	    WORD0_ADDRESS(last->word0) + last->word1 * PAGE_SIZE == address)
		last->word1 += pages;
	else
		append(vcpu, address | operation, pages);
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
	if (batch_removals || vcpu_state()->batch_count)
		removals_noted(mm);
}

void flush_tlb_mm(struct mm_struct *mm)
{
	if (mm->context.write_protected) {
		mm->context.write_protected = false;
		note_removal(mm, 0, TASK_SIZE_MAX >> PAGE_SHIFT, PURLIN_BATCH_WRITE_PROTECT);
	}
	purlin_flush_range(mm, 0, TASK_SIZE_MAX);
	removals_noted(mm);
}

void purlin_flush_kernel(void)
{
	batch_apply();
}
