// SPDX-License-Identifier: MIT
/*
 * The Nth allocation fails, or all from it on, for each N of each call that a guest makes: with
 * each kind of batch, and with another space that can make room or none. The call succeeds, or is
 * refused, or the guest is stopped; what is mapped is right, and with the guest all goes.
 */
#include "kernel_support.h"

#include "allocations.h"

#include "base/pages.h"
#include "object/attachment.h"
#include "object/vcpu.h"

#define VCPU 44
#define SECOND_VCPU 45 /* not started */
#define SPACE 20       /* of the guest's own table */
#define OTHER 21
#define RAM_PAGES 1536
#define TABLE_PAGE 8
#define LOWER 0x400000ull
#define UPPER PURLIN_GUEST_KERNEL_BASE
#define LARGE (UPPER + (1ull << 30))
#define LARGE_ENTRY (TABLE_PAGE * PAGE_SIZE + 8 * sizeof(uint64_t))
#define SPAN (ARCH_SPAN_PAGES * PAGE_SIZE)
#define READ_WRITE (PURLIN_MAP_READ | PURLIN_MAP_WRITE)

static struct vcpu *vcpu;
static struct guest *guest;

/* What the guest has noted when it calls. */
static const struct noted {
	const char *what;
	struct purlin_batch_entry entry[4];
	bool allocates;
} batches[] = {
	{ "nothing", { { 0, 0 } }, false },
	{ "map", { { LOWER | PURLIN_BATCH_MAP, READ_WRITE } }, true },
	{ "map across tables",
	  { { (LOWER + SPAN - PAGE_SIZE) | 3 << 4 | PURLIN_BATCH_MAP, READ_WRITE } },
	  true },
	{ "map far apart",
	  { { LOWER | PURLIN_BATCH_MAP, READ_WRITE },
	    { (LOWER << 9) | PURLIN_BATCH_MAP, READ_WRITE },
	    { (LOWER << 18) | PURLIN_BATCH_MAP, READ_WRITE } },
	  true },
	{ "map in the kernel half", { { UPPER | PURLIN_BATCH_MAP, READ_WRITE } }, true },
	{ "split a large page",
	  { { (LARGE + PAGE_SIZE) | PURLIN_BATCH_MAP, PURLIN_MAP_READ } },
	  true },
	{ "follow a table",
	  { { LOWER | 3 << 4 | PURLIN_BATCH_TABLE, TABLE_PAGE *PAGE_SIZE } },
	  true },
	{ "follow a table in the kernel half",
	  { { UPPER | 3 << 4 | PURLIN_BATCH_TABLE, TABLE_PAGE *PAGE_SIZE } },
	  true },
	{ "follow across tables",
	  { { (LOWER + SPAN - PAGE_SIZE) | 3 << 4 | PURLIN_BATCH_TABLE, TABLE_PAGE *PAGE_SIZE } },
	  true },
	{ "a large page", { { (LOWER + SPAN) | PURLIN_BATCH_LARGE, LARGE_ENTRY } }, false },
	{ "a large page after small ones",
	  { { (LOWER + SPAN) | PURLIN_BATCH_MAP, READ_WRITE },
	    { (LOWER + SPAN) | PURLIN_BATCH_LARGE, LARGE_ENTRY } },
	  true },
	{ "small pages after a large one",
	  { { (LOWER + SPAN) | PURLIN_BATCH_LARGE, LARGE_ENTRY },
	    { (LOWER + SPAN) | PURLIN_BATCH_MAP, READ_WRITE } },
	  true },
	{ "another space",
	  { { PURLIN_BATCH_SPACE, OTHER },
	    { (LOWER + 2 * SPAN) | PURLIN_BATCH_MAP, READ_WRITE },
	    { PURLIN_BATCH_SPACE, 0 },
	    { LOWER | PURLIN_BATCH_MAP, READ_WRITE } },
	  true },
	{ "remove",
	  { { LOWER | PURLIN_BATCH_UNMAP, 1024 }, { LARGE | PURLIN_BATCH_UNMAP, 1 } },
	  false },
	{ "protect",
	  { { LOWER | PURLIN_BATCH_WRITE_PROTECT, 1024 },
	    { LARGE | PURLIN_BATCH_WRITE_PROTECT, 2 } },
	  false },
};
#define BATCHES (sizeof(batches) / sizeof(batches[0]))

/* The calls, by the guest's vCPU if they are about its state; 0: argument is in examples[]. */
static const struct made {
	uint64_t number, argument[6];
	bool by_vcpu, applies, allocates;
} calls[] = {
	{ PURLIN_CALL_VCPU_RESUME_SYSCALL, { 0 }, true, false, false },
	{ PURLIN_CALL_VCPU_RESUME_USER, { 0 }, true, false, false },
	{ PURLIN_CALL_VCPU_RESUME_KERNEL, { 0 }, true, false, false },
	{ PURLIN_CALL_VCPU_APPLY, { 0 }, true, true, false },
	{ PURLIN_CALL_VCPU_SWITCH, { OTHER }, true, true, true },
	{ PURLIN_CALL_VCPU_WAIT, { 0 }, true, true, false },
	{ PURLIN_CALL_VCPU_DEADLINE, { 0 }, true, false, false },
	{ PURLIN_CALL_VCPU_DEBUG, { 0 }, true, false, false },
	{ PURLIN_CALL_VCPU_CONFIGURE,
	  { PURLIN_SLOT_THREAD, 4 * PAGE_SIZE, UPPER, UPPER, 0 },
	  true,
	  true,
	  false },
	{ PURLIN_CALL_VCPU_START, { SECOND_VCPU, UPPER }, false, false, false },
	{ PURLIN_CALL_GUEST_MAP,
	  { GUEST, LARGE + SPAN, 512 * PAGE_SIZE, 513, PURLIN_MAP_READ },
	  false,
	  false,
	  true },
	{ PURLIN_CALL_GUEST_UNMAP, { GUEST, LARGE + PAGE_SIZE, 2 }, false, false, false },
	{ PURLIN_CALL_GUEST_DETACH, { GUEST, 1ull << 32 }, false, false, false },
};
#define MADE (sizeof(calls) / sizeof(calls[0]))

static void each_call_of_a_guest_is_made(void **state)
{
	(void)state;
	for (unsigned int number = 0; number < PURLIN_CALLS; number++) {
		bool found = false;

		for (unsigned int i = 0; i < MADE; i++)
			found |= calls[i].number == number;
		if (examples[number].kind == GUESTS && !found)
			fail_msg("%s: make it", names[number]);
	}
}

static void ok(status result)
{
	assert_int_equal(result, PURLIN_OK);
}

static uint64_t *ram(uint64_t page)
{
	uint64_t base = guest_find(guest, 0, 1)->base.value;

	return arch_physical_to_kernel((struct physical){ base + page * PAGE_SIZE });
}

static void note(const struct purlin_batch_entry *entry)
{
	for (unsigned int i = 0; i < 4 && entry[i].word0; i++)
		vcpu->state->batch[vcpu->state->batch_count++] = entry[i];
}

/* A guest whose space, or whose other space, has mappings that can make room. */
static void guest_new(bool other)
{
	ok(do_call(core, PD_CREATE, 2, GUEST, 64, PURLIN_PD_GUEST, 1));
	ok(do_call(core, GUEST_ATTACH, GUEST, 0, GUEST_MEMORY, 0, RAM_PAGES,
		   READ_WRITE | PURLIN_MAP_EXECUTE));
	ok(do_call(core, GUEST_ATTACH, GUEST, 1ull << 32, MEMORY, 0, 4, PURLIN_MAP_READ));
	ok(do_call(core, VCPU_CREATE, GUEST, VCPU, 0, TEST_PRIORITY));
	vcpu = thread_vcpu(thread_of(object_at(core, VCPU)));
	guest = vcpu->guest;
	/* What the guest before has noted, if it was stopped. */
	memset(ram(0), 0, sizeof(*vcpu->state));
	memset(ram(4), 0, sizeof(*vcpu->state));
	give(GUEST, PURLIN_SLOT_PD, GUEST, PURLIN_RIGHT_ALL, 0);
	give(GUEST, PURLIN_SLOT_THREAD, VCPU, PURLIN_RIGHT_ALL, 0);
	ok(do_call(core, VCPU_CREATE, GUEST, SECOND_VCPU, 0, TEST_PRIORITY));
	ok(do_call(core, VCPU_START, VCPU, UPPER));
	ok(do_call(&vcpu->thread, VCPU_CONFIGURE, PURLIN_SLOT_THREAD, 0, UPPER, UPPER, 0));
	ok(do_call(&vcpu->thread, SPACE_CREATE, PURLIN_SLOT_PD, SPACE));
	ok(do_call(&vcpu->thread, SPACE_CREATE, PURLIN_SLOT_PD, OTHER));
	ok(do_call(core, GUEST_MAP, GUEST, LARGE, 0, ARCH_SPAN_PAGES, READ_WRITE));
	for (uint64_t i = 0; i < 4; i++)
		ram(TABLE_PAGE)[i] =
			(16 + i) * PAGE_SIZE | PURLIN_ENTRY_PRESENT | PURLIN_ENTRY_ACCESSED;
	ram(TABLE_PAGE)[8] = SPAN | PURLIN_ENTRY_PRESENT | PURLIN_ENTRY_ACCESSED |
			     PURLIN_ENTRY_LARGE | PURLIN_ENTRY_NO_EXECUTE;
	if (other) {
		ok(do_call(&vcpu->thread, VCPU_SWITCH, OTHER));
		note((struct purlin_batch_entry[4]){
			{ (LOWER + SPAN) | PURLIN_BATCH_MAP, PURLIN_MAP_READ } });
		ok(do_call(&vcpu->thread, VCPU_APPLY));
	}
	ok(do_call(&vcpu->thread, VCPU_SWITCH, SPACE));
}

static void guest_end(void)
{
	ok(do_call(core, OBJECT_DESTROY, GUEST));
	ok(do_call(core, CAP_DELETE, 1, VCPU));
	ok(do_call(core, CAP_DELETE, 1, SECOND_VCPU));
	ok(do_call(core, CAP_DELETE, 1, GUEST));
}

static status make(const struct made *made, unsigned int batch)
{
	const uint64_t *a = made->argument;

	if (made->applies)
		note(batches[batch].entry);
	if (made->number == PURLIN_CALL_VCPU_WAIT)
		vcpu->state->events_pending = 1;
	return call(made->by_vcpu ? &vcpu->thread : core, made->number, a[0], a[1], a[2], a[3],
		    a[4], a[5]);
}

/* The last page that the batch maps; those before it may have made room. */
static bool mapped(const struct purlin_batch_entry *entry)
{
	uint64_t last = 0, *there;

	for (unsigned int i = 0; i < 4 && entry[i].word0; i++) {
		uint64_t kind = entry[i].word0 & 0xf;

		if (kind == PURLIN_BATCH_MAP || kind == PURLIN_BATCH_TABLE ||
		    kind == PURLIN_BATCH_LARGE)
			last = entry[i].word0;
	}
	if (!last)
		return true;
	if ((last & 0xf) == PURLIN_BATCH_LARGE)
		there = arch_guest_large_entry(guest, vcpu->space, last & ~(PAGE_SIZE - 1));
	else
		there = arch_guest_entry(guest, last < UPPER ? vcpu->space : NULL,
					 (last & ~(PAGE_SIZE - 1)) + (last >> 4 & 0xff) * PAGE_SIZE,
					 false);
	return there && (*there & ARCH_ENTRY_PRESENT);
}

static void stopped_for_memory(void)
{
	ok(do_call(core, PD_STATUS, GUEST));
	assert_int_equal(result(core, 0), PD_STOPPED);
	assert_int_equal(result(core, 1), PURLIN_STOP_NO_MEMORY);
}

static unsigned int stops, refusals, successes;

/* What may come of it when the allocation failed. */
static void judge(const struct made *made, unsigned int batch, status came)
{
	if (came == WAITS) {
		assert_true(made->applies);
		stopped_for_memory();
		stops++;
	} else if (came == PURLIN_NO_MEMORY) {
		assert_true(made->allocates);
		refusals++;
	} else {
		ok(came);
		/* Of a space that the vCPU has left nothing can be said here. */
		if (made->applies && made->number != PURLIN_CALL_VCPU_SWITCH)
			assert_true(vcpu->state->batch_count == 0 && mapped(batches[batch].entry));
		successes++;
	}
}

struct picture {
	uint64_t used, pages;
	size_t allocations;
};

static struct picture picture(void)
{
	return (struct picture){ root.used, pages_available(), host_allocations() };
}

/* False: the call has no such allocation. */
static bool fail_one(const struct made *made, unsigned int batch, unsigned int at, bool other)
{
	bool reached, on = host.fail_on;
	status came;

	host.fail_on = false;
	guest_new(other);
	host.fail_on = on;
	host.failed = false;
	host.fail_at = at;
	came = make(made, batch);
	reached = host.failed;
	host.failed = false;
	host.fail_at = 0;
	if (reached)
		judge(made, batch, came);
	else if (made->number > PURLIN_CALL_VCPU_RESUME_KERNEL)
		ok(came);
	guest_end();
	return reached;
}

static unsigned int fail_each(const struct made *made, unsigned int batch, bool other)
{
	struct picture before, now;

	fail_one(made, batch, 0, other);
	before = picture();
	for (unsigned int at = 1; at < 1000; at++) {
		bool reached = fail_one(made, batch, at, other);

		now = picture();
		if (now.used != before.used || now.pages != before.pages ||
		    now.allocations != before.allocations)
			fail_msg("%s, %s: something is left after allocation %u failed",
				 names[made->number], batches[batch].what, at);
		if (!reached)
			return at - 1;
	}
	fail_msg("%s: no end of allocations", names[made->number]);
	return 0;
}

/* A space that a vCPU has been in has its roots. */
static bool has_all(const struct made *made, bool other)
{
	return !made->allocates || (other && made->number == PURLIN_CALL_VCPU_SWITCH);
}

static void with(bool on, bool other, unsigned int every)
{
	for (unsigned int i = 0; i < MADE; i++) {
		for (unsigned int batch = 0; batch < (calls[i].applies ? BATCHES : 1); batch++) {
			bool wanted = !has_all(&calls[i], other) ||
				      (calls[i].applies && batches[batch].allocates);
			unsigned int failed;

			host.fail_on = on;
			host.preempt_every = every;
			failed = fail_each(&calls[i], batch, other);
			if (wanted != (failed > 0))
				fail_msg("%s, %s: %u allocations", names[calls[i].number],
					 batches[batch].what, failed);
		}
	}
	host.fail_on = false;
	host.preempt_every = 0;
}

static void each_allocation_fails(void **state)
{
	(void)state;
	ok(do_call(core, MEMORY_CREATE, 2, GUEST_MEMORY, RAM_PAGES, PURLIN_MEMORY_CONTIGUOUS));
	ok(do_call(core, MEMORY_CREATE, 2, MEMORY, 4, 0));
	stops = refusals = successes = 0;
	for (unsigned int way = 0; way < 8; way++)
		with(way & 1, way & 2, way & 4 ? 1 : 0);
	/* All ways out were taken. */
	assert_true(stops && refusals && successes);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, system_setup, system_teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_call_of_a_guest_is_made),
		TEST(each_allocation_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
