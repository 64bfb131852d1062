// SPDX-License-Identifier: MIT
/* Entries of the kernel's tables that are not where the entry before was (object/batch_target.h).
 */
#include "object/batch_target.h"

#include "object/account.h"
#include "object/pd.h"

uint64_t *entry_make(struct batch *batch, struct space *space, uint64_t virtual_address, bool large)
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

uint64_t *entry_look(struct batch *batch, struct space *space, uint64_t virtual_address, bool make)
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
