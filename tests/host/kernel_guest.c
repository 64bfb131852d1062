// SPDX-License-Identifier: MIT
/* Guests on the host architecture: attachments, spaces, batches, vCPUs. Every entry that is written
 * is checked against the attachments (arch/host/guest_tables.c). */
#include "kernel_guest.h"

static void maps_and_unmaps(void **state)
{
	const uint64_t last = LOWER + 510 * PAGE_SIZE; /* across two tables */

	(void)state;
	note(last | 3 << 4 | PURLIN_BATCH_MAP, 16 * PAGE_SIZE | PURLIN_MAP_READ | PURLIN_MAP_WRITE);
	note(UPPER | PURLIN_BATCH_MAP, 20 * PAGE_SIZE | PURLIN_MAP_READ);
	assert_int_equal(apply(), PURLIN_OK);
	assert_int_equal(vcpu->state->batch_count, 0);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(entry(vcpu->space, last + i * PAGE_SIZE),
				 mapped(16 + i, PURLIN_MAP_READ | PURLIN_MAP_WRITE));
	assert_int_equal(entry(NULL, UPPER), mapped(20, PURLIN_MAP_READ));
	assert_int_equal(host.flushes, 0);

	note(last | PURLIN_BATCH_WRITE_PROTECT, 1);
	note((last + PAGE_SIZE) | PURLIN_BATCH_UNMAP, 2);
	assert_int_equal(apply(), PURLIN_OK);
	assert_int_equal(entry(vcpu->space, last), mapped(16, PURLIN_MAP_READ));
	assert_int_equal(entry(vcpu->space, last + PAGE_SIZE), 0);
	assert_int_equal(entry(vcpu->space, last + 2 * PAGE_SIZE), 0);
	assert_int_not_equal(entry(vcpu->space, last + 3 * PAGE_SIZE), 0);
	assert_int_equal(host.flushes, 1);
	assert_ptr_equal(host.flushed_space, vcpu->space);
	assert_int_equal(host.flushed.count, 3);
	assert_int_equal(host.flushed.page[0], last);

	/* Another page in place of one, and the same page again: only the first is flushed. */
	note(last | PURLIN_BATCH_MAP, 30 * PAGE_SIZE | PURLIN_MAP_READ);
	note(last | PURLIN_BATCH_MAP, 30 * PAGE_SIZE | PURLIN_MAP_READ);
	assert_int_equal(apply(), PURLIN_OK);
	assert_int_equal(host.flushes, 2);
	assert_int_equal(host.flushed.count, 1);
}

/* The guest's own table: held or not, with its rights, from one attachment to the other. */
static void follows_the_table(void **state)
{
	uint64_t *table = ram(TABLE_PAGE);

	(void)state;
	table[0] = 16 * PAGE_SIZE | HELD | PURLIN_ENTRY_WRITE | PURLIN_ENTRY_DIRTY;
	table[1] = 17 * PAGE_SIZE | HELD | PURLIN_ENTRY_WRITE | PURLIN_ENTRY_NO_EXECUTE;
	table[2] = 18 * PAGE_SIZE | PURLIN_ENTRY_PRESENT;
	table[3] = DEVICE_ADDRESS | HELD | PURLIN_ENTRY_NO_EXECUTE;
	table[4] = 19 * PAGE_SIZE | HELD | PURLIN_ENTRY_UNCACHED;
	for (unsigned int half = 0; half < 2; half++) {
		uint64_t where = half ? UPPER : LOWER;
		struct space *space = half ? NULL : vcpu->space;

		note(where | 5 << 4 | PURLIN_BATCH_TABLE, TABLE_PAGE * PAGE_SIZE);
		assert_int_equal(apply(), PURLIN_OK);
		assert_int_equal(entry(space, where), mapped(16, ALL));
		/* Not dirty: the first write has to fault. */
		assert_int_equal(entry(space, where + PAGE_SIZE), mapped(17, PURLIN_MAP_READ));
		assert_int_equal(entry(space, where + 2 * PAGE_SIZE), 0);
		assert_int_equal(entry(space, where + 3 * PAGE_SIZE),
				 0x80000000 |
					 arch_entry_bits(PURLIN_MAP_READ | PURLIN_MAP_UNCACHED));
		/* RAM stays cached. */
		assert_int_equal(entry(space, where + 4 * PAGE_SIZE),
				 mapped(19, PURLIN_MAP_READ | PURLIN_MAP_EXECUTE));
		assert_int_equal(entry(space, where + 5 * PAGE_SIZE), 0);
	}
	/* What the guest has removed goes. */
	table[0] = 0;
	note(LOWER | PURLIN_BATCH_TABLE, TABLE_PAGE * PAGE_SIZE);
	assert_int_equal(apply(), PURLIN_OK);
	assert_int_equal(entry(vcpu->space, LOWER), 0);
	assert_int_equal(host.flushed.page[0], LOWER);
}

static bool quick(uint64_t word0, uint64_t word1)
{
	bool done;

	note(word0, word1);
	done = batch_quick(vcpu);
	assert_int_equal(vcpu->state->batch_count, done ? 0 : 1);
	vcpu->state->batch_count = 0;
	return done;
}

/* The short way adds entries to the table used last. What it leaves to the other one it leaves. */
static void the_short_way(void **state)
{
	const uint64_t end = LOWER + (ARCH_SPAN_PAGES - 1) * PAGE_SIZE;
	uint64_t *table = ram(TABLE_PAGE), word = PURLIN_BATCH_TABLE, from = TABLE_PAGE * PAGE_SIZE;

	(void)state;
	table[0] = 16 * PAGE_SIZE | HELD | PURLIN_ENTRY_WRITE | PURLIN_ENTRY_DIRTY;
	table[1] = 17 * PAGE_SIZE | HELD;
	table[2] = RAM_PAGES * PAGE_SIZE | HELD;
	assert_false(quick(LOWER | word, from)); /* no table yet */
	note(LOWER | word, from);
	assert_int_equal(apply(), PURLIN_OK);
	assert_true(quick((LOWER + PAGE_SIZE) | 1 << 4 | word, from));
	assert_int_equal(entry(vcpu->space, LOWER + PAGE_SIZE), mapped(16, ALL));
	assert_int_equal(entry(vcpu->space, LOWER + 2 * PAGE_SIZE),
			 mapped(17, PURLIN_MAP_READ | PURLIN_MAP_EXECUTE));
	assert_true(quick((LOWER + PAGE_SIZE) | word, from)); /* as it is already */

	assert_int_equal(host.flushes, 0);

	/* Another page, or none: TLBs have to know. */
	assert_true(quick((LOWER + 2 * PAGE_SIZE) | word, from));
	assert_true(quick((LOWER + PAGE_SIZE) | word, from + 16 * sizeof(*table)));
	assert_int_equal(host.flushes, 2);
	assert_int_equal(host.flushed.page[0], LOWER + PAGE_SIZE);
	assert_int_equal(entry(vcpu->space, LOWER + PAGE_SIZE), 0);
	/* The guest's page, which it had before, and one that is not the guest's. */
	table[1] = 18 * PAGE_SIZE | HELD;
	assert_false(quick((LOWER + 2 * PAGE_SIZE) | 1 << 4 | word, from + sizeof(*table)));
	assert_int_equal(host.flushes, 3);
	assert_int_equal(host.flushed.page[0], LOWER + 2 * PAGE_SIZE);
	assert_int_equal(entry(vcpu->space, LOWER + 3 * PAGE_SIZE), 0);
	/* Across the end of the table, in another one, in the other half, from elsewhere. */
	assert_false(quick(end | 1 << 4 | word, from));
	assert_false(quick((end + PAGE_SIZE) | word, from));
	assert_false(quick(UPPER | word, from));
	assert_false(quick((LOWER + 4 * PAGE_SIZE) | word, from + 4));
	assert_false(quick((LOWER + 4 * PAGE_SIZE) | 1 << 4 | word, from + PAGE_SIZE - 8));
	assert_false(quick((LOWER + 4 * PAGE_SIZE) | word, DEVICE_ADDRESS));
	assert_int_equal(entry(vcpu->space, LOWER + 4 * PAGE_SIZE), 0);
	/* Not one entry, or not of this kind, or after one that was interrupted. */
	assert_false(quick((LOWER + PAGE_SIZE) | PURLIN_BATCH_UNMAP, 1));
	note((LOWER + 5 * PAGE_SIZE) | word, from);
	note((LOWER + 6 * PAGE_SIZE) | word, from);
	assert_false(batch_quick(vcpu));
	vcpu->state->batch_count = 1;
	vcpu->batch_next = 1;
	assert_false(batch_quick(vcpu));
	vcpu->batch_next = 0;
	/* What was remembered is void when a table or an attachment has gone. */
	guest->generation++;
	assert_false(batch_quick(vcpu));
	assert_int_equal(apply(), PURLIN_OK);
	assert_int_equal(entry(vcpu->space, LOWER + 5 * PAGE_SIZE), mapped(16, ALL));
}

/* Another processor, in a short batch of the same space: what it still writes, and its end. */
static struct {
	struct space *space;
	uint64_t *entry, value;
	unsigned int ends;
} beside;

static void beside_ends(void)
{
	*beside.entry = beside.value;
	space_unlock(beside.space);
	beside.ends++;
}

static void beside_begins(void)
{
	struct space *space = vcpu->space;

	note(LOWER | PURLIN_BATCH_MAP, 16 * PAGE_SIZE | PURLIN_MAP_READ);
	assert_int_equal(apply(), PURLIN_OK);
	beside.space = space;
	beside.entry = arch_guest_entry(guest, space, LOWER, false);
	beside.value = *beside.entry;
	*beside.entry = 0;
	assert_true(lock_try(&space->lock));
	host.paused = beside_ends;
	beside.ends = 0;
	host.flushes = 0;
}

/*
 * A short batch holds nothing but the lock of its space. Whoever takes something away waits for it,
 * so that what it wrote last is found, too.
 */
static void who_takes_away_waits(void **state)
{
	(void)state;
	beside_begins();
	note(LOWER | PURLIN_BATCH_UNMAP, 1);
	assert_int_equal(apply(), PURLIN_OK);
	assert_int_equal(entry(vcpu->space, LOWER), 0);
	assert_int_equal(host.flushes, 1);
	assert_int_equal(beside.ends, 1);

	/* What its own table says; entries of another space. */
	beside_begins();
	note(LOWER | PURLIN_BATCH_TABLE, TABLE_PAGE * PAGE_SIZE);
	assert_int_equal(apply(), PURLIN_OK);
	assert_int_equal(entry(vcpu->space, LOWER), 0);
	assert_int_equal(beside.ends, 1);
	beside_begins();
	assert_int_equal(do_call(&vcpu->thread, VCPU_SWITCH, 0), PURLIN_OK);
	note(PURLIN_BATCH_SPACE, SPACE);
	note(LOWER | PURLIN_BATCH_UNMAP, 1);
	assert_int_equal(apply(), PURLIN_OK);
	assert_int_equal(entry(beside.space, LOWER), 0);
	assert_int_equal(beside.ends, 1);
	assert_int_equal(do_call(&vcpu->thread, VCPU_SWITCH, SPACE), PURLIN_OK);

	/* The memory below it, then all of it. */
	beside_begins();
	vcpu->attachment->holders = 0; /* the state page may go, too */
	assert_int_equal(do_call(core, GUEST_DETACH, GUEST, 0), PURLIN_OK);
	assert_int_equal(beside.ends, 1);
	assert_int_equal(entry(beside.space, LOWER), 0);
	vcpu->attachment = NULL;
	vcpu->state = NULL;
	assert_true(lock_try(&beside.space->lock));
	beside.entry = &(uint64_t){ 0 };
	assert_int_equal(do_call(&vcpu->thread, OBJECT_DESTROY, SPACE), PURLIN_OK);
	assert_int_equal(beside.ends, 2);
}

/* What the short way leaves alone, since the space's lock is not enough for it. */
static void the_short_way_waits_for_nobody(void **state)
{
	uint64_t *table = ram(TABLE_PAGE), word = PURLIN_BATCH_TABLE, from = TABLE_PAGE * PAGE_SIZE;

	(void)state;
	table[0] = 16 * PAGE_SIZE | HELD;
	note(LOWER | word, from);
	assert_int_equal(apply(), PURLIN_OK);
	assert_true(lock_try(&vcpu->space->lock));
	assert_false(quick((LOWER + PAGE_SIZE) | word, from));
	assert_int_equal(entry(vcpu->space, LOWER + PAGE_SIZE), 0);
	space_unlock(vcpu->space);
	/* An addition is nobody else's business; a removal is, where others run in the space. */
	host.elsewhere = true;
	assert_true(quick((LOWER + PAGE_SIZE) | word, from));
	assert_false(quick((LOWER + PAGE_SIZE) | word, from + sizeof(*table)));
	assert_int_equal(entry(vcpu->space, LOWER + PAGE_SIZE),
			 mapped(16, PURLIN_MAP_READ | PURLIN_MAP_EXECUTE));
	host.elsewhere = false;
	assert_true(quick((LOWER + PAGE_SIZE) | word, from + sizeof(*table)));
	assert_int_equal(host.flushes, 1);
	/* An attachment that is not at hand: the list is the kernel lock's. */
	table[0] = DEVICE_ADDRESS | HELD | PURLIN_ENTRY_NO_EXECUTE;
	assert_false(quick((LOWER + PAGE_SIZE) | word, from));
	assert_int_equal(vcpu->space->lock, 0);
}

#define OTHER_SPACE 41

/* The space is left again, so that a switch back has something to do. */
static bool switch_back(uint64_t slot)
{
	assert_int_equal(do_call(&vcpu->thread, VCPU_SWITCH, 0), PURLIN_OK);
	return vcpu_switch_quick(vcpu, slot);
}

static void the_short_switch(void **state)
{
	struct space *space = vcpu->space, *second;
	struct capability *capability;

	(void)state;
	assert_true(switch_back(SPACE));
	assert_ptr_equal(vcpu->space, space);
	assert_int_equal(do_call(&vcpu->thread, SPACE_CREATE, PURLIN_SLOT_PD, OTHER_SPACE),
			 PURLIN_OK);
	/* Where it was never before, slots of others and of nothing. */
	assert_false(switch_back(OTHER_SPACE));
	assert_false(vcpu_switch_quick(vcpu, 0));
	assert_false(vcpu_switch_quick(vcpu, PURLIN_SLOT_PD));
	assert_false(vcpu_switch_quick(vcpu, SPACE + ENTERED_SPACES));
	assert_false(vcpu_switch_quick(vcpu, ~0ull));
	assert_ptr_equal(vcpu->space, NULL);
	assert_int_equal(do_call(&vcpu->thread, VCPU_SWITCH, OTHER_SPACE), PURLIN_OK);
	second = vcpu->space;
	assert_true(vcpu_switch_quick(vcpu, SPACE));
	assert_true(vcpu_switch_quick(vcpu, OTHER_SPACE));
	assert_ptr_equal(vcpu->space, second);

	/* Somebody has a lock; nothing is mapped; a batch that the long way has to apply. */
	assert_true(lock_try(&vcpu->lock));
	assert_false(vcpu_switch_quick(vcpu, SPACE));
	vcpu_unlock(vcpu);
	assert_true(lock_try(&space->lock));
	assert_false(vcpu_switch_quick(vcpu, SPACE));
	space_unlock(space);
	space->mapped = false;
	assert_false(vcpu_switch_quick(vcpu, SPACE));
	space->mapped = true;
	note(LOWER | PURLIN_BATCH_UNMAP, 1);
	assert_false(vcpu_switch_quick(vcpu, SPACE));
	assert_int_equal(vcpu->state->batch_count, 1);
	vcpu->state->batch_count = 0;
	assert_ptr_equal(vcpu->space, second);

	/* The slot has another space, then none; its old one lives on. */
	capability = capability_find(&vcpu->thread.pd->capabilities, SPACE);
	capability->object = &second->object;
	assert_false(vcpu_switch_quick(vcpu, SPACE));
	capability->object = NULL;
	assert_false(vcpu_switch_quick(vcpu, SPACE));
	capability->object = &space->object;
	assert_ptr_equal(vcpu->space, second);
	assert_int_equal(vcpu->lock | space->lock | second->lock, 0);
}

static struct space *entered_late;

/* The vCPU's processor, in a short switch to a space that ends. */
static void switch_ends(void)
{
	vcpu->space = entered_late;
	vcpu_unlock(vcpu);
}

static void the_end_of_a_space_waits_for_switches(void **state)
{
	(void)state;
	entered_late = vcpu->space;
	assert_int_equal(do_call(&vcpu->thread, VCPU_SWITCH, 0), PURLIN_OK);
	assert_true(lock_try(&vcpu->lock));
	host.paused = switch_ends;
	assert_int_equal(do_call(&vcpu->thread, OBJECT_DESTROY, SPACE), PURLIN_OK);
	assert_ptr_equal(vcpu->space, NULL);
	assert_true(vcpu->roots_changed);
	assert_false(vcpu_switch_quick(vcpu, SPACE));
	/* Its memory may become another object's, with a capability in the same slot. */
	for (unsigned int i = 0; i < ENTERED_SPACES; i++)
		assert_ptr_not_equal(vcpu->entered[i].space, entered_late);
	assert_int_equal(vcpu->lock, 0);
}

/* Each kind of nonsense stops the guest, and the page it has no right to is not mapped. */
static void nonsense_stops_the_guest(void **state)
{
	static const struct purlin_batch_entry bad[] = {
		{ LOWER, 0 },
		{ LOWER | PURLIN_BATCH_MAP, RAM_PAGES * PAGE_SIZE | PURLIN_MAP_READ },
		{ LOWER | 1 << 4 | PURLIN_BATCH_MAP,
		  (RAM_PAGES - 1) * PAGE_SIZE | PURLIN_MAP_READ },
		{ LOWER | PURLIN_BATCH_MAP, DEVICE_ADDRESS | PURLIN_MAP_READ | PURLIN_MAP_EXECUTE },
		{ LOWER | PURLIN_BATCH_MAP, DEVICE_ADDRESS | PURLIN_MAP_WRITE_BACK },
		{ LOWER | PURLIN_BATCH_MAP, 1ull << 60 | PURLIN_MAP_READ },
		{ LOWER | PURLIN_BATCH_MAP, 0x800 },
		{ PURLIN_GUEST_USER_END | PURLIN_BATCH_MAP, PURLIN_MAP_READ },
		{ (PURLIN_GUEST_USER_END - PAGE_SIZE) | PURLIN_BATCH_UNMAP, 2 },
		{ (0 - PAGE_SIZE) | PURLIN_BATCH_UNMAP, 2 },
		{ (UPPER - PAGE_SIZE) | PURLIN_BATCH_MAP, PURLIN_MAP_READ },
		{ LOWER | PURLIN_BATCH_TABLE, 4 },
		{ LOWER | 1 << 4 | PURLIN_BATCH_TABLE, PAGE_SIZE - 8 },
		{ LOWER | PURLIN_BATCH_TABLE, DEVICE_ADDRESS },
		{ LOWER | PURLIN_BATCH_TABLE, RAM_PAGES * PAGE_SIZE },
		{ PURLIN_BATCH_SPACE, PURLIN_SLOT_PD },
		{ PURLIN_BATCH_SPACE, 63 },
	};

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (i) {
			system_teardown(state);
			setup(state);
		}
		note(bad[i].word0, bad[i].word1);
		stops_with(PURLIN_STOP_BAD_BATCH);
		assert_int_equal(entry(vcpu->space, LOWER + PAGE_SIZE), 0);
	}
}

/* A table that the guest points at with entries of pages that it has not got. */
static void foreign_page_in_the_table(void **state)
{
	(void)state;
	ram(TABLE_PAGE)[0] = 16 * PAGE_SIZE | HELD;
	ram(TABLE_PAGE)[1] = RAM_PAGES * PAGE_SIZE | HELD;
	note(LOWER | 1 << 4 | PURLIN_BATCH_TABLE, TABLE_PAGE * PAGE_SIZE);
	stops_with(PURLIN_STOP_BAD_BATCH);
	assert_int_equal(entry(vcpu->space, LOWER + PAGE_SIZE), 0);
}

/* Interrupted at each look it goes on where it was, for batches of any length. */
static void interrupted_batches_go_on(void **state)
{
	(void)state;
	host.preempt_every = 1;
	for (unsigned int i = 0; i < PURLIN_BATCH_ENTRIES; i++)
		note((LOWER + i * PAGE_SIZE) | PURLIN_BATCH_MAP,
		     i % RAM_PAGES * PAGE_SIZE | PURLIN_MAP_READ);
	assert_int_equal(apply(), PURLIN_OK);
	assert_true(restarts() > 2);
	for (unsigned int i = 0; i < PURLIN_BATCH_ENTRIES; i++)
		assert_int_equal(entry(vcpu->space, LOWER + i * PAGE_SIZE),
				 mapped(i % RAM_PAGES, PURLIN_MAP_READ));
	note((LOWER + (4 << 21)) | PURLIN_BATCH_MAP, PURLIN_MAP_READ);
	note(LOWER | PURLIN_BATCH_UNMAP, 5 * 512);
	assert_int_equal(apply(), PURLIN_OK);
	assert_true(restarts() > 0);
	assert_int_equal(entry(vcpu->space, LOWER), 0);
	assert_int_equal(entry(vcpu->space, LOWER + (4 << 21)), 0);
}

/* When memory goes, so does all that maps it, wherever that is; the state page stops the guest. */
static void removed_memory_is_mapped_nowhere(void **state)
{
	(void)state;
	note(LOWER | 3 << 4 | PURLIN_BATCH_MAP, DEVICE_ADDRESS | PURLIN_MAP_READ);
	note(UPPER | 3 << 4 | PURLIN_BATCH_MAP, DEVICE_ADDRESS | PURLIN_MAP_READ);
	note((UPPER + (1 << 21)) | PURLIN_BATCH_MAP, 20 * PAGE_SIZE | PURLIN_MAP_READ);
	assert_int_equal(apply(), PURLIN_OK);
	host.preempt_every = 1;
	assert_int_equal(do_call(core, GUEST_DETACH, GUEST, DEVICE_ADDRESS), PURLIN_OK);
	assert_int_equal(entry(vcpu->space, LOWER), 0);
	assert_int_equal(entry(NULL, UPPER), 0);
	assert_int_not_equal(entry(NULL, UPPER + (1 << 21)), 0);
	assert_true(host.flushed.everything && !host.flushed_space);
	assert_int_equal(do_call(core, GUEST_DETACH, GUEST, 0), PURLIN_BUSY);
	assert_int_equal(do_call(core, OBJECT_DESTROY, MEMORY), PURLIN_OK);
	assert_int_equal(vcpu->thread.state, THREAD_STOPPED);
	assert_null(vcpu->state);
	assert_int_equal(guest->attachments, 0);
}

/* Mappings of spaces make room for each other's tables; a vCPU survives the end of its space. */
static void spaces_make_room(void **state)
{
	struct space *second;
	uint64_t used = root.used;

	(void)state;
	assert_int_equal(do_call(&vcpu->thread, SPACE_CREATE, PURLIN_SLOT_PD, SPACE + 1),
			 PURLIN_OK);
	/* A slab at most: without a mapping it has no roots. */
	assert_true(root.used <= used + 1);
	second = space_of(object_at(&vcpu->thread, SPACE + 1));
	note(LOWER | PURLIN_BATCH_MAP, PURLIN_MAP_READ);
	note(PURLIN_BATCH_SPACE, SPACE + 1);
	note(LOWER | PURLIN_BATCH_MAP, PURLIN_MAP_READ);
	assert_int_equal(apply(), PURLIN_OK);
	assert_int_not_equal(entry(vcpu->space, LOWER), 0);
	root.limit = root.used;
	note(PURLIN_BATCH_SPACE, SPACE + 1);
	note((LOWER + (1 << 21)) | PURLIN_BATCH_MAP, PURLIN_MAP_READ);
	assert_int_equal(apply(), PURLIN_OK);
	assert_int_equal(entry(vcpu->space, LOWER), 0);
	/* Nobody is in the other one: its root goes with its table, that of the vCPU's stays. */
	assert_true(vcpu->space->mapped && second->mapped);
	note(LOWER | PURLIN_BATCH_MAP, PURLIN_MAP_READ);
	assert_int_equal(apply(), PURLIN_OK);
	assert_true(vcpu->space->mapped && !second->mapped);
	assert_true(root.used < root.limit);
	/* It comes back with the next entry, or when a vCPU enters it. */
	root.limit += 1000;
	note(PURLIN_BATCH_SPACE, SPACE + 1);
	note(LOWER | PURLIN_BATCH_MAP, PURLIN_MAP_READ);
	assert_int_equal(apply(), PURLIN_OK);
	assert_int_not_equal(entry(second, LOWER), 0);
	assert_int_equal(do_call(&vcpu->thread, OBJECT_DESTROY, SPACE), PURLIN_OK);
	assert_null(vcpu->space);
	assert_true(vcpu->roots_changed);
	root.limit = pages_available() + root.used;
}

/* Interrupted each time that another space has made room, both calls go on. */
static void interrupted_while_room_is_made(void **state)
{
	uint64_t spare = 1000;
	unsigned int slot;
	bool interrupted;

	(void)state;
	for (slot = SPACE + 1; slot <= SPACE + 3; slot++)
		assert_int_equal(do_call(&vcpu->thread, SPACE_CREATE, PURLIN_SLOT_PD, slot),
				 PURLIN_OK);
	for (slot = SPACE + 2; slot <= SPACE + 3; slot++) {
		note(PURLIN_BATCH_SPACE, slot);
		note(LOWER | PURLIN_BATCH_MAP, PURLIN_MAP_READ);
	}
	assert_int_equal(apply(), PURLIN_OK);
	host.preempt_every = 1;
	root.limit = root.used;
	assert_int_equal(do_call(&vcpu->thread, VCPU_SWITCH, SPACE + 1), PURLIN_OK);
	assert_true(restarts() > 0);
	assert_ptr_equal(vcpu->space, object_at(&vcpu->thread, SPACE + 1));
	/* A further space must leave some pages; where there are just too few, one makes room. */
	root.limit += 1000;
	note(PURLIN_BATCH_SPACE, SPACE + 3);
	note(LOWER | PURLIN_BATCH_MAP, PURLIN_MAP_READ);
	assert_int_equal(apply(), PURLIN_OK);
	do {
		root.limit = root.used + --spare;
		assert_int_equal(do_call(&vcpu->thread, SPACE_CREATE, PURLIN_SLOT_PD, SPACE + 4),
				 PURLIN_OK);
		interrupted = restarts() > 0;
		assert_int_equal(do_call(&vcpu->thread, OBJECT_DESTROY, SPACE + 4), PURLIN_OK);
		assert_int_equal(do_call(&vcpu->thread, CAP_DELETE, PURLIN_SLOT_PD, SPACE + 4),
				 PURLIN_OK);
	} while (!interrupted);
	root.limit = pages_available() + root.used;
}

/* Large pages where all of a span is mapped; a small page inside splits one, with its rights. */
static void kernel_half_has_large_pages(void **state)
{
	const uint64_t at = UPPER + (1ull << 30);

	(void)state;
	assert_int_equal(do_call(core, MEMORY_CREATE, PURLIN_SLOT_ACCOUNT, 35, 1024,
				 PURLIN_MEMORY_CONTIGUOUS),
			 PURLIN_OK);
	assert_int_equal(do_call(core, GUEST_ATTACH, GUEST, 1 << 30, 35, 0, 1024, ALL), PURLIN_OK);
	host.preempt_every = 1;
	assert_int_equal(do_call(core, GUEST_MAP, GUEST, at, 1 << 30, 1024, PURLIN_MAP_READ),
			 PURLIN_OK);
	note((at + PAGE_SIZE) | PURLIN_BATCH_MAP, PURLIN_MAP_READ);
	assert_int_equal(apply(), PURLIN_OK);
	assert_int_equal(entry(NULL, at + PAGE_SIZE), mapped(0, PURLIN_MAP_READ));
	assert_int_not_equal(entry(NULL, at), 0);
	assert_int_equal(host.flushed.page[0], at + PAGE_SIZE);
	assert_int_equal(do_call(core, GUEST_UNMAP, GUEST, at, 1024), PURLIN_OK);
	assert_int_equal(entry(NULL, at), 0);
	assert_int_equal(entry(NULL, at + (1 << 21)), 0);
	assert_int_equal(do_call(core, GUEST_MAP, GUEST, at, 1 << 30, 1025, PURLIN_MAP_READ),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(do_call(core, GUEST_MAP, GUEST, LOWER, 1 << 30, 1, PURLIN_MAP_READ),
			 PURLIN_BAD_ARGUMENT);
}

/* Another vCPU of the guest, with a state page of its own. */
static struct vcpu *another(uint64_t slot, uint64_t cpu, uint64_t state_page)
{
	struct vcpu *made;

	assert_int_equal(do_call(core, VCPU_CREATE, GUEST, slot, cpu, TEST_PRIORITY), PURLIN_OK);
	made = thread_vcpu(thread_of(object_at(core, slot)));
	give(GUEST, slot, slot, PURLIN_RIGHT_ALL, 0);
	assert_int_equal(do_call(core, VCPU_ALERT, slot), PURLIN_OK);
	assert_false(made->state);
	assert_int_equal(do_call(core, VCPU_CONFIGURE, slot, state_page * PAGE_SIZE, UPPER, UPPER,
				 0),
			 PURLIN_OK);
	return made;
}

static void alerts_reach_a_vcpu_wherever_it_is(void **state)
{
	struct vcpu *other = another(34, 1, 2);

	(void)state;
	assert_true(vcpu_alerted(other)); /* raised before there was a state page */
	vcpu_alert_taken(other);
	assert_int_equal(other->state->alert_masked, 1);
	assert_int_equal(do_call(core, VCPU_ALERT, 34), PURLIN_OK);
	assert_int_equal(other->state->alert_pending, 1);
	assert_false(vcpu_alerted(other));
	other->state->alert_masked = 0;
	vcpu_alert_taken(other);
	other->state->alert_masked = 0;

	/* It waits: it wakes up; it runs on another processor: that one is interrupted. */
	assert_int_equal(do_call(core, VCPU_START, 34, UPPER, 1, 2, 3), PURLIN_OK);
	run(&other->thread);
	assert_int_equal(do_call(&other->thread, VCPU_WAIT), PURLIN_OK);
	assert_int_equal(other->thread.state, THREAD_VCPU_WAITING);
	assert_int_equal(do_call(core, VCPU_ALERT, 34), PURLIN_OK);
	assert_int_equal(other->thread.state, THREAD_READY);
	run(&other->thread);
	host.rescheduled = 0;
	assert_int_equal(do_call(core, VCPU_ALERT, 34), PURLIN_OK);
	assert_int_equal(host.rescheduled, 1 << 1);
	assert_int_equal(do_call(&other->thread, VCPU_WAIT), PURLIN_OK);
	assert_int_equal(other->thread.state, THREAD_READY);
	/* What is pending moves with the state page. */
	assert_int_equal(do_call(&other->thread, VCPU_CONFIGURE, 34, 4 * PAGE_SIZE, UPPER, UPPER,
				 0),
			 PURLIN_OK);
	assert_true(vcpu_alerted(other));
}

/* The slice goes to the named one and not to others, and ends when it would have. */
static void a_slice_is_given_to_a_vcpu_of_the_guest(void **state)
{
	struct vcpu *other = another(34, 0, 2);
	struct thread *stranger = pd_new(PURLIN_SLOT_ACCOUNT, 50, "stranger", TEST_PRIORITY);
	uint64_t end;

	(void)state;
	host.time = 1000;
	assert_int_equal(do_call(core, SIGNAL_CREATE, PURLIN_SLOT_ACCOUNT, 900), PURLIN_OK);
	assert_int_equal(do_call(&vcpu->thread, VCPU_YIELD_TO, 34), PURLIN_AGAIN);
	assert_int_equal(do_call(core, VCPU_START, 34, UPPER, 1, 2, 3), PURLIN_OK);
	/* A stranger runs: it keeps its slice. */
	assert_int_equal(do_call(core, SIGNAL_WAIT, 900), WAITS);
	run(&vcpu->thread);
	scheduler_block(&vcpu->thread, THREAD_VCPU_WAITING);
	run(stranger);
	assert_false(scheduler_yield_to(&other->thread));
	scheduler_block(stranger, THREAD_WAITING);
	scheduler_ready(&vcpu->thread);
	scheduler_ready(stranger);
	run(&other->thread);
	vcpu_runs(other);
	end = other->thread.processor->slice_end;
	host.time += 1000;
	assert_int_equal(do_call(&other->thread, VCPU_YIELD_TO, PURLIN_SLOT_THREAD), PURLIN_OK);
	vcpu_rests(other);
	run(&vcpu->thread);
	vcpu_runs(vcpu);
	assert_int_equal(vcpu->thread.processor->slice_end, end);
	assert_int_equal(vcpu->state->running, 1);
	assert_int_equal(other->state->running, 0);
	assert_int_equal(vcpu->state->steal, 1000);
	assert_int_equal(other->state->steal, 0);
	/* The slice ends, and the stranger is next, then who gave its slice. */
	host.time = end;
	timeout_expired();
	run(stranger);
	scheduler_block(stranger, THREAD_WAITING);
	run(&other->thread);
	vcpu_runs(other);
	assert_int_equal(other->state->steal, end - 2000);
	objects_bent = true;
}

/* The deadline `ticks` from now comes `late` ticks after that. */
static void deadline_comes(uint64_t ticks, uint64_t late)
{
	vcpu->state->deadline = host.time + ticks;
	assert_int_equal(do_call(&vcpu->thread, VCPU_DEADLINE), PURLIN_OK);
	host.time += ticks + late;
	timeout_expired();
	assert_int_equal(vcpu->state->deadline, ~0ull);
}

static void a_machine_that_stood_still_is_noticed(void **state)
{
	const uint64_t second = arch_time_hz();

	(void)state;
	deadline_comes(1000, 0);
	deadline_comes(3 * second, second / 2 - 1);
	assert_int_equal(vcpu->state->stopped, 0);
	deadline_comes(1000, second / 2);
	assert_int_equal(vcpu->state->stopped, second / 2);
	/* Who moves a deadline later without a call has the same timer. */
	vcpu->state->deadline = host.time + 1000;
	assert_int_equal(do_call(&vcpu->thread, VCPU_DEADLINE), PURLIN_OK);
	vcpu->state->deadline = host.time + 100 * second;
	host.time += 1000 + second;
	timeout_expired();
	assert_int_equal(vcpu->state->stopped, second / 2 + second);
	/* A deadline in the past is a guest's own affair. */
	vcpu->state->deadline = 0;
	assert_int_equal(do_call(&vcpu->thread, VCPU_DEADLINE), PURLIN_OK);
	assert_int_equal(vcpu->state->stopped, second / 2 + second);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, system_teardown)
	const struct CMUnitTest tests[] = {
		TEST(maps_and_unmaps),
		TEST(follows_the_table),
		TEST(the_short_way),
		TEST(who_takes_away_waits),
		TEST(the_short_way_waits_for_nobody),
		TEST(the_short_switch),
		TEST(the_end_of_a_space_waits_for_switches),
		TEST(nonsense_stops_the_guest),
		TEST(foreign_page_in_the_table),
		TEST(interrupted_batches_go_on),
		TEST(removed_memory_is_mapped_nowhere),
		TEST(spaces_make_room),
		TEST(interrupted_while_room_is_made),
		TEST(kernel_half_has_large_pages),
		TEST(alerts_reach_a_vcpu_wherever_it_is),
		TEST(a_slice_is_given_to_a_vcpu_of_the_guest),
		TEST(a_machine_that_stood_still_is_noticed),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	quickly = true;
	return cmocka_run_group_tests(tests, NULL, NULL) + failed;
}
