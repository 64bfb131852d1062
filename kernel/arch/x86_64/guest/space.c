/* SPDX-License-Identifier: MIT */
/* Spaces: the lower halves of a guest's processes. */
#include "object/space.h"

#include "arch/checks.h"
#include "arch/cursor.h"
#include "arch/guest.h"
#include "arch/layout.h"
#include "base/arch.h"
#include "base/call.h"
#include "object/account.h"
#include "object/pd.h"
#include "object/vcpu.h"

#define LOWER_SLOTS 256

static __attribute__((noinline)) void mapped_set(struct space *space)
{
	struct guest *guest = space->guest;

	space->mapped = true;
	space->dropped = ++guest->generation;
	list_append(&guest->mapped, &space->mapped_link);
}

/* The entry of 4 KiB for an address, with the tables above it in both roots; NULL without memory.
 */
static uint64_t *lower_half_entry(struct space *space, uint64_t virtual_address)
{
	uint64_t *root = table_at(space->user_root);
	unsigned int slot = table_index(virtual_address, TABLE_LEVELS - 1);
	struct cursor cursor;

	if (__builtin_expect(!space->mapped, 0))
		mapped_set(space);
	cursor_start(&cursor, root, virtual_address);
	if (!cursor_descend(&cursor, 0, space->object.account))
		return NULL;
	table_at(space->kernel_root)[slot] = root[slot] | PTE_NX;
	return cursor.entry;
}

status lower_half_map(struct space *space, uint64_t virtual_address, uint64_t physical_address,
		      uint64_t pages, uint64_t bits, struct tlb_batch *gone)
{
	uint64_t value = physical_address | bits;

	while (pages) {
		uint64_t *entry = lower_half_entry(space, virtual_address);
		uint64_t *end = entry + (TABLE_ENTRIES - table_index(virtual_address, 0));

		if (!entry)
			return PURLIN_NO_MEMORY;
		for (; pages && entry < end; pages--, entry++) {
			if ((*entry & PTE_PRESENT) && *entry != value)
				tlb_batch_add(gone, virtual_address);
			checks_guest_entry(space->guest, value, PAGE_SIZE);
			*entry = value;
			value += PAGE_SIZE;
			virtual_address += PAGE_SIZE;
		}
	}
	return PURLIN_OK;
}

static void mapped_clear(struct space *space)
{
	if (space->guest->sweeping == space)
		space->guest->sweeping = NULL;
	space->mapped = false;
	list_remove(&space->mapped_link);
}

/* The kernel root follows the user root. False: something is mapped yet. */
static bool slots_follow(struct space *space)
{
	const uint64_t *user = table_at(space->user_root);
	uint64_t *kernel = table_at(space->kernel_root);
	bool empty = true;

	for (unsigned int slot = 0; slot < LOWER_SLOTS; slot++) {
		if (user[slot])
			empty = false;
		else
			kernel[slot] = 0;
	}
	return empty;
}

/* One round, from a span on: tables are unhooked, all processors let go of them, then they are
 * freed. True: that was the last round. */
static bool sweep(struct space *space, uint64_t *span)
{
	const struct tlb_batch everything = { .count = 1, .everything = true };
	struct table_list taken = { .count = 0 };
	bool all =
		tables_take(table_at(space->user_root), span, LOWER_SLOTS * SPANS_IN_SLOT, &taken);
	bool empty = slots_follow(space);

	if (taken.count) {
		space->guest->generation++;
		tlb_flush(&space->cpus, space->user_id, space->kernel_id, &everything);
		table_list_free(&taken, space->object.account);
	}
	if (empty)
		mapped_clear(space);
	return all || empty;
}

void space_reclaim(struct space *space)
{
	uint64_t span = 0;

	sweep(space, &span);
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
		mapped_set(space);
		space->swept = 0;
		guest->sweeping = space;
	}
	if (sweep(space, &space->swept))
		guest->sweeping = NULL;
	return false;
}

void space_slots_update(struct space *space)
{
	const struct guest *guest = space->guest;

	if (space->slots == guest->slots)
		return;
	__builtin_memcpy(table_at(space->kernel_root) + GUEST_PML4_FIRST,
			 table_at(guest->root) + GUEST_PML4_FIRST,
			 (TABLE_ENTRIES - GUEST_PML4_FIRST) * sizeof(uint64_t));
	space->slots = guest->slots;
}

status space_kill(struct object *object)
{
	struct space *space = space_of(object);
	struct guest *guest = space->guest;

	list_for_each(link, &guest->vcpus)
	{
		struct vcpu *vcpu = container_of(link, struct vcpu, guest_link);

		if (vcpu->space == space) {
			vcpu->space = NULL;
			vcpu->roots_changed = true;
		}
	}
	guest->generation++;
	mapped_clear(space);
	tlb_leave(&space->cpus, space->user_id, space->kernel_id);
	if (tables_free(table_at(space->user_root), 0, LOWER_SLOTS - 1, object->account) ==
	    CALL_RESTART)
		return CALL_RESTART;
	account_page_free(object->account, space->user_root);
	account_page_free(object->account, space->kernel_root);
	list_remove(&space->link);
	return PURLIN_OK;
}

/*
 * Spaces cannot be dropped as their mappings can. So many pages stay for tables: an instruction
 * and its way through the guest kernel need a few dozen at once, else it would fault for ever.
 */
#define TABLES_RESERVE 64
#define SPACE_PAGES 3 /* two roots and a slab for the object */

static bool space_fits(const struct account *account)
{
	return account->used <= account->limit &&
	       account->limit - account->used >= SPACE_PAGES + TABLES_RESERVE;
}

/* With both roots, not yet known to anybody; NULL without memory. */
static struct space *space_new(struct account *account)
{
	struct space *space =
		space_fits(account) ? account_allocate(account, sizeof(*space)) : NULL;

	if (!space)
		return NULL;
	space->user_root = root_create(account);
	if (!physical_valid(space->user_root))
		goto free_space;
	space->kernel_root = root_create(account);
	if (!physical_valid(space->kernel_root))
		goto free_user_root;
	return space;

free_user_root:
	account_page_free(account, space->user_root);
free_space:
	account_free(account, space);
	return NULL;
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
	while (!(space = space_new(account))) {
		if (!guest_reclaim(guest, NULL))
			return PURLIN_NO_MEMORY;
		if (arch_preemption_pending())
			return CALL_RESTART;
	}

	space->guest = guest;
	list_init(&space->mapped_link);
	space_slots_update(space);
	space->user_id = root_new_id();
	space->kernel_id = root_new_id();
	object_init(&space->object, PURLIN_TYPE_SPACE, account);
	list_append(&guest->spaces, &space->link);
	capability_fill(slot, &space->object, PURLIN_RIGHT_ALL, 0);
	return PURLIN_OK;
}
