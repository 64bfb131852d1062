/* SPDX-License-Identifier: MIT */
/*
 * Batches: changes of mappings as a guest noted them (abi/purlin/vcpu.h). The guest
 * may rewrite the batch meanwhile: every word is read once and checked then.
 */
#include "arch/guest.h"
#include "core/arch.h"
#include "core/call.h"
#include "debug/log.h"
#include "object/pd.h"
#include "object/vcpu.h"

#define CHECK_EVERY 32 /* entries between looks for an interrupt */

#define NO_REGION (~0ull)
#define REGION_SHIFT (PAGE_SHIFT + 9)

struct batch_run {
	struct vcpu *vcpu;
	struct guest *guest;
	struct space *space; /* NULL: none chosen, only the kernel half */
	struct tlb_batch lower, upper;
};

static void run_flush(struct batch_run *run)
{
	if (run->lower.count && run->space)
		tlb_flush(&run->space->cpus, run->space->user_id, run->space->kernel_id,
			  &run->lower);
	if (run->upper.count)
		kernel_half_flush(run->guest, &run->upper);
	run->lower.count = run->upper.count = 0;
	run->lower.everything = run->upper.everything = false;
}

static status choose_space(struct batch_run *run, uint64_t slot)
{
	struct capability *capability;

	run_flush(run);
	run->vcpu->last.region = NO_REGION;
	if (!slot) {
		run->space = run->vcpu->space;
		run->vcpu->batch_slot = 0;
		return PURLIN_OK;
	}
	if (capability_of(&run->vcpu->thread, slot, PURLIN_TYPE_SPACE, 0, &capability))
		return PURLIN_BAD_ARGUMENT;
	if (space_of(capability->object)->guest != run->guest)
		return PURLIN_BAD_ARGUMENT;
	run->space = space_of(capability->object);
	run->vcpu->batch_slot = slot;
	return PURLIN_OK;
}

/* 0: not a range of one half. */
static int range_half(uint64_t virtual_address, uint64_t pages)
{
	if (virtual_address < PURLIN_GUEST_USER_END)
		return pages <= (PURLIN_GUEST_USER_END - virtual_address) >> PAGE_SHIFT ? 1 : 0;
	if (virtual_address >= PURLIN_GUEST_KERNEL_BASE)
		return pages <= (0 - virtual_address) >> PAGE_SHIFT ? 2 : 0;
	return 0;
}

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

	do {
		result = map_pages(run, virtual_address, physical_address, pages, bits);
	} while (result == PURLIN_NO_MEMORY && guest_reclaim(run->guest, run->space));
	if (result != PURLIN_NO_MEMORY || !run->space || !run->space->mapped)
		return result;
	space_drop(run->space);
	return map_pages(run, virtual_address, physical_address, pages, bits);
}

static void remember(struct batch_run *run, uint64_t virtual_address,
		     const struct attachment *attachment, uint64_t rights, uint64_t bits)
{
	uint64_t *entry =
		table_entry(table_at(run->space->user_root), virtual_address, 0, NULL, NULL);

	run->vcpu->last = (struct last_map){
		.space = run->space,
		.generation = run->guest->generation,
		.region = virtual_address >> REGION_SHIFT,
		.table = entry - table_index(virtual_address, 0),
		.attachment = attachment,
		.rights = rights,
		.bits = bits,
	};
}

static status map(struct batch_run *run, uint64_t virtual_address, uint64_t pages, uint64_t word)
{
	uint64_t address = word & PTE_ADDRESS;
	int half = range_half(virtual_address, pages);

	if (!half || (half == 1 && !run->space) || (word & ~PTE_ADDRESS) > PURLIN_MAP_VALID)
		return PURLIN_BAD_ARGUMENT;
	/* Making room may free the table. */
	run->vcpu->last.region = NO_REGION;
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
		if (half == 1 && pages == 1)
			remember(run, virtual_address, at, word & 0xfff, pte_bits(rights));
		virtual_address += part * PAGE_SIZE;
		address += part * PAGE_SIZE;
		pages -= part;
	}
	return PURLIN_OK;
}

/* The short way for a page of the same table and attachment as the last one. */
static bool map_again(struct batch_run *run, uint64_t word0, uint64_t word1)
{
	struct last_map *last = &run->vcpu->last;
	uint64_t rights = word1 & ~PTE_ADDRESS;
	uint64_t offset, value, *entry;

	if (word0 >> REGION_SHIFT != last->region || (word0 & (PAGE_SIZE - 1)) != PURLIN_BATCH_MAP)
		return false;
	if (rights != last->rights) {
		uint32_t resolved;

		if (rights > PURLIN_MAP_VALID ||
		    !attachment_rights(last->attachment, (uint32_t)rights, &resolved))
			return false;
		last->rights = rights;
		last->bits = pte_bits(resolved);
	}
	offset = (word1 & PTE_ADDRESS) - last->attachment->address;
	if (offset >> PAGE_SHIFT >= last->attachment->pages)
		return false;
	value = (last->attachment->base.value + offset) | last->bits;
	entry = &last->table[table_index(word0, 0)];
	if ((*entry & PTE_PRESENT) && *entry != value)
		tlb_batch_add(&run->lower, word0 & ~(PAGE_SIZE - 1));
	*entry = value;
	return true;
}

static status change(struct batch_run *run, uint64_t virtual_address, uint64_t pages,
		     enum range_work work)
{
	int half = range_half(virtual_address, pages);
	struct vcpu *vcpu = run->vcpu;
	/* A guest that has exchanged an interrupted entry for a shorter one gets nothing for it. */
	uint64_t done = vcpu->batch_pages < pages ? vcpu->batch_pages : pages;
	uint64_t rest = pages - done;
	uint64_t left = rest;
	uint64_t *root;

	if (!half || (half == 1 && !run->space))
		return PURLIN_BAD_ARGUMENT;
	root = table_at(half == 1 ? run->space->user_root : run->guest->root);
	range_change(root, virtual_address + done * PAGE_SIZE, &left, work,
		     half == 1 ? &run->lower : &run->upper);
	if (left < rest) {
		vcpu->batch_pages += left;
		return CALL_RESTART;
	}
	vcpu->batch_pages = 0;
	return PURLIN_OK;
}

static status entry_apply(struct batch_run *run, uint64_t word0, uint64_t word1)
{
	uint64_t virtual_address = word0 & ~(PAGE_SIZE - 1);

	switch (word0 & 0xf) {
	case PURLIN_BATCH_SPACE:
		return choose_space(run, word1);
	case PURLIN_BATCH_MAP:
		return map(run, virtual_address, ((word0 >> 4) & 0xff) + 1, word1);
	case PURLIN_BATCH_UNMAP:
		return change(run, virtual_address, word1, RANGE_UNMAP);
	case PURLIN_BATCH_WRITE_PROTECT:
		return change(run, virtual_address, word1, RANGE_WRITE_PROTECT);
	default:
		return PURLIN_BAD_ARGUMENT;
	}
}

static status batch_bad(struct vcpu *vcpu, status why, uint32_t index, uint64_t word0,
			uint64_t word1)
{
	bool poor = why == PURLIN_NO_MEMORY;

	log_print("%s: %s batch entry %u: %llx %llx\n", vcpu->thread.pd->name,
		  poor ? "no memory for" : "bad", index, (unsigned long long)word0,
		  (unsigned long long)word1);
	pd_stop(vcpu->thread.pd, poor ? PURLIN_STOP_NO_MEMORY : PURLIN_STOP_BAD_BATCH, index);
	return PURLIN_BAD_ARGUMENT;
}

status batch_apply(struct vcpu *vcpu)
{
	struct purlin_vcpu_state *state = vcpu->state;
	struct batch_run run;
	uint64_t word0 = 0, word1 = 0;
	uint32_t entries;
	status result = PURLIN_OK;
	uint32_t i;

	if (!state)
		return PURLIN_OK;
	entries = __atomic_load_n(&state->batch_count, __ATOMIC_RELAXED);
	if (!entries)
		return PURLIN_OK;
	if (entries > PURLIN_BATCH_ENTRIES)
		return batch_bad(vcpu, PURLIN_BAD_ARGUMENT, entries, 0, 0);
	count(BATCHES);
	run.vcpu = vcpu;
	run.guest = vcpu->guest;
	run.space = vcpu->space;
	if (!run.space || vcpu->last.space != run.space ||
	    vcpu->last.generation != run.guest->generation)
		vcpu->last.region = NO_REGION;
	run.lower.count = run.upper.count = 0;
	run.lower.everything = run.upper.everything = false;
	if (vcpu->batch_slot && choose_space(&run, vcpu->batch_slot))
		return batch_bad(vcpu, PURLIN_BAD_ARGUMENT, vcpu->batch_next, vcpu->batch_slot, 0);
	for (i = vcpu->batch_next; i < entries; i++) {
		word0 = __atomic_load_n(&state->batch[i].word0, __ATOMIC_RELAXED);
		word1 = __atomic_load_n(&state->batch[i].word1, __ATOMIC_RELAXED);
		count(BATCH_ENTRIES);
		result =
			map_again(&run, word0, word1) ? PURLIN_OK : entry_apply(&run, word0, word1);
		if (result == PURLIN_OK && i % CHECK_EVERY == CHECK_EVERY - 1 && i + 1 < entries &&
		    arch_preemption_pending()) {
			i++;
			result = CALL_RESTART;
		}
		if (result == CALL_RESTART) {
			vcpu->batch_next = i;
			run_flush(&run);
			return CALL_RESTART;
		}
		if (result)
			break;
	}
	run_flush(&run);
	vcpu->batch_next = 0;
	vcpu->batch_pages = 0;
	vcpu->batch_slot = 0;
	if (result)
		return batch_bad(vcpu, result, i, word0, word1);
	__atomic_store_n(&state->batch_count, 0, __ATOMIC_RELAXED);
	return PURLIN_OK;
}
