// SPDX-License-Identifier: MIT
/* Large pages of a guest's processes (PURLIN_BATCH_LARGE): mapped, replaced, refused. */
#include "kernel_guest.h"

#define LARGE_RAM (1ull << 30) /* guest-physical: two large pages */
#define SPAN (ARCH_SPAN_PAGES * PAGE_SIZE)
#define LARGE_AT (1ull << 31) /* virtual, lower half */
#define WRITABLE (PURLIN_ENTRY_WRITE | PURLIN_ENTRY_DIRTY)
#define NO_EXECUTE PURLIN_ENTRY_NO_EXECUTE
#define READ_WRITE (PURLIN_MAP_READ | PURLIN_MAP_WRITE)

static void large_ram(void)
{
	assert_int_equal(do_call(core, MEMORY_CREATE, PURLIN_SLOT_ACCOUNT, 35, 1024,
				 PURLIN_MEMORY_CONTIGUOUS),
			 PURLIN_OK);
	assert_int_equal(do_call(core, GUEST_ATTACH, GUEST, LARGE_RAM, 35, 0, 1024, ALL),
			 PURLIN_OK);
}

/* What one entry maps at a span of the current space; 0: nothing, or small pages. */
static uint64_t large_at(uint64_t virtual_address)
{
	const struct host_span *span = vcpu->space->arch.half.spans;

	while (span && span->number != virtual_address / SPAN)
		span = span->next;
	return span ? span->large : 0;
}

static uint64_t large_mapped(uint64_t address, uint32_t rights)
{
	return (guest_find(guest, address, 1)->base.value + address - LARGE_RAM) |
	       arch_entry_bits(rights | PURLIN_MAP_WRITE_BACK) | ARCH_ENTRY_LARGE;
}

/* The guest's entry of the level above, followed at LARGE_AT. */
static void follow_large(uint64_t from)
{
	ram(TABLE_PAGE)[0] = from;
	note(LARGE_AT | PURLIN_BATCH_LARGE, TABLE_PAGE * PAGE_SIZE);
	assert_int_equal(apply(), PURLIN_OK);
}

static unsigned int small_pages(uint64_t address)
{
	unsigned int found = 0;

	for (uint64_t i = 0; i < ARCH_SPAN_PAGES; i++) {
		uint64_t there = entry(vcpu->space, LARGE_AT + i * PAGE_SIZE);
		struct attachment *at = guest_find(guest, address + i * PAGE_SIZE, 1);

		found += at && (there & HOST_ADDRESS) ==
				       at->base.value + address + i * PAGE_SIZE - at->address;
	}
	return found;
}

static void processes_have_large_pages(void **state)
{
	const uint64_t from = LARGE_RAM | HELD | PURLIN_ENTRY_LARGE | NO_EXECUTE;

	(void)state;
	large_ram();
	follow_large(from | WRITABLE);
	assert_int_equal(large_at(LARGE_AT), large_mapped(LARGE_RAM, READ_WRITE));
	assert_int_equal(host.flushes, 0);
	/* A right goes, and another page comes: one address is enough for a large page. */
	follow_large(from | PURLIN_ENTRY_WRITE);
	assert_int_equal(large_at(LARGE_AT), large_mapped(LARGE_RAM, PURLIN_MAP_READ));
	assert_int_equal(host.flushes, 1);
	assert_int_equal(host.flushed.page[0], LARGE_AT);
	follow_large((from + SPAN) | WRITABLE);
	assert_int_equal(large_at(LARGE_AT), large_mapped(LARGE_RAM + SPAN, READ_WRITE));
	assert_int_equal(host.flushes, 2);
	note((LARGE_AT - PAGE_SIZE) | PURLIN_BATCH_WRITE_PROTECT, 600);
	assert_int_equal(apply(), PURLIN_OK);
	assert_int_equal(large_at(LARGE_AT), large_mapped(LARGE_RAM + SPAN, PURLIN_MAP_READ));
	assert_int_equal(host.flushes, 3);
	/* Not accessed; a table. */
	follow_large(from & ~(uint64_t)PURLIN_ENTRY_ACCESSED);
	assert_int_equal(large_at(LARGE_AT), 0);
	assert_int_equal(host.flushes, 4);
	follow_large(from);
	assert_int_not_equal(large_at(LARGE_AT), 0);
	follow_large(from & ~(uint64_t)PURLIN_ENTRY_LARGE);
	assert_int_equal(large_at(LARGE_AT), 0);
}

/* Whatever speaks of a part of a large page, in a process, makes it go, and a table the other way.
 */
static void large_and_small_pages_take_turns(void **state)
{
	const uint64_t from = LARGE_RAM | HELD | PURLIN_ENTRY_LARGE | NO_EXECUTE;
	uint64_t used, generation;

	(void)state;
	large_ram();
	follow_large(from);
	used = guest->pd->object.account->used;
	note((LARGE_AT + 5 * PAGE_SIZE) | PURLIN_BATCH_MAP, PURLIN_MAP_READ);
	assert_int_equal(apply(), PURLIN_OK);
	assert_int_equal(host.flushes, 1);
	assert_ptr_equal(host.flushed_space, vcpu->space);
	assert_int_equal(large_at(LARGE_AT), 0);
	assert_int_equal(entry(vcpu->space, LARGE_AT), 0);
	assert_int_equal(entry(vcpu->space, LARGE_AT + 5 * PAGE_SIZE), mapped(0, PURLIN_MAP_READ));
	assert_int_equal(guest->pd->object.account->used, used + 1);

	/* What was remembered of the table is void, and nobody can have kept the way to it. */
	generation = guest->generation;
	follow_large(from);
	assert_int_equal(large_at(LARGE_AT), large_mapped(LARGE_RAM, PURLIN_MAP_READ));
	assert_int_equal(guest->pd->object.account->used, used);
	assert_true(guest->generation > generation);
	assert_int_equal(host.flushes, 2);
	assert_true(host.flushed.everything);

	note((LARGE_AT + 7 * PAGE_SIZE) | PURLIN_BATCH_UNMAP, 1);
	assert_int_equal(apply(), PURLIN_OK);
	assert_int_equal(large_at(LARGE_AT), 0);
	assert_int_equal(host.flushes, 3);
	follow_large(from);
	/* An entry that maps nothing. */
	ram(TABLE_PAGE)[1] = 0;
	note((LARGE_AT + PAGE_SIZE) | PURLIN_BATCH_TABLE, TABLE_PAGE * PAGE_SIZE + 8);
	assert_int_equal(apply(), PURLIN_OK);
	assert_int_equal(large_at(LARGE_AT), 0);
	/* The memory goes. */
	follow_large(from);
	assert_int_equal(do_call(core, GUEST_DETACH, GUEST, LARGE_RAM), PURLIN_OK);
	assert_int_equal(large_at(LARGE_AT), 0);
}

/* Executable, not aligned, of two attachments. */
static void some_large_pages_are_small(void **state)
{
	const uint64_t from = HELD | PURLIN_ENTRY_LARGE | NO_EXECUTE;
	const uint64_t unaligned = LARGE_RAM + 2 * SPAN, pieces = LARGE_RAM + 4 * SPAN;

	(void)state;
	large_ram();
	follow_large(LARGE_RAM | (from & ~NO_EXECUTE));
	assert_int_equal(large_at(LARGE_AT), 0);
	assert_int_equal(small_pages(LARGE_RAM), ARCH_SPAN_PAGES);
	assert_int_equal(do_call(core, GUEST_ATTACH, GUEST, unaligned, 35, 1, ARCH_SPAN_PAGES, ALL),
			 PURLIN_OK);
	/* Interrupted between its halves. */
	host.preempt_every = 1;
	follow_large(unaligned | from);
	host.preempt_every = 0;
	assert_true(restarts() > 0);
	assert_int_equal(small_pages(unaligned), ARCH_SPAN_PAGES);
	assert_int_equal(do_call(core, GUEST_ATTACH, GUEST, pieces, 35, 512, 100, ALL), PURLIN_OK);
	assert_int_equal(do_call(core, GUEST_ATTACH, GUEST, pieces + 100 * PAGE_SIZE, 35, 0, 412,
				 ALL),
			 PURLIN_OK);
	follow_large(pieces | from);
	assert_int_equal(small_pages(pieces), ARCH_SPAN_PAGES);
}

static void bad_large_pages_stop_the_guest(void **state)
{
	const uint64_t good = LARGE_RAM | HELD | PURLIN_ENTRY_LARGE | NO_EXECUTE;
	static const uint64_t table = TABLE_PAGE * PAGE_SIZE;
	const struct {
		uint64_t at, entry, table;
	} bad[] = {
		{ LARGE_AT + PAGE_SIZE, good, table },		      /* not aligned */
		{ UPPER, good, table },				      /* of no process */
		{ PURLIN_GUEST_USER_END & ~(SPAN - 1), good, table }, /* beyond the lower half */
		{ LARGE_AT, good, DEVICE_ADDRESS },		      /* no memory */
		{ LARGE_AT, good, table + 4 },			      /* no entry */
		{ LARGE_AT, good + 2 * SPAN, table },		      /* nothing is there */
		{ LARGE_AT, (good - LARGE_RAM), table },	      /* no more than a part */
	};

	(void)state;
	large_ram();
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ram(TABLE_PAGE)[0] = bad[i].entry;
		note(bad[i].at | PURLIN_BATCH_LARGE, bad[i].table);
		stops_with(PURLIN_STOP_BAD_BATCH);
		assert_int_equal(large_at(LARGE_AT), 0);
		system_teardown(state);
		setup(state);
		large_ram();
	}
	/* Of memory that may only be read. */
	assert_int_equal(do_call(core, GUEST_ATTACH, GUEST, LARGE_RAM * 2, 35, 0, 512,
				 PURLIN_MAP_READ),
			 PURLIN_OK);
	ram(TABLE_PAGE)[0] = (good + LARGE_RAM) | WRITABLE;
	note(LARGE_AT | PURLIN_BATCH_LARGE, table);
	stops_with(PURLIN_STOP_BAD_BATCH);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, system_teardown)
	const struct CMUnitTest tests[] = {
		TEST(processes_have_large_pages),
		TEST(large_and_small_pages_take_turns),
		TEST(some_large_pages_are_small),
		TEST(bad_large_pages_stop_the_guest),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	quickly = true;
	return cmocka_run_group_tests(tests, NULL, NULL) + failed;
}
