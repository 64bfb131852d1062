// SPDX-License-Identifier: MIT
/* Spaces: the lower halves of a guest's processes. */
#include "object/space.h"

#include "base/arch.h"
#include "base/call.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/pd.h"

/*
 * The list is in the order of `dropped`: oldest first. A sweep takes the first, and ends when that
 * one is newer than what it looks for; reclaiming takes from those that were filled longest ago.
 */
static void mapped_note(struct space *space)
{
	struct guest *guest = space->guest;

	space->mapped = true;
	space->dropped = ++guest->generation;
	list_append(&guest->mapped, &space->mapped_link);
}

status space_open(struct space *space)
{
	status result = space->mapped ? PURLIN_OK : arch_space_create(space);

	if (result == PURLIN_OK && !space->mapped)
		mapped_note(space);
	return result;
}

static void mapped_clear(struct space *space)
{
	/* A sweep that was in it has nothing left to find there. */
	if (space->guest->sweeping == space)
		space->guest->sweeping = NULL;
	space->mapped = false;
	list_remove(&space->mapped_link);
}

/*
 * One round frees some tables, from where the round before ended. True: that was the last one.
 * Whatever was mapped before that place meanwhile is newer than the sweep.
 */
static bool sweep(struct space *space, uint64_t *progress)
{
	bool all, empty;

	/*
	 * This comes first: from now on vCPUs do not use the tables that they remember
	 * (entry_recent).
	 */
	space->guest->generation++;
	empty = arch_space_drop(space, progress, &all);
	/* No table is left, so the rest can be freed at once. */
	if (empty && !space_in_use(space) && arch_space_destroy(space) == PURLIN_OK)
		mapped_clear(space);
	return all || empty;
}

void space_reclaim(struct space *space)
{
	uint64_t progress = 0;

	sweep(space, &progress);
}

bool spaces_sweep(struct guest *guest, uint64_t generation)
{
	struct space *space = guest->sweeping;

	if (!space) {
		if (list_empty(&guest->mapped))
			return true;
		space = list_first(&guest->mapped, struct space, mapped_link);
		if (space->dropped > generation)
			return true;
		/* To the end of the list: what is mapped from now on is newer than the removal. */
		mapped_clear(space);
		mapped_note(space);
		space->swept = 0;
		guest->sweeping = space;
	}
	space_lock(space);
	if (sweep(space, &space->swept))
		guest->sweeping = NULL;
	space_unlock(space);
	return false;
}

status space_end(struct space *space)
{
	/* As in sweep(): nobody may remember a table that is about to go. */
	space->guest->generation++;
	/* Wait until every batch that saw the old generation has ended. */
	space_lock(space);
	space_unlock(space);
	if (space->mapped && arch_space_destroy(space) == CALL_RESTART)
		return CALL_RESTART;
	mapped_clear(space);
	list_remove(&space->link);
	return PURLIN_OK;
}

bool guest_reclaim(struct guest *guest, const struct space *keep)
{
	const struct account *account = guest->pd->object.account;
	uint64_t before = account->used;

	/*
	 * A space that a vCPU is in keeps its roots; any other space gives up at least its roots.
	 */
	list_for_each(link, &guest->mapped)
	{
		struct space *space = container_of(link, struct space, mapped_link);

		if (keep && space == keep)
			continue;
		space_lock(space);
		space_reclaim(space);
		space_unlock(space);
		if (account->used < before)
			break;
	}
	trace(PURLIN_TRACE_MEMORY, "%s: account full, mappings of a space dropped\n",
	      guest->pd->name);
	return account->used < before;
}

/*
 * Spaces themselves cannot be dropped. So many pages for each vCPU and once more stay for roots
 * and tables: an instruction and its way through the guest kernel need a few dozen at once. With
 * fewer it would fault for ever, or two vCPUs would take the tables from each other.
 */
#define TABLES_RESERVE 32

static bool space_fits(const struct guest *guest)
{
	const struct account *account = guest->pd->object.account;

	return account->used <= account->limit &&
	       account->limit - account->used > TABLES_RESERVE * (guest->pd->thread_count + 1);
}

/* Not yet known to anybody; NULL without memory. */
static struct space *space_new(struct guest *guest, struct account *account)
{
	struct space *space = space_fits(guest) ? account_allocate(account, sizeof(*space)) : NULL;

	if (space)
		space->guest = guest;
	return space;
}

CALL_HANDLER(space_create)
{
	struct pd *pd = pd_of(call->object);
	struct account *account = pd->object.account;
	struct capability *slot;
	struct guest *guest;
	struct space *space;
	status result;

	result = guest_slot(call, &slot);
	if (result)
		return result;
	guest = guest_of(pd);
	if (!guest)
		return PURLIN_NO_MEMORY;
	/* The mappings of processes are a cache: they make room for a further process. */
	while (!(space = space_new(guest, account))) {
		if (!guest_reclaim(guest, NULL))
			return PURLIN_NO_MEMORY;
		if (arch_preemption_pending())
			return CALL_RESTART;
	}

	list_init(&space->mapped_link);
	object_init(&space->object, PURLIN_TYPE_SPACE, account);
	list_append(&guest->spaces, &space->link);
	capability_fill(slot, &space->object, PURLIN_RIGHT_ALL, 0);
	return PURLIN_OK;
}
