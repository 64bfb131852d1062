// SPDX-License-Identifier: MIT
/*
 * The entries of a batch, one by one: what they ask for is checked and written into page tables
 * (object/batch.h).
 */
#include "object/batch.h"

#include "base/arch.h"
#include "base/call.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/pd.h"

#define FEW_PAGES 16
#define NO_FLAGS (~0ull)

/* The half that an entry speaks of. */
struct target {
	struct space *space; /* NULL: the kernel half */
	struct tlb_batch *gone;
};

/* False: the range is in no half, or in the lower one and there is no space. */
static inline bool target_find(struct batch *batch, uint64_t virtual_address, uint64_t pages,
			       struct target *target)
{
	enum half half = range_half(virtual_address, pages);

	target->space = half == HALF_LOWER ? batch->space : NULL;
	target->gone = half == HALF_LOWER ? &batch->lower : &batch->upper;
	return half == HALF_UPPER || (half == HALF_LOWER && batch->space);
}

/*
 * With a table, made if it was not there; or the one of a large page. Without memory the guest's
 * own mappings have to make room; those of the space at hand go last and once: they may be what is
 * being made here.
 */
static uint64_t *entry_make(struct batch *batch, struct space *space, uint64_t virtual_address,
			    bool large)
{
	const struct account *account = batch->guest->pd->object.account;
	bool own = batch->space != NULL;

	for (;;) {
		uint64_t before = account->used;
		uint64_t *entry;

		/* What was made before the memory ran out stays, so each turn comes further. */
		if (space && space_open(space))
			entry = NULL;
		else if (large)
			entry = arch_guest_large_entry(batch->guest, space, virtual_address);
		else
			entry = arch_guest_entry(batch->guest, space, virtual_address, true);
		if (account->used > before)
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
 * The entry for an address if it is in the table of the one before, as most are; else NULL. `pages`
 * is lowered to those that the entry's table maps from there on.
 */
static inline uint64_t *entry_recent(const struct batch *batch, const struct space *space,
				     uint64_t virtual_address, uint64_t *pages)
{
	const struct recent *recent = &batch->vcpu->recent;
	uint64_t page = virtual_address >> PAGE_SHIFT, index = page % ARCH_SPAN_PAGES;

	/*
	 * The generation changes with everything that could make what is remembered wrong: a table
	 * that goes, a space that ends, an attachment that is taken away. So comparing is enough.
	 */
	if (*pages > ARCH_SPAN_PAGES - index)
		*pages = ARCH_SPAN_PAGES - index;
	if (__builtin_expect(recent->span == page / ARCH_SPAN_PAGES && recent->space == space &&
				     recent->generation == batch->guest->generation,
			     1))
		return recent->table + index;
	return NULL;
}

/* If it is in another table. `make`: NULL without memory; else NULL where there is no table. */
static __attribute__((noinline)) uint64_t *entry_look(struct batch *batch, struct space *space,
						      uint64_t virtual_address, bool make)
{
	struct recent *recent = &batch->vcpu->recent;
	uint64_t page = virtual_address >> PAGE_SHIFT;
	uint64_t *entry = NULL;

	/* A space without roots has nothing mapped; only an addition is a reason to make them. */
	if (make)
		entry = entry_make(batch, space, virtual_address, false);
	else if (!space || space->mapped)
		entry = arch_guest_entry(batch->guest, space, virtual_address, false);
	if (!entry)
		return NULL;
	/* Making room may have raised the generation: what was remembered before is void. */
	if (recent->generation != batch->guest->generation)
		recent->attachment = NULL;
	recent->generation = batch->guest->generation;
	recent->span = page / ARCH_SPAN_PAGES;
	recent->space = space;
	recent->table = entry - page % ARCH_SPAN_PAGES;
	return entry;
}

static inline uint64_t *entry_find(struct batch *batch, struct space *space,
				   uint64_t virtual_address, uint64_t *pages, bool make)
{
	uint64_t *entry = entry_recent(batch, space, virtual_address, pages);

	return __builtin_expect(!!entry, 1) ? entry :
					      entry_look(batch, space, virtual_address, make);
}

/* Most often the one that had the page before. */
static inline const struct attachment *attachment_find(struct batch *batch, uint64_t address)
{
	struct recent *recent = &batch->vcpu->recent;
	const struct attachment *at = recent->attachment;

	if (__builtin_expect(recent->generation == batch->guest->generation && at &&
				     address - at->address < at->pages * PAGE_SIZE,
			     1))
		return at;
	at = guest_find(batch->guest, address, 1);
	/* Only with the table, whose generation it shares (entry_look()). */
	if (at && recent->generation == batch->guest->generation) {
		recent->attachment = at;
		recent->flags = NO_FLAGS;
	}
	return at;
}

/* What an entry of the guest asks for, as bits of ours; false: the page or the right is not its. */
static __attribute__((noinline)) bool entry_resolve(struct batch *batch, uint64_t entry)
{
	struct recent *recent = &batch->vcpu->recent;
	const struct attachment *at = attachment_find(batch, arch_guest_entry_address(entry));

	if (!at || !attachment_bits(at, arch_guest_entry_rights(entry), &recent->bits))
		return false;
	/* Only now: after a refusal nothing may be taken for checked. */
	recent->flags = entry & PURLIN_ENTRY_RIGHTS;
	return true;
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
	const struct recent *recent = &batch->vcpu->recent;
	const struct attachment *at = recent->attachment;
	/* The attachment's pages: where they lie, with the bits of entries. */
	uint64_t first = 0, bytes = 0, start = 0, flags = recent->flags;

	if (at) {
		first = at->address;
		bytes = at->pages * PAGE_SIZE;
		start = at->base.value + recent->bits;
	}
	for (uint64_t i = 0; i < pages; i++) {
		/*
		 * Once, and all 8 bytes at a time: the guest may write it meanwhile. What is
		 * checked below is this copy; a newer value has its own entry in a later batch.
		 */
		uint64_t from = __atomic_load_n(&source[i], __ATOMIC_RELAXED);
		uint64_t old = entry[i], value = 0;

		if (arch_guest_entry_held(from)) {
			uint64_t offset = arch_guest_entry_address(from) - first;

			if (__builtin_expect(
				    offset >= bytes || (from & PURLIN_ENTRY_RIGHTS) != flags, 0)) {
				/* The entries done so far stay: they were checked, too. */
				if (!entry_resolve(batch, from))
					return PURLIN_BAD_ARGUMENT;
				at = recent->attachment;
				first = at->address;
				bytes = at->pages * PAGE_SIZE;
				start = at->base.value + recent->bits;
				flags = recent->flags;
				offset = arch_guest_entry_address(from) - first;
			}
			value = start + offset;
		}
		checks_guest_entry(batch->guest, value, PAGE_SIZE);
		/* An entry that stays needs neither the store nor a flush: most of a fault's do. */
		if (old == value)
			continue;
		if (old & ARCH_ENTRY_PRESENT)
			tlb_batch_add(gone, virtual_address + i * PAGE_SIZE);
		entry[i] = value;
	}
	return PURLIN_OK;
}

/*
 * The guest's table: entries in one page of plain memory that it may read; NULL if they are not.
 * Not registers of a device, where a read may have effects. And in one page, since no more than
 * that was looked up.
 */
static inline const uint64_t *guest_table(struct batch *batch, uint64_t address, uint64_t pages)
{
	const struct attachment *at = attachment_find(batch, address);

	if (!at || at->memory->physical || !(at->rights & PURLIN_MAP_READ) ||
	    address % sizeof(uint64_t) ||
	    address % PAGE_SIZE / sizeof(uint64_t) + pages > PAGE_SIZE / sizeof(uint64_t))
		return NULL;
	return arch_guest_table((struct physical){ at->base.value + (address - at->address) });
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
			/* What maps nothing is not worth a table. */
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

bool batch_quick(struct vcpu *vcpu)
{
	struct purlin_vcpu_state *state = vcpu->state;
	struct batch batch; /* as far as is needed here */
	uint64_t word, address, pages, part;
	const uint64_t *source;
	uint64_t *entry;
	status result;

	if (!state || !vcpu->space || STATE_READ(state->batch_count) != 1 || vcpu->batch_next ||
	    vcpu->batch_slot)
		return false;
	batch.vcpu = vcpu;
	batch.guest = vcpu->guest;
	word = STATE_READ(state->batch[0].word0);
	address = word & ~(PAGE_SIZE - 1);
	part = pages = entry_pages(word);
	if ((word & 0xf) != PURLIN_BATCH_TABLE || range_half(address, pages) != HALF_LOWER)
		return false;
	entry = entry_recent(&batch, vcpu->space, address, &part);
	source = guest_table(&batch, STATE_READ(state->batch[0].word1), pages);
	if (!entry || part < pages || !source)
		return false;
	batch.lower.count = 0;
	batch.lower.everything = false;
	result = entries_follow(&batch, address, entry, source, pages, &batch.lower);
	/*
	 * Entries before a bad one are as the guest wants them, and it may not live to flush
	 * them.
	 */
	if (batch.lower.count)
		arch_guest_flush(batch.guest, vcpu->space, &batch.lower);
	if (result)
		return false;
	count(BATCHES);
	count(BATCH_ENTRIES);
	STATE_WRITE(state->batch_count, 0u);
	return true;
}

/* PURLIN_BATCH_MAP: pages named one by one. */
status batch_map(struct batch *batch, uint64_t virtual_address, uint64_t pages, uint64_t word)
{
	uint64_t address = word & ~(PAGE_SIZE - 1);
	struct target target;

	if (!target_find(batch, virtual_address, pages, &target) ||
	    word % PAGE_SIZE > PURLIN_MAP_VALID)
		return PURLIN_BAD_ARGUMENT;
	while (pages) {
		uint64_t part = pages, offset, bits;
		uint64_t *entry;
		const struct attachment *at = attachment_find(batch, address);

		if (!at || !attachment_bits(at, (uint32_t)(word % PAGE_SIZE), &bits))
			return PURLIN_BAD_ARGUMENT;
		/* The range may go on in the next attachment, whose memory lies elsewhere. */
		offset = address - at->address;
		if (part > at->pages - (offset >> PAGE_SHIFT))
			part = at->pages - (offset >> PAGE_SHIFT);
		entry = entry_find(batch, target.space, virtual_address, &part, true);
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
	/* Of this entry, unless the guest has exchanged it for another: then for nothing. */
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

/* The entries of a few pages in one table, without the search that ranges of any length need. */
static void few_change(struct batch *batch, const struct target *target, uint64_t virtual_address,
		       uint64_t pages, enum range_work work)
{
	uint64_t *entry = entry_find(batch, target->space, virtual_address, &pages, false);

	/* In a lower half the search has taken a large page away. */
	if (!entry && !target->space)
		arch_guest_change(batch->guest, NULL, virtual_address, &pages, work, target->gone);
	for (; entry && pages; pages--, entry++, virtual_address += PAGE_SIZE) {
		uint64_t value = work == RANGE_UNMAP ? 0 : arch_entry_protected(*entry);

		/* Nothing that a TLB could hold, or nothing taken away: no flush. */
		if (!(*entry & ARCH_ENTRY_PRESENT) || *entry == value)
			continue;
		*entry = value;
		tlb_batch_add(target->gone, virtual_address);
	}
}

/* PURLIN_BATCH_UNMAP and PURLIN_BATCH_WRITE_PROTECT: the only ones that may take long. */
status batch_range(struct batch *batch, uint64_t virtual_address, uint64_t pages,
		   enum range_work work)
{
	struct vcpu *vcpu = batch->vcpu;
	/* The guest may have exchanged an interrupted entry for a shorter one: that is through. */
	uint64_t done = vcpu->batch_pages < pages ? vcpu->batch_pages : pages;
	uint64_t rest = pages - done, left = rest;
	struct target target;

	if (!target_find(batch, virtual_address, pages, &target))
		return PURLIN_BAD_ARGUMENT;
	if (pages <= FEW_PAGES && span_rest(virtual_address, pages) == pages)
		few_change(batch, &target, virtual_address, pages, work);
	else if (!target.space || target.space->mapped)
		arch_guest_change(batch->guest, target.space, virtual_address + done * PAGE_SIZE,
				  &left, work, target.gone);
	if (left > 1)
		batch->work += left < CHECK_EVERY ? left - 1 : CHECK_EVERY;
	/* Interrupted within the entry: the restarted call goes on behind these pages. */
	if (left < rest) {
		vcpu->batch_pages += left;
		return CALL_RESTART;
	}
	vcpu->batch_pages = 0;
	return PURLIN_OK;
}
