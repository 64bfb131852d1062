// SPDX-License-Identifier: MIT
/* The Nth allocation fails, for each N of each kernel call: nothing is left behind, and the same
 * call succeeds later. */
#include "kernel_support.h"

#include "base/pages.h"

#define MEMORY 40 /* an object of each kind that a call needs */
#define SLOT 50	  /* in the first page of the table, which is there */
#define GUEST 41
#define GUEST_MEMORY 42
#define FIRST_SPACE 43
#define FAR_SLOT 500

/* How a call allocates. */
enum kind {
	MISSING, /* a new call: it wants a line below */
	NEVER,	 /* it needs no memory */
	CREATES, /* argument 1 is the new slot */
	CHANGES, /* other arguments */
	ARCH,	 /* of guests: see kernel_guest.c */
};

static const struct example {
	enum kind kind;
	uint64_t argument[6];
} examples[] = {
#define EXAMPLE(name, kind, ...) [PURLIN_CALL_##name] = { kind, { __VA_ARGS__ } }
#define WANTS_NONE(name) EXAMPLE(name, NEVER, 0)
#define IN_ARCH(name) EXAMPLE(name, ARCH, 0)
	IN_ARCH(VCPU_RESUME_SYSCALL),
	IN_ARCH(VCPU_RESUME_USER),
	IN_ARCH(VCPU_RESUME_KERNEL),
	IN_ARCH(VCPU_APPLY),
	IN_ARCH(VCPU_SWITCH),
	IN_ARCH(VCPU_WAIT),
	IN_ARCH(VCPU_DEADLINE),
	IN_ARCH(VCPU_CONFIGURE),
	EXAMPLE(VCPU_CREATE, CREATES, GUEST, SLOT, 0, 1),
	IN_ARCH(VCPU_START),
	EXAMPLE(GUEST_ATTACH, CHANGES, GUEST, 0x10000000, GUEST_MEMORY, 0, 16,
		PURLIN_MAP_READ | PURLIN_MAP_WRITE),
	IN_ARCH(GUEST_DETACH),
	IN_ARCH(GUEST_MAP),
	IN_ARCH(GUEST_UNMAP),
	EXAMPLE(SPACE_CREATE, CREATES, GUEST, SLOT),
	EXAMPLE(CAP_COPY, CREATES, PURLIN_SLOT_PD, SLOT, PURLIN_SLOT_ACCOUNT, ~0u, 0),
	WANTS_NONE(CAP_DELETE),
	WANTS_NONE(CAP_INFO),
	WANTS_NONE(OBJECT_DESTROY),
	EXAMPLE(ACCOUNT_CREATE, CREATES, PURLIN_SLOT_ACCOUNT, SLOT, 10),
	WANTS_NONE(ACCOUNT_INFO),
	EXAMPLE(PD_CREATE, CREATES, PURLIN_SLOT_ACCOUNT, SLOT, 64, 0, 1),
	WANTS_NONE(PD_WATCH),
	WANTS_NONE(PD_STATUS),
	EXAMPLE(THREAD_CREATE, CREATES, PURLIN_SLOT_PD, SLOT, 0, 1, 0x40000000),
	WANTS_NONE(THREAD_START),
	WANTS_NONE(THREAD_EXIT),
	WANTS_NONE(THREAD_YIELD),
	WANTS_NONE(THREAD_SCHEDULE),
	WANTS_NONE(THREAD_BIND_SIGNAL),
	EXAMPLE(ENDPOINT_CREATE, CREATES, PURLIN_SLOT_ACCOUNT, SLOT),
	WANTS_NONE(ENDPOINT_CALL),
	WANTS_NONE(ENDPOINT_RECEIVE),
	WANTS_NONE(ENDPOINT_REPLY_RECEIVE),
	EXAMPLE(SIGNAL_CREATE, CREATES, PURLIN_SLOT_ACCOUNT, SLOT),
	WANTS_NONE(SIGNAL_NOTIFY),
	WANTS_NONE(SIGNAL_WAIT),
	WANTS_NONE(SIGNAL_POLL),
	WANTS_NONE(SIGNAL_BIND_VCPU),
	EXAMPLE(MEMORY_CREATE, CREATES, PURLIN_SLOT_ACCOUNT, SLOT, 600, 0),
	EXAMPLE(MEMORY_CREATE_PHYSICAL, CREATES, PURLIN_SLOT_PHYSICAL_ROOT, SLOT, 0x80000000, 1,
		PURLIN_MAP_UNCACHED),
	WANTS_NONE(MEMORY_INFO),
	EXAMPLE(MEMORY_MAP, CHANGES, MEMORY, PURLIN_SLOT_PD, 0x50000000, 0, 600,
		PURLIN_MAP_READ | PURLIN_MAP_WRITE),
	WANTS_NONE(MEMORY_UNMAP),
	WANTS_NONE(MEMORY_PIN),
	WANTS_NONE(MEMORY_UNPIN),
	EXAMPLE(IRQ_CREATE_GSI, CREATES, PURLIN_SLOT_IRQ_ROOT, SLOT, 5, 0),
	EXAMPLE(IRQ_CREATE_MSI, CREATES, PURLIN_SLOT_IRQ_ROOT, SLOT, 0),
	WANTS_NONE(IRQ_BIND),
	WANTS_NONE(IRQ_ACK),
	WANTS_NONE(IRQ_MASK),
	WANTS_NONE(IRQ_INFO),
	EXAMPLE(IO_PORT_CREATE, CREATES, PURLIN_SLOT_IO_PORTS, SLOT, 0x80, 4),
	WANTS_NONE(IO_PORT_IN),
	WANTS_NONE(IO_PORT_OUT),
	EXAMPLE(TIMER_CREATE, CREATES, PURLIN_SLOT_ACCOUNT, SLOT),
	WANTS_NONE(TIMER_SET),
	WANTS_NONE(LOG_WRITE),
	WANTS_NONE(LOG_UART),
	WANTS_NONE(LOG_READ),
	WANTS_NONE(LOG_WATCH),
	WANTS_NONE(TRACE_MASK),
	WANTS_NONE(TRACE_COUNTER),
	WANTS_NONE(SYSTEM_RESET),
};

static const char *const names[] = {
#define CALL(name, type, right, count) #name,
#include "kernel/dispatch.inc"
#undef CALL
};
#define CALL_COUNT (sizeof(names) / sizeof(names[0]))

static void each_call_has_an_example(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < CALL_COUNT; i++) {
		if (i >= sizeof(examples) / sizeof(examples[0]) || examples[i].kind == MISSING)
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

	for (unsigned int i = 0; i < CALL_COUNT; i++) {
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, system_setup, system_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_call_has_an_example),
		TEST(each_allocation_fails),
		TEST(each_allocation_fails_between_interrupts),
		TEST(a_guest_whose_map_fails_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
