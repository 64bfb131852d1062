/* SPDX-License-Identifier: MIT */
/*
 * Batch entries that map: pages named one by one, or the guest's own table to follow. Most of
 * these fill the same table from the same attachment as the one before; struct last_map remembers
 * both.
 */
#include "arch/batch.h"
#include "arch/checks.h"
#include "arch/cursor.h"
#include "base/arch.h"
#include "object/account.h"

#define REGION_SHIFT (PAGE_SHIFT + 9)
#define NO_FLAGS (~0ull)
/* Besides the pages, in pages: zeroing a new table; afterwards one looks for an interrupt. */
#define TABLE_WORK 32
#define RECLAIM_WORK 512

static status map_pages(struct batch_run *run, uint64_t virtual_address, uint64_t physical_address,
			uint64_t pages, uint64_t bits)
{
	if (virtual_address < PURLIN_GUEST_USER_END)
		return lower_half_map(run->space, virtual_address, physical_address, pages, bits,
				      &run->lower);
	return kernel_half_map(run->guest, virtual_address, physical_address, pages, bits, false,
			       &run->upper);
}

/*
 * Pages of one attachment. The mappings of processes are a cache: dropping some makes room for
 * tables. Those of the space at hand go last and once: they may be what is being made here.
 */
static status map_part(struct batch_run *run, uint64_t virtual_address, uint64_t physical_address,
		       uint64_t pages, uint64_t bits)
{
	status result;

	while ((result = map_pages(run, virtual_address, physical_address, pages, bits)) ==
		       PURLIN_NO_MEMORY &&
	       guest_reclaim(run->guest, run->space))
		run->work += RECLAIM_WORK;
	if (result != PURLIN_NO_MEMORY || !run->space || !run->space->mapped)
		return result;
	run->work += RECLAIM_WORK;
	space_reclaim(run->space);
	return map_pages(run, virtual_address, physical_address, pages, bits);
}

/* False: the lower half has no table there. */
static bool remember(struct batch_run *run, uint64_t virtual_address,
		     const struct attachment *attachment)
{
	struct cursor cursor;

	cursor_start(&cursor, table_at(run->space->user_root), virtual_address);
	if (!cursor_descend(&cursor, 0, NULL))
		return false;
	run->vcpu->last = (struct last_map){
		.space = run->space,
		.generation = run->guest->generation,
		.region = virtual_address >> REGION_SHIFT,
		.table = cursor.table[0],
		.attachment = attachment,
		.flags = NO_FLAGS,
	};
	return true;
}

status batch_map(struct batch_run *run, uint64_t virtual_address, uint64_t pages, uint64_t word)
{
	uint64_t address = word & PTE_ADDRESS;
	enum half half = range_half(virtual_address, pages);
	uint64_t used;

	if (half == HALF_NONE || (half == HALF_LOWER && !run->space) ||
	    (word & ~PTE_ADDRESS) > PURLIN_MAP_VALID)
		return PURLIN_BAD_ARGUMENT;
	/* Making room may free the table. */
	batch_forget_table(run);
	while (pages) {
		const struct attachment *at = guest_find(run->guest, address, 1);
		uint64_t offset, part;
		uint32_t rights;
		status result;

		if (!at || !attachment_rights(at, (uint32_t)(word & 0xfff), &rights))
			return PURLIN_BAD_ARGUMENT;
		offset = address - at->address;
		part = at->pages - (offset >> PAGE_SHIFT);
		if (part > pages)
			part = pages;
		result = map_part(run, virtual_address, at->base.value + offset, part,
				  pte_bits(rights));
		if (result)
			return result;
		virtual_address += part * PAGE_SIZE;
		address += part * PAGE_SIZE;
		pages -= part;
	}
	used = run->account->used;
	run->work += (used - run->used) * TABLE_WORK;
	run->used = used;
	return PURLIN_OK;
}

/* PURLIN_MAP_* of a guest's entry, without its address. */
static uint64_t entry_rights(uint64_t flags)
{
	uint64_t rights = PURLIN_MAP_READ;

	if (!(~flags & (PURLIN_ENTRY_WRITE | PURLIN_ENTRY_DIRTY)))
		rights |= PURLIN_MAP_WRITE;
	if (!(flags & PURLIN_ENTRY_NO_EXECUTE))
		rights |= PURLIN_MAP_EXECUTE;
	if (flags & PURLIN_ENTRY_UNCACHED)
		rights |= PURLIN_MAP_UNCACHED;
	else if (flags & PURLIN_ENTRY_WRITE_COMBINING)
		rights |= PURLIN_MAP_WRITE_COMBINING;
	return rights;
}

/* The guest's table, in an attachment (often the one remembered) of plain memory; NULL if it is
 * not. */
static const uint64_t *guest_table(const struct batch_run *run, uint64_t address, uint64_t pages,
				   const struct attachment **attachment)
{
	const struct attachment *at = run->vcpu->last.attachment;

	if (run->vcpu->last.region == NO_REGION || address - at->address >= at->pages * PAGE_SIZE)
		at = guest_find(run->guest, address, 1);
	if (!at || at->memory->physical || !(at->rights & PURLIN_MAP_READ) || address % 8 ||
	    address % PAGE_SIZE / 8 + pages > TABLE_ENTRIES)
		return NULL;
	*attachment = at;
	return arch_physical_to_kernel(
		(struct physical){ at->base.value + (address - at->address) });
}

/* All rights, and cached: what Linux's memory is. */
static bool plain_memory(const struct attachment *at)
{
	const uint32_t all =
		PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_EXECUTE | PURLIN_MAP_WRITE_BACK;

	return at->rights == all;
}

/* For entries with these flags from now on; false: the attachment has not the rights. */
static bool remember_flags(struct last_map *last, uint64_t flags)
{
	const uint64_t writable = PURLIN_ENTRY_WRITE | PURLIN_ENTRY_DIRTY;
	uint32_t resolved;

	/* Of plain memory the cache bits say nothing: see attachment_rights(). */
	if (plain_memory(last->attachment)) {
		last->bits = PTE_PRESENT | PTE_USER | (flags & PTE_NX) |
			     (~flags & writable ? 0 : PTE_WRITE);
	} else {
		if (!attachment_rights(last->attachment, (uint32_t)entry_rights(flags), &resolved))
			return false;
		last->bits = pte_bits(resolved);
	}
	last->flags = flags;
	return true;
}

static bool held(uint64_t entry)
{
	return !(~entry & (PURLIN_ENTRY_PRESENT | PURLIN_ENTRY_ACCESSED));
}

/*
 * Make entries of the table remembered like those at `source`, as far as these are of the
 * attachment remembered; the number of pages done.
 */
static uint64_t follow(struct batch_run *run, uint64_t virtual_address, const uint64_t *source,
		       uint64_t pages)
{
	struct last_map *last = &run->vcpu->last;
	uint64_t *entry = last->table + table_index(virtual_address, 0);
	const uint64_t address = last->attachment->address;
	const uint64_t base = last->attachment->base.value;
	const uint64_t bytes = last->attachment->pages * PAGE_SIZE;
	uint64_t done;

	for (done = 0; done < pages; done++) {
		uint64_t from = __atomic_load_n(&source[done], __ATOMIC_RELAXED);
		uint64_t old = entry[done];
		uint64_t value = 0;

		if (held(from)) {
			uint64_t offset = (from & PTE_ADDRESS) - address;

			if (offset >= bytes)
				break;
			if ((from & PURLIN_ENTRY_RIGHTS) != last->flags &&
			    !remember_flags(last, from & PURLIN_ENTRY_RIGHTS))
				break;
			value = (base + offset) | last->bits;
		}
		checks_guest_entry(run->guest, value, PAGE_SIZE);
		if (old != value)
			entry[done] = value;
		if ((old & PTE_PRESENT) && old != value)
			tlb_batch_add(&run->lower, virtual_address + done * PAGE_SIZE);
	}
	return done;
}

/* One page without a table to remember: in the kernel half, or the first of its region. */
static status follow_slowly(struct batch_run *run, uint64_t virtual_address, uint64_t entry)
{
	uint64_t one = 1;

	if (held(entry))
		return batch_map(run, virtual_address, 1,
				 (entry & PTE_ADDRESS) | entry_rights(entry));
	if (virtual_address >= PURLIN_GUEST_KERNEL_BASE)
		range_change(table_at(run->guest->root), virtual_address, &one, RANGE_UNMAP,
			     &run->upper);
	return PURLIN_OK;
}

/* `at`: an attachment likely to have the pages, too. */
static bool region_remembered(struct batch_run *run, uint64_t virtual_address,
			      const struct attachment *at)
{
	return virtual_address >> REGION_SHIFT == run->vcpu->last.region ||
	       (virtual_address < PURLIN_GUEST_USER_END && remember(run, virtual_address, at));
}

status batch_table(struct batch_run *run, uint64_t virtual_address, uint64_t pages, uint64_t word)
{
	enum half half = range_half(virtual_address, pages);
	const struct attachment *at;
	const uint64_t *source = guest_table(run, word, pages, &at);

	if (!source || half == HALF_NONE || (half == HALF_LOWER && !run->space))
		return PURLIN_BAD_ARGUMENT;
	run->work += pages;
	while (pages) {
		uint64_t done = 0;

		if (region_remembered(run, virtual_address, at)) {
			uint64_t rest = TABLE_ENTRIES - table_index(virtual_address, 0);

			done = follow(run, virtual_address, source, pages < rest ? pages : rest);
		}
		if (!done) {
			status result = follow_slowly(run, virtual_address,
						      __atomic_load_n(source, __ATOMIC_RELAXED));

			if (result)
				return result;
			done = 1;
		}
		pages -= done;
		source += done;
		virtual_address += done * PAGE_SIZE;
	}
	return PURLIN_OK;
}
