// SPDX-License-Identifier: MIT
/* The Nth allocation fails, for each N of each kernel call: nothing is left behind, and the same
 * call succeeds later. */
#include "kernel_support.h"

#include "allocations.h"

#include "base/pages.h"

#define FIRST_SPACE 43
#define FAR_SLOT 500

static void each_call_has_an_example(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < PURLIN_CALLS; i++) {
		if (examples[i].kind == MISSING)
			fail_msg("%s: say how it allocates", names[i]);
	}
}

/* What a call that failed must not have changed. */
struct picture {
	uint64_t used, pages, tables;
	size_t allocations;
	uint32_t regions, references[SLOT];
	unsigned int threads;
	struct object *last;
};

static struct picture picture(void)
{
	struct picture now = {
		.used = root.used,
		.pages = pages_available(),
		.tables = core->pd->tables.charged,
		.allocations = host_allocations(),
		.regions = core->pd->region_count,
		.threads = core->pd->thread_count,
		.last = container_of(root.objects.previous, struct object, siblings),
	};

	for (uint64_t slot = 1; slot < SLOT; slot++) {
		if (object_at(core, slot))
			now.references[slot] = object_at(core, slot)->references;
	}
	return now;
}

/* Page tables of a space stay until it goes, and so does a page of the capability table. */
static void unchanged(const char *name, unsigned int number, struct picture before)
{
	struct picture now = picture();
	uint64_t table = core->pd->capabilities.pages[FAR_SLOT / CAPABILITIES_PER_PAGE] != NULL;
	uint64_t kept = now.tables - before.tables;

	if (before.used + kept + table < now.used || before.allocations + table < now.allocations ||
	    before.pages < now.pages || before.pages > now.pages + kept + table ||
	    before.regions != now.regions || before.threads != now.threads ||
	    before.last != now.last || core->call.progress.unfinished ||
	    memcmp(before.references, now.references, sizeof(now.references)) != 0)
		fail_msg("%s: something is left after allocation %u failed", name, number);
}

static status make(unsigned int number, uint64_t slot)
{
	const uint64_t *a = examples[number].argument;
	uint64_t first = examples[number].kind == CREATES ? slot : a[1];

	return call(core, number, a[0], first, a[2], a[3], a[4], a[5]);
}

/* Fail allocation 1, 2, ... until there is no further one: returns how many there were. */
static unsigned int fail_each(unsigned int number, uint64_t slot)
{
	unsigned int failed = 0;

	for (unsigned int at = 1; at < 5000; at++) {
		struct picture before = picture();
		status result;

		host.fail_at = at;
		result = make(number, slot);
		if (host.fail_at) {
			host.fail_at = 0;
			assert_int_equal(result, PURLIN_OK);
			return failed;
		}
		failed++;
		/* The way round it: pages one by one in place of a run. */
		if (result == PURLIN_OK) {
			assert_int_equal(number, PURLIN_CALL_MEMORY_CREATE);
			assert_int_equal(do_call(core, CAP_DELETE, 1, slot), PURLIN_OK);
			result = PURLIN_NO_MEMORY;
		}
		assert_int_equal(result, PURLIN_NO_MEMORY);
		unchanged(names[number], at, before);
	}
	fail_msg("%s: no end of allocations", names[number]);
	return 0;
}

static void fresh(void)
{
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, MEMORY, 600, 0), PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, GUEST_MEMORY, 16,
				 PURLIN_MEMORY_CONTIGUOUS),
			 PURLIN_OK);
	/* The first call makes what belongs to the guest as a whole, and that stays with the PD. */
	assert_int_equal(do_call(core, PD_CREATE, 2, GUEST, 64, PURLIN_PD_GUEST, 1), PURLIN_OK);
	assert_int_equal(do_call(core, SPACE_CREATE, GUEST, FIRST_SPACE), PURLIN_OK);
}

static void with_interrupts(unsigned int every)
{
	void *state = NULL;

	for (unsigned int i = 0; i < PURLIN_CALLS; i++) {
		enum kind kind = examples[i].kind;

		for (uint64_t slot = SLOT; slot <= FAR_SLOT; slot += FAR_SLOT - SLOT) {
			if (kind != CREATES && (kind != CHANGES || slot != SLOT))
				continue;
			system_destroy();
			system_setup(&state);
			fresh();
			host.preempt_every = every;
			/* A copy into a page that is there needs nothing. */
			assert_true(fail_each(i, slot) > 0 ||
				    (i == PURLIN_CALL_CAP_COPY && slot == SLOT));
			host.preempt_every = 0;
		}
	}
}

static void each_allocation_fails(void **state)
{
	(void)state;
	with_interrupts(0);
}

static void each_allocation_fails_between_interrupts(void **state)
{
	(void)state;
	with_interrupts(3);
}

#define KERNEL_HALF 0xffffffff80000000
#define ALL_PAGES 16

/* A guest with memory at 0; then the call, whose allocation number `at` fails: none left, true. */
static bool map_in_guest(unsigned int at)
{
	status result;
	bool reached;

	assert_int_equal(do_call(core, PD_CREATE, 2, GUEST, 64, PURLIN_PD_GUEST, 1), PURLIN_OK);
	assert_int_equal(do_call(core, GUEST_ATTACH, GUEST, 0, GUEST_MEMORY, 0, ALL_PAGES,
				 PURLIN_MAP_READ | PURLIN_MAP_WRITE),
			 PURLIN_OK);
	host.fail_at = at;
	result = do_call(core, GUEST_MAP, GUEST, KERNEL_HALF, 0, ALL_PAGES,
			 PURLIN_MAP_READ | PURLIN_MAP_WRITE);
	reached = !host.fail_at;
	host.fail_at = 0;
	assert_int_equal(result, reached && at ? PURLIN_NO_MEMORY : PURLIN_OK);
	assert_int_equal(do_call(core, OBJECT_DESTROY, GUEST), PURLIN_OK);
	assert_int_equal(do_call(core, CAP_DELETE, 1, GUEST), PURLIN_OK);
	return !reached;
}

/* Tables stay with the guest; with the guest all goes. */
static void a_guest_whose_map_fails_leaves_nothing(void **state)
{
	unsigned int at = 1;
	struct picture before;

	(void)state;
	assert_int_equal(do_call(core, MEMORY_CREATE, 2, GUEST_MEMORY, ALL_PAGES,
				 PURLIN_MEMORY_CONTIGUOUS),
			 PURLIN_OK);
	map_in_guest(0);
	before = picture();
	while (!map_in_guest(at++))
		unchanged("guest_map", at, before);
	unchanged("guest_map", at, before);
	assert_true(at > 2);
}

#define ENDPOINT 44
#define SERVER 45
#define PASSED 46 /* the capability */
#define ENDPOINT_SLOTS 10

/* Core calls a server, each passing a capability to a page of slots that is not there. */
static struct thread *server_new(void)
{
	struct thread *server;

	assert_int_equal(do_call(core, ENDPOINT_CREATE, 2, ENDPOINT), PURLIN_OK);
	assert_int_equal(do_call(core, SIGNAL_CREATE, 2, PASSED), PURLIN_OK);
	assert_int_equal(do_call(core, PD_CREATE, 2, SERVER, 1024, 0, 1), PURLIN_OK);
	server = thread_new(SERVER, SERVER + 2, TEST_MESSAGE, 20);
	give(SERVER, ENDPOINT_SLOTS, ENDPOINT, PURLIN_RIGHT_ALL, 0);
	give(SERVER, PASSED, PASSED, PURLIN_RIGHT_ALL, 0);
	core->message->send_slot[0] = server->message->send_slot[0] = PASSED;
	core->message->receive_slot[0] = server->message->receive_slot[0] = FAR_SLOT;
	return server;
}

static void arrives(struct thread *thread, unsigned int capabilities)
{
	assert_int_equal(answer(thread), PURLIN_OK);
	assert_int_equal(PURLIN_INFO_CAPS(result(thread, 0)), capabilities);
	assert_int_equal(object_at(thread, FAR_SLOT) != NULL, capabilities);
	assert_int_equal(object_at(core, PASSED)->references, 2 + capabilities);
	if (capabilities)
		assert_int_equal(do_call(thread, CAP_DELETE, 1, FAR_SLOT), PURLIN_OK);
}

/* The message arrives, and the capability that its receiver cannot pay for is left out. */
static void a_passed_capability_that_fails_is_left_out(void **state)
{
	const uint64_t info = PURLIN_INFO(7, 1, 1);

	for (unsigned int way = 0; way < 4; way++) {
		bool waits = way & 1, fails = way & 2;
		struct thread *server;

		system_destroy();
		system_setup(state);
		server = server_new();
		give(SERVER, PURLIN_SLOT_PD, SERVER, PURLIN_RIGHT_ALL, 0);
		if (waits)
			do_call(server, ENDPOINT_RECEIVE, ENDPOINT_SLOTS);
		host.fail_on = fails;
		host.fail_at = fails;
		do_call(core, ENDPOINT_CALL, ENDPOINT, info);
		if (!waits)
			do_call(server, ENDPOINT_RECEIVE, ENDPOINT_SLOTS);
		assert_true(host.failed == fails);
		host.failed = false;
		arrives(server, !fails);
		host.fail_at = fails;
		do_call(server, ENDPOINT_REPLY_RECEIVE, ENDPOINT_SLOTS, info);
		assert_true(host.failed == fails);
		host.failed = false;
		arrives(core, !fails);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, system_setup, system_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_call_has_an_example),
		TEST(each_allocation_fails),
		TEST(each_allocation_fails_between_interrupts),
		TEST(a_guest_whose_map_fails_leaves_nothing),
		TEST(a_passed_capability_that_fails_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
