// SPDX-License-Identifier: MIT
/*
 * Batches: changes of mappings as a guest noted them (abi/purlin/vcpu.h), from the words in the
 * state page to entries of page tables.
 *
 * The guest may rewrite the batch and its own page tables meanwhile: every word is read once, and
 * what was read is checked. The kernel's tables change under the lock only, and what they lose is
 * flushed before the batch ends, the space changes or the call is left; so no processor can use a
 * mapping that the guest knows to be gone.
 */
#include "base/arch.h"
#include "base/call.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/attachment.h"
#include "object/pd.h"
#include "object/vcpu.h"

/* Between looks for an interrupt, which cost a hundred instructions; a page takes some 30. */
#define CHECK_EVERY 512 /* pages */
#define ENTRY_WORK 8	/* what an entry costs besides its pages, in pages */
#define FLUSH_WORK 64
/* Besides the pages, in pages: zeroing a new table; afterwards one looks for an interrupt. */
#define TABLE_WORK 32
#define RECLAIM_WORK CHECK_EVERY
#define FEW_PAGES 16

#define NO_FLAGS (~0ull)

/* One run through a batch, or through what was left of it when it was interrupted. */
struct batch {
	struct vcpu *vcpu;
	struct guest *guest;
	struct space *space; /* NULL: none chosen, only the kernel half */
	struct tlb_batch lower, upper;
	uint64_t work; /* pages since the last look for an interrupt */
};

/* The half that an entry speaks of. */
struct target {
	struct space *space; /* NULL: the kernel half */
	struct tlb_batch *gone;
};

static inline bool target_of(struct batch *batch, uint64_t virtual_address, uint64_t pages,
			     struct target *target)
{
	enum half half = range_half(virtual_address, pages);

	target->space = half == HALF_LOWER ? batch->space : NULL;
	target->gone = half == HALF_LOWER ? &batch->lower : &batch->upper;
	return half == HALF_UPPER || (half == HALF_LOWER && batch->space);
}

static void batch_flush(struct batch *batch)
{
	if (batch->lower.count && batch->space)
		arch_guest_flush(batch->guest, batch->space, &batch->lower);
	if (batch->upper.count)
		arch_guest_flush(batch->guest, NULL, &batch->upper);
	batch->lower.count = batch->upper.count = 0;
	batch->lower.everything = batch->upper.everything = false;
}

/*
 * With a table, made if it was not there. Without memory the guest's own mappings have to make
 * room; those of the space at hand go last and once: they may be what is being made here.
 */
static uint64_t *entry_make(struct batch *batch, struct space *space, uint64_t virtual_address)
{
	const struct account *account = batch->guest->pd->object.account;
	bool own = batch->space != NULL;

	for (;;) {
		uint64_t before = account->used;
		uint64_t *entry;

		if (space && !space->mapped)
			space_mapped(space);
		entry = arch_guest_entry(batch->guest, space, virtual_address, true);
		batch->work += (account->used - before) * TABLE_WORK;
		if (entry)
			return entry;
		batch->work += RECLAIM_WORK;
		if (guest_reclaim(batch->guest, batch->space))
			continue;
		if (!own || !batch->space->mapped)
			return NULL;
		own = false;
		space_reclaim(batch->space);
	}
}

/*
 * The entry for an address, most often in the table of the one before. `make`: NULL without memory;
 * else NULL where there is no table.
 */
static inline uint64_t *entry_find(struct batch *batch, struct space *space,
				   uint64_t virtual_address, bool make)
{
	struct recent *recent = &batch->vcpu->recent;
	uint64_t page = virtual_address >> PAGE_SHIFT;
	uint64_t *entry;

	if (__builtin_expect(recent->span == page / ARCH_SPAN_PAGES && recent->space == space &&
				     recent->generation == batch->guest->generation,
			     1))
		return recent->table + page % ARCH_SPAN_PAGES;
	entry = make ? entry_make(batch, space, virtual_address) :
		       arch_guest_entry(batch->guest, space, virtual_address, false);
	if (!entry)
		return NULL;
	if (recent->generation != batch->guest->generation)
		recent->attachment = NULL;
	recent->generation = batch->guest->generation;
	recent->span = page / ARCH_SPAN_PAGES;
	recent->space = space;
	recent->table = entry - page % ARCH_SPAN_PAGES;
	return entry;
}

/* The attachment that has a page, most often the one that had the page before; NULL: none. */
static inline const struct attachment *attachment_find(struct batch *batch, uint64_t address)
{
	struct recent *recent = &batch->vcpu->recent;
	const struct attachment *at = recent->attachment;

	if (__builtin_expect(recent->generation == batch->guest->generation && at &&
				     address - at->address < at->pages * PAGE_SIZE,
			     1))
		return at;
	at = guest_find(batch->guest, address, 1);
	if (at && recent->generation == batch->guest->generation) {
		recent->attachment = at;
		recent->flags = NO_FLAGS;
	}
	return at;
}

/* PURLIN_BATCH_MAP: pages named one by one. */
static status batch_map(struct batch *batch, uint64_t virtual_address, uint64_t pages,
			uint64_t word)
{
	uint64_t address = word & ~(PAGE_SIZE - 1);
	struct target target;

	if (!target_of(batch, virtual_address, pages, &target) ||
	    word % PAGE_SIZE > PURLIN_MAP_VALID)
		return PURLIN_BAD_ARGUMENT;
	while (pages) {
		uint64_t part = span_rest(virtual_address, pages), offset, bits;
		uint64_t *entry;
		const struct attachment *at = attachment_find(batch, address);

		if (!at || !attachment_bits(at, (uint32_t)(word % PAGE_SIZE), &bits))
			return PURLIN_BAD_ARGUMENT;
		offset = address - at->address;
		if (part > at->pages - (offset >> PAGE_SHIFT))
			part = at->pages - (offset >> PAGE_SHIFT);
		entry = entry_find(batch, target.space, virtual_address, true);
		if (!entry)
			return PURLIN_NO_MEMORY;
		entries_fill(batch->guest, entry, virtual_address, (at->base.value + offset) | bits,
			     part, target.gone);
		virtual_address += part * PAGE_SIZE;
		address += part * PAGE_SIZE;
		pages -= part;
	}
	return PURLIN_OK;
}

/* What an entry of the guest asks for, as bits of ours; false: the page or the right is not its. */
static inline bool entry_resolve(struct batch *batch, uint64_t entry)
{
	struct recent *recent = &batch->vcpu->recent;
	const struct attachment *at = attachment_find(batch, arch_guest_entry_address(entry));

	if (!at || !attachment_bits(at, arch_guest_entry_rights(entry), &recent->bits))
		return false;
	recent->flags = entry & PURLIN_ENTRY_RIGHTS;
	return true;
}

/*
 * Make entries of the table last found like those of the guest at `source`. Nearly all are of one
 * attachment with one set of flags, which decide about the bits: both are looked up only when they
 * change.
 */
static status entries_follow(struct batch *batch, uint64_t virtual_address, uint64_t *entry,
			     const uint64_t *source, uint64_t pages, struct tlb_batch *gone)
{
	struct recent *recent = &batch->vcpu->recent;
	const struct attachment *at = recent->attachment;
	uint64_t address = 0, base = 0, bytes = 0;

	if (at) {
		address = at->address;
		base = at->base.value;
		bytes = at->pages * PAGE_SIZE;
	}
	for (uint64_t i = 0; i < pages; i++, virtual_address += PAGE_SIZE) {
		uint64_t from = __atomic_load_n(&source[i], __ATOMIC_RELAXED);
		uint64_t old = entry[i], value = 0;

		if (arch_guest_entry_held(from)) {
			if (arch_guest_entry_address(from) - address >= bytes ||
			    (from & PURLIN_ENTRY_RIGHTS) != recent->flags) {
				if (!entry_resolve(batch, from))
					return PURLIN_BAD_ARGUMENT;
				at = recent->attachment;
				address = at->address;
				base = at->base.value;
				bytes = at->pages * PAGE_SIZE;
			}
			value = (base + (arch_guest_entry_address(from) - address)) | recent->bits;
		}
		checks_guest_entry(batch->guest, value, PAGE_SIZE);
		if (old != value)
			entry[i] = value;
		if ((old & ARCH_ENTRY_PRESENT) && old != value)
			tlb_batch_add(gone, virtual_address);
	}
	return PURLIN_OK;
}

/* The guest's table: entries in one page of plain memory that it may read; NULL if they are not. */
static inline const uint64_t *guest_table(struct batch *batch, uint64_t address, uint64_t pages)
{
	const struct attachment *at = attachment_find(batch, address);

	if (!at || at->memory->physical || !(at->rights & PURLIN_MAP_READ) ||
	    address % sizeof(uint64_t) ||
	    address % PAGE_SIZE / sizeof(uint64_t) + pages > PAGE_SIZE / sizeof(uint64_t))
		return NULL;
	return arch_physical_to_kernel(
		(struct physical){ at->base.value + (address - at->address) });
}

/* PURLIN_BATCH_TABLE: follow the guest's own table. */
static status batch_table(struct batch *batch, uint64_t virtual_address, uint64_t pages,
			  uint64_t word)
{
	const uint64_t *source = guest_table(batch, word, pages);
	struct target target;

	if (!source || !target_of(batch, virtual_address, pages, &target))
		return PURLIN_BAD_ARGUMENT;
	batch->work += pages;
	while (pages) {
		uint64_t part = span_rest(virtual_address, pages);
		uint64_t first = __atomic_load_n(source, __ATOMIC_RELAXED);
		uint64_t *entry = entry_find(batch, target.space, virtual_address,
					     arch_guest_entry_held(first));
		status result = PURLIN_OK;

		if (entry) {
			result = entries_follow(batch, virtual_address, entry, source, part,
						target.gone);
		} else if (arch_guest_entry_held(first)) {
			result = PURLIN_NO_MEMORY;
		} else {
			/* Without a table nothing is mapped, but in a large page. */
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

static status batch_space(struct batch *batch, uint64_t slot)
{
	struct capability *capability;

	/* The flush is for the space whose pages were collected. */
	batch->work += FLUSH_WORK;
	batch_flush(batch);
	if (!slot) {
		batch->space = batch->vcpu->space;
		batch->vcpu->batch_slot = 0;
		return PURLIN_OK;
	}
	if (capability_of(&batch->vcpu->thread.pd->capabilities, slot, PURLIN_TYPE_SPACE, 0,
			  &capability))
		return PURLIN_BAD_ARGUMENT;
	if (space_of(capability->object)->guest != batch->guest)
		return PURLIN_BAD_ARGUMENT;
	batch->space = space_of(capability->object);
	batch->vcpu->batch_slot = slot;
	return PURLIN_OK;
}

/* The entries of a few pages in one table, without the search that ranges of any length need. */
static void few_change(struct batch *batch, const struct target *target, uint64_t virtual_address,
		       uint64_t pages, enum range_work work)
{
	uint64_t *entry = entry_find(batch, target->space, virtual_address, false);

	if (!entry && !target->space)
		arch_guest_change(batch->guest, NULL, virtual_address, &pages, work, target->gone);
	for (; entry && pages; pages--, entry++, virtual_address += PAGE_SIZE) {
		uint64_t value = work == RANGE_UNMAP ? 0 : arch_entry_protected(*entry);

		if (!(*entry & ARCH_ENTRY_PRESENT) || *entry == value)
			continue;
		*entry = value;
		tlb_batch_add(target->gone, virtual_address);
	}
}

/* PURLIN_BATCH_UNMAP and PURLIN_BATCH_WRITE_PROTECT: the only ones that may take long. */
static status batch_change(struct batch *batch, uint64_t virtual_address, uint64_t pages,
			   enum range_work work)
{
	struct vcpu *vcpu = batch->vcpu;
	/* The guest may have exchanged an interrupted entry for a shorter one: that is through. */
	uint64_t done = vcpu->batch_pages < pages ? vcpu->batch_pages : pages;
	uint64_t rest = pages - done, left = rest;
	struct target target;

	if (!target_of(batch, virtual_address, pages, &target))
		return PURLIN_BAD_ARGUMENT;
	if (pages <= FEW_PAGES && span_rest(virtual_address, pages) == pages)
		few_change(batch, &target, virtual_address, pages, work);
	else
		arch_guest_change(batch->guest, target.space, virtual_address + done * PAGE_SIZE,
				  &left, work, target.gone);
	if (left > 1)
		batch->work += left < CHECK_EVERY ? left - 1 : CHECK_EVERY;
	if (left < rest) {
		vcpu->batch_pages += left;
		return CALL_RESTART;
	}
	vcpu->batch_pages = 0;
	return PURLIN_OK;
}

static inline uint64_t entry_pages(uint64_t word0)
{
	return ((word0 >> 4) & 0xff) + 1;
}

static status entry_apply(struct batch *batch, uint64_t word0, uint64_t word1)
{
	uint64_t virtual_address = word0 & ~(PAGE_SIZE - 1);

	switch (word0 & 0xf) {
	case PURLIN_BATCH_SPACE:
		return batch_space(batch, word1);
	case PURLIN_BATCH_MAP:
		batch->work += entry_pages(word0) - 1;
		return batch_map(batch, virtual_address, entry_pages(word0), word1);
	case PURLIN_BATCH_UNMAP:
		return batch_change(batch, virtual_address, word1, RANGE_UNMAP);
	case PURLIN_BATCH_WRITE_PROTECT:
		return batch_change(batch, virtual_address, word1, RANGE_WRITE_PROTECT);
	default:
		return PURLIN_BAD_ARGUMENT;
	}
}

static bool interrupted(struct batch *batch)
{
	batch->work += ENTRY_WORK;
	if (batch->work < CHECK_EVERY)
		return false;
	batch->work = 0;
	return arch_preemption_pending();
}

/* A guest kernel that hands over nonsense is broken: it stops, and the log says where. */
static status batch_bad(struct vcpu *vcpu, status why, uint32_t index, uint64_t word0,
			uint64_t word1)
{
	bool poor = why == PURLIN_NO_MEMORY;

	if (account_log_allowed(vcpu->thread.pd->object.account))
		log_print("%s: %s batch entry %u: %lx %lx\n", vcpu->thread.pd->name,
			  poor ? "no memory for" : "bad", index, word0, word1);
	pd_stop(vcpu->thread.pd, poor ? PURLIN_STOP_NO_MEMORY : PURLIN_STOP_BAD_BATCH, index);
	return PURLIN_BAD_ARGUMENT;
}

/* Entries from `*index` on. CALL_RESTART: interrupted, `*index` is the next one to do. */
static status entries_apply(struct batch *batch, uint32_t *index, uint32_t entries)
{
	const struct purlin_batch_entry *entry = batch->vcpu->state->batch;
	status result;

	for (; *index < entries; ++*index) {
		uint64_t word0 = __atomic_load_n(&entry[*index].word0, __ATOMIC_RELAXED);
		uint64_t word1 = __atomic_load_n(&entry[*index].word1, __ATOMIC_RELAXED);

		count(BATCH_ENTRIES);
		/* Nearly all are of this kind. */
		if ((word0 & 0xf) == PURLIN_BATCH_TABLE)
			result = batch_table(batch, word0 & ~(PAGE_SIZE - 1), entry_pages(word0),
					     word1);
		else
			result = entry_apply(batch, word0, word1);
		if (result == CALL_RESTART)
			return CALL_RESTART;
		if (result)
			return batch_bad(batch->vcpu, result, *index, word0, word1);
		if (interrupted(batch) && *index + 1 < entries) {
			++*index;
			return CALL_RESTART;
		}
	}
	return PURLIN_OK;
}

status batch_apply(struct vcpu *vcpu)
{
	struct purlin_vcpu_state *state = vcpu->state;
	struct batch batch;
	uint32_t entries, index = vcpu->batch_next;
	status result = PURLIN_OK;

	if (!state)
		return PURLIN_OK;
	entries = __atomic_load_n(&state->batch_count, __ATOMIC_RELAXED);
	if (!entries)
		return PURLIN_OK;
	if (entries > PURLIN_BATCH_ENTRIES)
		return batch_bad(vcpu, PURLIN_BAD_ARGUMENT, entries, 0, 0);
	count(BATCHES);
	batch.vcpu = vcpu;
	batch.guest = vcpu->guest;
	batch.space = vcpu->space;
	batch.lower.count = batch.upper.count = 0;
	batch.lower.everything = batch.upper.everything = false;
	batch.work = 0;
	if (vcpu->batch_slot && batch_space(&batch, vcpu->batch_slot))
		return batch_bad(vcpu, PURLIN_BAD_ARGUMENT, index, vcpu->batch_slot, 0);
	result = entries_apply(&batch, &index, entries);
	if (batch.lower.count | batch.upper.count)
		batch_flush(&batch);
	if (result == CALL_RESTART) {
		vcpu->batch_next = index;
		return CALL_RESTART;
	}
	vcpu->batch_next = 0;
	vcpu->batch_pages = 0;
	vcpu->batch_slot = 0;
	if (result == PURLIN_OK)
		__atomic_store_n(&state->batch_count, 0, __ATOMIC_RELAXED);
	return result;
}
