// SPDX-License-Identifier: MIT
/* Spaces: the lower halves of a guest's processes. */
#include "object/space.h"

#include "base/arch.h"
#include "base/call.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/pd.h"

void space_mapped(struct space *space)
{
	struct guest *guest = space->guest;

	space->mapped = true;
	space->dropped = ++guest->generation;
	list_append(&guest->mapped, &space->mapped_link);
}

static void mapped_clear(struct space *space)
{
	if (space->guest->sweeping == space)
		space->guest->sweeping = NULL;
	space->mapped = false;
	list_remove(&space->mapped_link);
}

/*
 * One round: some tables go, from where the round before ended. True: that was the last one. What
 * was mapped in front meanwhile is newer than the sweep.
 */
static bool sweep(struct space *space, uint64_t *progress)
{
	bool all, empty;

	space->guest->generation++;
	empty = arch_space_drop(space, progress, &all);
	if (empty)
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
		mapped_clear(space);
		space_mapped(space);
		space->swept = 0;
		guest->sweeping = space;
	}
	if (sweep(space, &space->swept))
		guest->sweeping = NULL;
	return false;
}

status space_end(struct space *space)
{
	space->guest->generation++;
	mapped_clear(space);
	if (arch_space_destroy(space) == CALL_RESTART)
		return CALL_RESTART;
	list_remove(&space->link);
	return PURLIN_OK;
}

bool guest_reclaim(struct guest *guest, const struct space *keep)
{
	struct list *first = guest->mapped.next;

	if (keep && first == &keep->mapped_link)
		first = first->next;
	if (first == &guest->mapped)
		return false;
	trace(PURLIN_TRACE_MEMORY, "%s: account full, mappings of a space dropped\n",
	      guest->pd->name);
	space_reclaim(container_of(first, struct space, mapped_link));
	return true;
}

/*
 * Spaces cannot be dropped as their mappings can. So many pages stay for tables: an instruction
 * and its way through the guest kernel need a few dozen at once, else it would fault for ever.
 */
#define TABLES_RESERVE 64
#define SPACE_PAGES (ARCH_SPACE_PAGES + 1) /* and a slab for the object */

static bool space_fits(const struct account *account)
{
	return account->used <= account->limit &&
	       account->limit - account->used >= SPACE_PAGES + TABLES_RESERVE;
}

/* Not yet known to anybody; NULL without memory. */
static struct space *space_new(struct guest *guest, struct account *account)
{
	struct space *space =
		space_fits(account) ? account_allocate(account, sizeof(*space)) : NULL;

	if (!space)
		return NULL;
	space->guest = guest;
	space->object.account = account;
	if (arch_space_create(space) != PURLIN_OK) {
		account_free(account, space);
		return NULL;
	}
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

	if (!pd_is_guest(pd))
		return call_refuse(1, PURLIN_BUSY);
	result = call_slot(call, &slot);
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
