/* SPDX-License-Identifier: MIT */
/*
 * Batches: changes of mappings as a guest noted them (abi/purlin/vcpu.h). The guest
 * may rewrite the batch meanwhile: every word is read once and checked then.
 */
#include "arch/batch.h"
#include "base/arch.h"
#include "base/call.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/pd.h"

/* Between looks for an interrupt, which cost a hundred instructions; a page takes some 30. */
#define CHECK_EVERY 512 /* pages */
#define ENTRY_WORK 8	/* what an entry costs besides its pages, in pages */
#define FLUSH_WORK 64

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

	run->work += FLUSH_WORK;
	run_flush(run);
	batch_forget_table(run);
	if (!slot) {
		run->space = run->vcpu->space;
		run->vcpu->batch_slot = 0;
		return PURLIN_OK;
	}
	if (capability_of(&run->vcpu->thread.pd->capabilities, slot, PURLIN_TYPE_SPACE, 0,
			  &capability))
		return PURLIN_BAD_ARGUMENT;
	if (space_of(capability->object)->guest != run->guest)
		return PURLIN_BAD_ARGUMENT;
	run->space = space_of(capability->object);
	run->vcpu->batch_slot = slot;
	return PURLIN_OK;
}

static status change(struct batch_run *run, uint64_t virtual_address, uint64_t pages,
		     enum range_work work)
{
	enum half half = range_half(virtual_address, pages);
	struct vcpu *vcpu = run->vcpu;
	/* A guest that has exchanged an interrupted entry for a shorter one gets nothing for it. */
	uint64_t done = vcpu->batch_pages < pages ? vcpu->batch_pages : pages;
	uint64_t rest = pages - done;
	uint64_t left = rest;
	uint64_t *root;

	if (half == HALF_NONE || (half == HALF_LOWER && !run->space))
		return PURLIN_BAD_ARGUMENT;
	root = table_at(half == HALF_LOWER ? run->space->user_root : run->guest->root);
	range_change(root, virtual_address + done * PAGE_SIZE, &left, work,
		     half == HALF_LOWER ? &run->lower : &run->upper);
	if (left > 1)
		run->work += left < CHECK_EVERY ? left - 1 : CHECK_EVERY;
	if (left < rest) {
		vcpu->batch_pages += left;
		return CALL_RESTART;
	}
	vcpu->batch_pages = 0;
	return PURLIN_OK;
}

static uint64_t entry_pages(uint64_t word0)
{
	return ((word0 >> 4) & 0xff) + 1;
}

static status entry_apply(struct batch_run *run, uint64_t word0, uint64_t word1)
{
	uint64_t virtual_address = word0 & ~(PAGE_SIZE - 1);

	switch (word0 & 0xf) {
	case PURLIN_BATCH_SPACE:
		return choose_space(run, word1);
	case PURLIN_BATCH_MAP:
		run->work += entry_pages(word0) - 1;
		return batch_map(run, virtual_address, entry_pages(word0), word1);
	case PURLIN_BATCH_UNMAP:
		return change(run, virtual_address, word1, RANGE_UNMAP);
	case PURLIN_BATCH_WRITE_PROTECT:
		return change(run, virtual_address, word1, RANGE_WRITE_PROTECT);
	default:
		return PURLIN_BAD_ARGUMENT;
	}
}

static bool interrupted(struct batch_run *run)
{
	run->work += ENTRY_WORK;
	if (run->work < CHECK_EVERY)
		return false;
	run->work = 0;
	return arch_preemption_pending();
}

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
	run.account = vcpu->thread.object.account;
	run.used = run.account->used;
	run.space = vcpu->space;
	if (!run.space || vcpu->last.space != run.space ||
	    vcpu->last.generation != run.guest->generation)
		batch_forget_table(&run);
	run.lower.count = run.upper.count = 0;
	run.lower.everything = run.upper.everything = false;
	run.work = 0;
	if (vcpu->batch_slot && choose_space(&run, vcpu->batch_slot))
		return batch_bad(vcpu, PURLIN_BAD_ARGUMENT, vcpu->batch_next, vcpu->batch_slot, 0);
	for (i = vcpu->batch_next; i < entries; i++) {
		word0 = __atomic_load_n(&state->batch[i].word0, __ATOMIC_RELAXED);
		word1 = __atomic_load_n(&state->batch[i].word1, __ATOMIC_RELAXED);
		count(BATCH_ENTRIES);
		/* Nearly all are of this kind. */
		if ((word0 & 0xf) == PURLIN_BATCH_TABLE)
			result = batch_table(&run, word0 & ~(PAGE_SIZE - 1), entry_pages(word0),
					     word1);
		else
			result = entry_apply(&run, word0, word1);
		if (result == PURLIN_OK && interrupted(&run) && i + 1 < entries) {
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
	if (run.lower.count | run.upper.count)
		run_flush(&run);
	vcpu->batch_next = 0;
	vcpu->batch_pages = 0;
	vcpu->batch_slot = 0;
	if (result)
		return batch_bad(vcpu, result, i, word0, word1);
	__atomic_store_n(&state->batch_count, 0, __ATOMIC_RELAXED);
	return PURLIN_OK;
}
