/* SPDX-License-Identifier: MIT */
/* Slots and virtual address ranges. */
#include "test.h"

#include "internal.h"
#include "purlin/boot.h"
#include "runtime/addresses.h"
#include "runtime/slots.h"

struct lock runtime_lock;

void lock_acquire(struct lock *lock)
{
	lock->users++;
}

void lock_release(struct lock *lock)
{
	lock->users--;
}

static void slots_are_distinct(void **state)
{
	static bool seen[COMPONENT_SLOTS];
	unsigned int count = 0;
	purlin_u64 slot;

	(void)state;
	while ((slot = slot_reserve())) {
		assert_true(slot >= PURLIN_SLOT_FIRST_FREE && slot < COMPONENT_SLOTS);
		assert_false(seen[slot]);
		seen[slot] = true;
		count++;
	}
	assert_int_equal(count, COMPONENT_SLOTS - PURLIN_SLOT_FIRST_FREE);
	slot_release(1234);
	slot_release(77);
	slot_release(0);
	slot_release(PURLIN_SLOT_PD);
	slot_release(COMPONENT_SLOTS);
	assert_int_equal(slot_reserve(), 77);
	assert_int_equal(slot_reserve(), 1234);
	assert_int_equal(slot_reserve(), 0);
	assert_int_equal(runtime_lock.users, 0);
}

static void ranges_do_not_meet(void **state)
{
	struct range {
		purlin_u64 start, pages;
	} ranges[200] = { { 0, 0 } };

	(void)state;
	for (unsigned int round = 0; round < 20000; round++) {
		struct range *range = &ranges[test_random() % 200];
		purlin_u64 align = 1ull << (12 + test_random() % 10);

		if (range->start) {
			addresses_release(range->start);
			range->start = 0;
			continue;
		}
		range->pages = 1 + test_random() % 1000;
		range->start = addresses_reserve(range->pages, align);
		assert_true(range->start >= ADDRESSES_START && range->start < ADDRESSES_END);
		assert_int_equal(range->start % align, 0);
		for (unsigned int i = 0; i < 200; i++) {
			const struct range *other = &ranges[i];

			if (other == range || !other->start)
				continue;
			/* With a free page between. */
			assert_true(range->start + range->pages * 4096 < other->start ||
				    other->start + other->pages * 4096 < range->start);
		}
	}
	assert_int_equal(runtime_lock.users, 0);
}

static void refuses_nonsense(void **state)
{
	(void)state;
	assert_int_equal(addresses_reserve(0, 4096), 0);
	assert_int_equal(addresses_reserve(~0ull, 4096), 0);
	addresses_release(12345);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_are_distinct),
		cmocka_unit_test(ranges_do_not_meet),
		cmocka_unit_test(refuses_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
