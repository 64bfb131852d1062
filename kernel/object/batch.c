// SPDX-License-Identifier: MIT
/*
 * Batches: changes of mappings as a guest noted them (abi/purlin/vcpu.h), from the words in the
 * state page to entries of page tables.
 *
 * The guest may rewrite the batch and its own page tables meanwhile: every word is read once, and
 * what was read is checked. The kernel's tables change under the lock of the space or, for the
 * kernel half, the kernel's only, and what they lose is flushed before that is given up: before the
 * batch ends, the space changes or the call is left. So no processor can use a mapping that the
 * guest knows to be gone.
 */
#include "object/batch.h"

#include "base/arch.h"
#include "base/call.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/pd.h"

static void batch_flush(struct batch *batch)
{
	if (batch->lower.count && batch->space)
		arch_guest_flush(batch->guest, batch->space, &batch->lower);
	if (batch->upper.count)
		arch_guest_flush(batch->guest, NULL, &batch->upper);
	batch->lower.count = batch->upper.count = 0;
	batch->lower.everything = batch->upper.everything = false;
}

static void batch_choose(struct batch *batch, struct space *space)
{
	if (batch->space)
		space_unlock(batch->space);
	if (space)
		space_lock(space);
	batch->space = space;
}

/* The entries that follow speak of another space. The slot is kept for a restarted call. */
static status batch_space(struct batch *batch, uint64_t slot)
{
	struct capability *capability;

	/* Flush before the space changes: the pages collected so far are of the old one. */
	batch->work += FLUSH_WORK;
	batch_flush(batch);
	if (!slot) {
		batch_choose(batch, batch->vcpu->space);
		batch->vcpu->batch_slot = 0;
		return PURLIN_OK;
	}
	if (capability_of(&batch->vcpu->thread.pd->capabilities, slot, PURLIN_TYPE_SPACE, 0,
			  &capability))
		return PURLIN_BAD_ARGUMENT;
	if (space_of(capability->object)->guest != batch->guest)
		return PURLIN_BAD_ARGUMENT;
	batch_choose(batch, space_of(capability->object));
	batch->vcpu->batch_slot = slot;
	return PURLIN_OK;
}

/* Do one entry of any kind but PURLIN_BATCH_TABLE. */
static status entry_apply(struct batch *batch, uint64_t word0, uint64_t word1)
{
	uint64_t virtual_address = word0 & ~(PAGE_SIZE - 1);

	switch (word0 & 0xf) {
	case PURLIN_BATCH_SPACE:
		return batch_space(batch, word1);
	case PURLIN_BATCH_MAP:
		batch->work += entry_pages(word0) - 1;
		return batch_map(batch, virtual_address, entry_pages(word0), word1);
	case PURLIN_BATCH_LARGE:
		return batch_large(batch, virtual_address, word1);
	case PURLIN_BATCH_UNMAP:
		return batch_range(batch, virtual_address, word1, RANGE_UNMAP);
	case PURLIN_BATCH_WRITE_PROTECT:
		return batch_range(batch, virtual_address, word1, RANGE_WRITE_PROTECT);
	default:
		return PURLIN_BAD_ARGUMENT;
	}
}

static bool interrupted(struct batch *batch)
{
	/*
	 * Asking the controller takes as long as several entries: it is asked after a number of
	 * steps that keeps to docs/latency.md.
	 */
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
		/* Nearly all entries are of this kind. */
		if ((word0 & 0xf) == PURLIN_BATCH_TABLE)
			result = batch_table(batch, word0 & ~(PAGE_SIZE - 1), entry_pages(word0),
					     word1);
		else
			result = entry_apply(batch, word0, word1);
		if (result == CALL_RESTART)
			return CALL_RESTART;
		if (result)
			return batch_bad(batch->vcpu, result, *index, word0, word1);
		/* Not after the last entry: then the batch is done, and the call ends anyway. */
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
	/* Other vCPUs of the guest can write the page: only what is read here counts. */
	entries = __atomic_load_n(&state->batch_count, __ATOMIC_RELAXED);
	if (!entries)
		return PURLIN_OK;
	if (entries > PURLIN_BATCH_ENTRIES)
		return batch_bad(vcpu, PURLIN_BAD_ARGUMENT, entries, 0, 0);
	count(BATCHES);
	batch.vcpu = vcpu;
	batch.guest = vcpu->guest;
	batch.space = NULL;
	batch.alone = false;
	batch_choose(&batch, vcpu->space);
	batch.lower.count = batch.upper.count = 0;
	batch.lower.everything = batch.upper.everything = false;
	batch.work = 0;
	/* An earlier round was interrupted after an entry that named a space. */
	if (vcpu->batch_slot && batch_space(&batch, vcpu->batch_slot))
		result = batch_bad(vcpu, PURLIN_BAD_ARGUMENT, index, vcpu->batch_slot, 0);
	else
		result = entries_apply(&batch, &index, entries);
	/*
	 * This is needed after a refusal and before a restart, too, since the lock is about to be
	 * given up.
	 */
	if (batch.lower.count | batch.upper.count)
		batch_flush(&batch);
	batch_choose(&batch, NULL);
	if (result == CALL_RESTART) {
		vcpu->batch_next = index;
		return CALL_RESTART;
	}
	vcpu->batch_next = 0;
	vcpu->batch_pages = 0;
	vcpu->batch_slot = 0;
	/*
	 * This comes last: a guest that sees 0 from another vCPU may rely on the removals of the
	 * batch.
	 */
	if (result == PURLIN_OK)
		__atomic_store_n(&state->batch_count, 0, __ATOMIC_RELAXED);
	return result;
}
