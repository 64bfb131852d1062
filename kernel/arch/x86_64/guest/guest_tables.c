// SPDX-License-Identifier: MIT
/*
 * Page tables of guests: see arch/guest.h for how they hang together.
 *
 * A new slot of the kernel half is copied to the spaces that vCPUs are in at once, since one of
 * them may run; to each other space before it is loaded the next time.
 */
#include "object/arch_guest.h"

#include "arch/cursor.h"
#include "arch/layout.h"
#include "arch/range.h"
#include "arch/vcpu.h"
#include "base/arch.h"
#include "base/call.h"
#include "object/account.h"
#include "object/pd.h"

#define LOWER_SLOTS 256
#define SPANS_AT_ONCE 2 /* between looks for an interrupt */

status arch_guest_create(struct guest *guest)
{
	guest->arch.root = root_create(guest->pd->object.account);
	guest->arch.id = root_new_id();
	return physical_valid(guest->arch.root) ? PURLIN_OK : PURLIN_NO_MEMORY;
}

status arch_guest_destroy(struct guest *guest)
{
	struct account *account = guest->pd->object.account;

	if (!physical_valid(guest->arch.root))
		return PURLIN_OK;
	/*
	 * No processor may walk through the tables when they are freed. A vCPU without a space runs
	 * on this root; the spaces' kernel roots, which share its tables, have ended before
	 * (guest_destroy).
	 */
	tlb_leave(&guest->arch.cpus, guest->arch.id, 0);
	if (tables_free(table_at(guest->arch.root), GUEST_PML4_FIRST, TABLE_ENTRIES - 1, account) ==
	    CALL_RESTART)
		return CALL_RESTART;
	account_page_free(account, guest->arch.root);
	guest->arch.root = PHYSICAL_NONE;
	return PURLIN_OK;
}

void space_slots_update(struct space *space)
{
	const struct arch_guest *guest = &space->guest->arch;

	/* A slot keeps its table once it has one, so it is enough to compare how many came. */
	if (space->arch.slots == guest->slots)
		return;
	__builtin_memcpy(table_at(space->arch.kernel_root) + GUEST_PML4_FIRST,
			 table_at(guest->root) + GUEST_PML4_FIRST,
			 (TABLE_ENTRIES - GUEST_PML4_FIRST) * sizeof(uint64_t));
	space->arch.slots = guest->slots;
}

status arch_space_create(struct space *space)
{
	struct account *account = space->object.account;

	space->arch.user_root = root_create(account);
	if (!physical_valid(space->arch.user_root))
		return PURLIN_NO_MEMORY;
	space->arch.kernel_root = root_create(account);
	if (!physical_valid(space->arch.kernel_root)) {
		account_page_free(account, space->arch.user_root);
		return PURLIN_NO_MEMORY;
	}
	space->arch.user_id = root_new_id();
	space->arch.kernel_id = root_new_id();
	space->arch.cpus = 0;
	space->arch.slots = 0;
	space_slots_update(space);
	return PURLIN_OK;
}

status arch_space_destroy(struct space *space)
{
	struct account *account = space->object.account;

	/* Both roots at once: one message to each processor that has had either. */
	tlb_leave(&space->arch.cpus, space->arch.user_id, space->arch.kernel_id);
	if (tables_free(table_at(space->arch.user_root), 0, LOWER_SLOTS - 1, account) ==
	    CALL_RESTART)
		return CALL_RESTART;
	account_page_free(account, space->arch.user_root);
	account_page_free(account, space->arch.kernel_root);
	return PURLIN_OK;
}

static uint64_t *half_root(const struct guest *guest, const struct space *space)
{
	return table_at(space ? space->arch.user_root : guest->arch.root);
}

/* A slot of the kernel half is new. */
static void slot_spread(struct guest *guest)
{
	guest->arch.slots++;
	list_for_each(link, &guest->vcpus)
	{
		struct vcpu *vcpu = container_of(link, struct vcpu, guest_link);

		/*
		 * One of these may run on another processor right now. It needs no flush: the slot
		 * was empty, and that is not cached.
		 */
		vcpu_lock(vcpu);
		if (vcpu->space)
			space_slots_update(vcpu->space);
		vcpu_unlock(vcpu);
	}
}

/* To the entry of `level`, with tables; false without memory, or at a large page. */
static bool entry_reach(struct cursor *cursor, struct guest *guest, struct space *space,
			uint64_t virtual_address, unsigned int level)
{
	uint64_t *root = half_root(guest, space);
	unsigned int slot = table_index(virtual_address, TABLE_LEVELS - 1);
	bool was_there = root[slot] & PTE_PRESENT, reached;

	cursor_start(cursor, root, virtual_address);
	reached = cursor_descend(cursor, level, guest->pd->object.account);
	/*
	 * Also when nothing was reached for want of memory: the slot may have got its table all the
	 * same, and the next look would not find it new.
	 */
	if (!space && !was_there && (root[slot] & PTE_PRESENT))
		slot_spread(guest);
	if (space && reached)
		/*
		 * Linux must not execute what a process wrote: for ring 3 this is what SMEP is for
		 * ring 0.
		 */
		table_at(space->arch.kernel_root)[slot] = root[slot] | PTE_NX;
	return reached;
}

static const struct tlb_batch everything = { .count = 1, .everything = true };

/*
 * A large page of a lower half is in the way. It is not split: the guest has taken it away before
 * it maps parts, if it is not broken.
 */
static void large_drop(struct cursor *cursor, struct guest *guest, struct space *space)
{
	const struct tlb_batch gone = { .count = 1, .page = { cursor->address } };

	*cursor->entry = 0;
	arch_guest_flush(guest, space, &gone);
}

uint64_t *arch_guest_entry(struct guest *guest, struct space *space, uint64_t virtual_address,
			   bool make)
{
	struct account *account = make ? guest->pd->object.account : NULL;
	struct cursor cursor;

	if (make) {
		if (entry_reach(&cursor, guest, space, virtual_address, 0))
			return cursor.entry;
	} else {
		cursor_start(&cursor, half_root(guest, space), virtual_address);
		if (cursor_descend(&cursor, 0, NULL))
			return cursor.entry;
	}
	if (!cursor_at_large(&cursor))
		return NULL;
	/* What is left of the large page keeps its rights; its TLB entry goes with this page's. */
	if (space)
		large_drop(&cursor, guest, space);
	else if (!make || !cursor_split(&cursor, account))
		return NULL;
	return cursor_descend(&cursor, 0, account) ? cursor.entry : NULL;
}

/*
 * Where small pages were mapped before. Others may know their table: what they remember becomes
 * void, and it is freed when no processor can have kept the way to it.
 */
static void table_drop(uint64_t *entry, struct guest *guest, struct space *space)
{
	struct physical table = { *entry & PTE_ADDRESS };

	*entry = 0;
	guest->generation++;
	arch_guest_flush(guest, space, &everything);
	account_page_free(guest->pd->object.account, table);
}

uint64_t *arch_guest_large_entry(struct guest *guest, struct space *space, uint64_t virtual_address)
{
	struct cursor cursor;

	if (!entry_reach(&cursor, guest, space, virtual_address, 1))
		return NULL;
	if ((*cursor.entry & PTE_PRESENT) && !cursor_at_large(&cursor)) {
		if (!space)
			return NULL;
		table_drop(cursor.entry, guest, space);
	}
	return cursor.entry;
}

void arch_guest_change(struct guest *guest, struct space *space, uint64_t virtual_address,
		       uint64_t *pages, enum range_work work, struct tlb_batch *gone)
{
	range_change(half_root(guest, space), virtual_address, pages, work, gone);
}

void arch_guest_flush(struct guest *guest, struct space *space, const struct tlb_batch *gone)
{
	if (!gone->count)
		return;
	/*
	 * The lower half is one space's: those that ran it are asked. The upper half is in every
	 * space, so every processor that ever ran this guest is.
	 */
	if (space)
		tlb_flush(&space->arch.cpus, space->arch.user_id, space->arch.kernel_id, gone);
	else if (guest->arch.cpus)
		tlb_flush_kernel_half(guest->arch.cpus, gone);
}

/* The kernel root follows the user root. False: something is mapped yet. */
static bool slots_follow(struct space *space)
{
	const uint64_t *user = table_at(space->arch.user_root);
	uint64_t *kernel = table_at(space->arch.kernel_root);
	bool empty = true;

	for (unsigned int slot = 0; slot < LOWER_SLOTS; slot++) {
		if (user[slot])
			empty = false;
		else
			kernel[slot] = 0;
	}
	return empty;
}

bool arch_space_drop(struct space *space, uint64_t *progress, bool *all)
{
	struct table_list taken = { .count = 0 };
	bool empty;

	*all = tables_take(table_at(space->arch.user_root), progress, LOWER_SLOTS * SPANS_IN_SLOT,
			   &taken);
	/* Before the flush: the kernel root must not lead to a table that is about to be freed. */
	empty = slots_follow(space);
	/* Unhooked, then forgotten by all processors, then freed. */
	if (taken.count || taken.large) {
		arch_guest_flush(space->guest, space, &everything);
		table_list_free(&taken, space->object.account);
	}
	return empty;
}

/* Clear what maps addresses first..last; a large page goes as a whole, as it was mapped. */
static void span_clear(uint64_t *span, uint64_t first, uint64_t last)
{
	uint64_t *table = table_below(*span);

	if (*span & PTE_LARGE) {
		uint64_t address = *span & PTE_ADDRESS;

		if (address + LARGE_PAGE_SIZE > first && address <= last)
			*span = 0;
		return;
	}
	for (unsigned int i = 0; i < TABLE_ENTRIES; i++) {
		uint64_t address = table[i] & PTE_ADDRESS;

		if ((table[i] & PTE_PRESENT) && address >= first && address <= last)
			table[i] = 0;
	}
}

status arch_guest_revoke(struct guest *guest, struct physical base, uint64_t pages,
			 uint64_t *progress)
{
	unsigned int work = 0;
	struct cursor cursor;

	/*
	 * All of the half, since nothing notes where an attachment is mapped: that would cost at
	 * each mapping what is needed at a rare removal.
	 */
	cursor_open(&cursor, table_at(guest->arch.root),
		    GUEST_PML4_FIRST * SPANS_IN_SLOT + *progress, TABLE_ENTRIES * SPANS_IN_SLOT);
	while (cursor_next(&cursor)) {
		if (cursor.level == 1)
			span_clear(cursor.entry, base.value, base.value + pages * PAGE_SIZE - 1);
		*progress = cursor.next - GUEST_PML4_FIRST * SPANS_IN_SLOT;
		if (++work % SPANS_AT_ONCE == 0 && arch_preemption_pending())
			return CALL_RESTART;
	}
	*progress = (TABLE_ENTRIES - GUEST_PML4_FIRST) * SPANS_IN_SLOT;
	return PURLIN_OK;
}
