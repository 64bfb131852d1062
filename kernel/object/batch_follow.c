// SPDX-License-Identifier: MIT
/*
 * Entries of a batch that name entries of the guest's own page tables: the kernel reads those,
 * checks them, and makes its own say the same (object/batch.h).
 */
#include "object/batch_target.h"

#include "base/arch.h"
#include "base/call.h"
#include "debug/log.h"

/*
 * Turn what a guest's entry asks for into bits of the kernel's entry. False: the guest does not
 * have this page, or this right.
 */
static __attribute__((noinline)) bool entry_resolve(struct batch *batch, uint64_t entry)
{
	struct recent *recent = &batch->vcpu->recent;
	const struct attachment *at = attachment_find(batch, arch_guest_entry_address(entry));

	if (!at || !attachment_bits(at, arch_guest_entry_rights(entry), &recent->bits))
		return false;
	/* Noted only now: after a refusal nothing may be taken for checked. */
	recent->flags = entry & PURLIN_ENTRY_RIGHTS;
	return true;
}

/* What was resolved last, in the form that the loop below needs: pages of an attachment. */
struct pages_held {
	uint64_t first, bytes; /* guest-physical; no bytes: nothing was resolved */
	uint64_t start;	       /* where they lie, with the bits of entries */
	uint64_t flags;	       /* ENTRY_DECIDES that became these bits */
};

/* Of an entry: that it maps something, and with which rights. One comparison tells both. */
#define ENTRY_DECIDES (ARCH_GUEST_ENTRY_HELD | PURLIN_ENTRY_RIGHTS)

static inline __attribute__((always_inline)) struct pages_held
pages_held(const struct recent *recent)
{
	const struct attachment *at = recent->attachment;

	if (!at)
		return (struct pages_held){ .bytes = 0 };
	return (struct pages_held){
		.first = at->address,
		.bytes = at->pages * PAGE_SIZE,
		.start = at->base.value + recent->bits,
		.flags = recent->flags | ARCH_GUEST_ENTRY_HELD,
	};
}

/*
 * Make entries of the table last found like those of the guest at `source`. Nearly all are of one
 * attachment with one set of flags, which decide about the bits: both are looked up only when they
 * change.
 */
static inline __attribute__((always_inline)) status
entries_follow(struct batch *batch, uint64_t virtual_address, uint64_t *entry,
	       const uint64_t *source, uint64_t pages, struct tlb_batch *gone)
{
	struct pages_held held = pages_held(&batch->vcpu->recent);

	for (uint64_t i = 0; i < pages; i++) {
		/*
		 * Read once, as 8 bytes at a time, since the guest may write the entry meanwhile.
		 * What is checked below is this copy; a newer value has its own entry in a later
		 * batch.
		 */
		uint64_t from = __atomic_load_n(&source[i], __ATOMIC_RELAXED);
		uint64_t old = entry[i], value = 0;
		uint64_t offset = arch_guest_entry_address(from) - held.first;

		if (__builtin_expect((from & ENTRY_DECIDES) == held.flags && offset < held.bytes,
				     1)) {
			value = held.start + offset;
		} else if (arch_guest_entry_held(from)) {
			/* Entries before this one stay as they are: they were checked. */
			if (!entry_resolve(batch, from))
				return PURLIN_BAD_ARGUMENT;
			held = pages_held(&batch->vcpu->recent);
			value = held.start + arch_guest_entry_address(from) - held.first;
		}
		checks_guest_entry(batch->guest, value, PAGE_SIZE);
		/* An entry that stays needs neither the store nor a flush: most of a fault's do. */
		if (old == value)
			continue;
		if (old & ARCH_ENTRY_PRESENT) {
			/* Making other processors flush needs the kernel lock. */
			if (batch->alone && !arch_space_here(&batch->space->arch))
				return PURLIN_BUSY;
			tlb_batch_add(gone, virtual_address + i * PAGE_SIZE);
		}
		entry[i] = value;
	}
	return PURLIN_OK;
}

/* PURLIN_BATCH_TABLE: follow the guest's own table. */
status batch_table(struct batch *batch, uint64_t virtual_address, uint64_t pages, uint64_t word)
{
	const uint64_t *source = guest_table(batch, word, pages);
	struct target target;

	if (!source || !target_find(batch, virtual_address, pages, &target))
		return PURLIN_BAD_ARGUMENT;
	batch->work += pages;
	/* 256 pages at most, which lie in two tables at most: short enough to do without a look. */
	while (pages) {
		uint64_t part = pages;
		uint64_t *entry = entry_recent(batch, target.space, virtual_address, &part);
		bool make = false;
		status result = PURLIN_OK;

		if (__builtin_expect(!entry, 0)) {
			/* An entry that maps nothing is no reason to make a table. */
			make = arch_guest_entry_held(__atomic_load_n(source, __ATOMIC_RELAXED));
			entry = entry_look(batch, target.space, virtual_address, make);
		}
		if (entry) {
			result = entries_follow(batch, virtual_address, entry, source, part,
						target.gone);
		} else if (make) {
			result = PURLIN_NO_MEMORY;
		} else {
			/* Without a table nothing is mapped but large pages of the kernel half. */
			part = 1;
			if (!target.space)
				arch_guest_change(batch->guest, NULL, virtual_address, &part,
						  RANGE_UNMAP, target.gone);
		}
		if (result)
			return result;
		pages -= part;
		source += part;
		virtual_address += part * PAGE_SIZE;
	}
	return PURLIN_OK;
}

/* With the space's lock alone: all that is used was found with the kernel's, in this generation. */
static bool quick_apply(struct batch *batch, uint64_t address, uint64_t pages, uint64_t word)
{
	uint64_t part = pages;
	uint64_t *entry = entry_recent(batch, batch->space, address, &part);
	const uint64_t *source = guest_table(batch, word, pages);
	status result;

	if (!entry || part < pages || !source)
		return false;
	result = entries_follow(batch, address, entry, source, pages, &batch->lower);
	/*
	 * Entries before a bad one are as the guest wants them, and it may not live to flush
	 * them.
	 */
	if (batch->lower.count)
		arch_space_flush_here(&batch->space->arch, &batch->lower);
	return result == PURLIN_OK;
}

bool batch_quick(struct vcpu *vcpu)
{
	struct purlin_vcpu_state *state = vcpu->state;
	struct batch batch; /* as far as is needed here */
	uint64_t word, address;
	bool done;

	/*
	 * Whoever ends the space makes this processor leave it first, and waits: that comes after
	 * this, with interrupts off. So what is read here exists until the end.
	 */
	batch.space = STATE_READ(vcpu->space);
	if (!state || !batch.space || STATE_READ(state->batch_count) != 1 || vcpu->batch_next ||
	    vcpu->batch_slot)
		return false;
	word = STATE_READ(state->batch[0].word0);
	address = word & ~(PAGE_SIZE - 1);
	if ((word & 0xf) != PURLIN_BATCH_TABLE ||
	    range_half(address, entry_pages(word)) != HALF_LOWER || !lock_try(&batch.space->lock))
		return false;
	batch.vcpu = vcpu;
	batch.guest = vcpu->guest;
	batch.alone = true;
	batch.lower.count = 0;
	batch.lower.everything = false;
	done = quick_apply(&batch, address, entry_pages(word), STATE_READ(state->batch[0].word1));
	space_unlock(batch.space);
	if (!done)
		return false;
	count(BATCHES);
	count(BATCH_ENTRIES);
	STATE_WRITE(state->batch_count, 0u);
	return true;
}

/*
 * The large page that would map the guest's, or 0: it has to be small ones. Executable ones are
 * small, since many processors of Intel stop with a machine check when they fetch from a page
 * whose size has changed (CVE-2018-12207), and a guest decides when that happens.
 */
static uint64_t large_value(struct batch *batch, uint64_t address, uint32_t rights)
{
	const struct attachment *at = guest_find(batch->guest, address, ARCH_SPAN_PAGES);
	uint64_t base, bits;

	if (!at || (rights & PURLIN_MAP_EXECUTE) || !attachment_bits(at, rights, &bits))
		return 0;
	base = at->base.value + (address - at->address);
	return base % LARGE_PAGE_SIZE ? 0 : base | bits | ARCH_ENTRY_LARGE;
}

/* Small pages in its place, half of them at a time: an interrupt waits for no more than those. */
static status small_map(struct batch *batch, uint64_t virtual_address, uint64_t word, uint64_t done)
{
	const uint64_t half = ARCH_SPAN_PAGES / 2;

	if (done != half) {
		status result = batch_map(batch, virtual_address, half, word);

		if (result)
			return result;
		if (arch_preemption_pending()) {
			batch->vcpu->batch_pages = half;
			return CALL_RESTART;
		}
	}
	return batch_map(batch, virtual_address + half * PAGE_SIZE, half, word + half * PAGE_SIZE);
}

static status large_map(struct batch *batch, const struct target *target, uint64_t virtual_address,
			uint64_t address, uint32_t rights)
{
	/* What earlier rounds have done of this entry. If the guest has exchanged it for a large
	 * one, the number means nothing and is dropped. */
	uint64_t done = batch->vcpu->batch_pages, value = large_value(batch, address, rights);
	uint64_t *entry;

	batch->vcpu->batch_pages = 0;
	if (!value)
		return small_map(batch, virtual_address, address | rights, done);
	entry = entry_make(batch, target->space, virtual_address, true);
	if (!entry)
		return PURLIN_NO_MEMORY;
	checks_guest_entry(batch->guest, value & ~ARCH_ENTRY_LARGE, LARGE_PAGE_SIZE);
	/* One address will do, as in the kernel half. */
	if ((*entry & ARCH_ENTRY_PRESENT) && *entry != value)
		tlb_batch_add(target->gone, virtual_address);
	*entry = value;
	return PURLIN_OK;
}

/* PURLIN_BATCH_LARGE: follow one entry of the guest, a level above its tables. */
status batch_large(struct batch *batch, uint64_t virtual_address, uint64_t word)
{
	const uint64_t *source = guest_table(batch, word, 1);
	uint64_t from, pages = ARCH_SPAN_PAGES;
	struct target target;

	if (!source || virtual_address % LARGE_PAGE_SIZE ||
	    !target_find(batch, virtual_address, ARCH_SPAN_PAGES, &target) || !target.space)
		return PURLIN_BAD_ARGUMENT;
	batch->work += ARCH_SPAN_PAGES;
	from = __atomic_load_n(source, __ATOMIC_RELAXED);
	if (arch_guest_entry_held(from) && (from & PURLIN_ENTRY_LARGE))
		return large_map(batch, &target, virtual_address,
				 arch_guest_entry_address(from) & ~(LARGE_PAGE_SIZE - 1),
				 arch_guest_entry_rights(from));
	if (target.space->mapped)
		arch_guest_change(batch->guest, target.space, virtual_address, &pages, RANGE_UNMAP,
				  target.gone);
	return PURLIN_OK;
}
