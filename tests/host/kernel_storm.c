// SPDX-License-Identifier: MIT
/* Budgets of interrupt sources. */
#include "base/storm.h"

#include "kernel_support.h"

#define STRETCH (arch_time_hz() / 1000000 * STORM_STRETCH_US)

/* So many interrupts, evenly over that time; how often the source was to be held back. */
static unsigned int interrupts(struct storm *storm, unsigned int count, uint64_t time)
{
	unsigned int held = 0;
	uint64_t begin = host.time;

	for (unsigned int i = 1; i <= count; i++) {
		host.time = begin + time * i / count;
		if (storm_next(storm))
			held++;
	}
	return held;
}

static int setup(void **state)
{
	(void)state;
	host.time = 1000 * STRETCH;
	return 0;
}

static void what_is_within_the_budget_goes_on(void **state)
{
	struct storm storm = { 0 };

	(void)state;
	assert_int_equal(interrupts(&storm, 100 * STORM_INTERRUPTS, 101 * STRETCH), 0);
	assert_int_equal(interrupts(&storm, STORM_INTERRUPTS - 1, 0), 0);
}

static void a_storm_is_held_until_the_stretch_ends(void **state)
{
	struct storm storm = { 0 };
	uint64_t begin, until = 0;

	(void)state;
	interrupts(&storm, STORM_INTERRUPTS, 2 * STRETCH);
	begin = host.time;
	for (unsigned int i = 0; i < STORM_INTERRUPTS; i++) {
		assert_int_equal(until, 0);
		host.time++;
		until = storm_next(&storm);
	}
	assert_int_equal(until, begin + STRETCH);
	/* Held until then, it goes on as before, and is held again. */
	host.time = until;
	assert_int_equal(interrupts(&storm, 10 * STORM_INTERRUPTS, 5 * STRETCH), 10);
}

static void a_quiet_source_starts_anew(void **state)
{
	struct storm storm = { 0 };

	(void)state;
	interrupts(&storm, STORM_INTERRUPTS, STRETCH / 2);
	host.time += 100 * STRETCH;
	assert_int_equal(interrupts(&storm, STORM_INTERRUPTS, 0), 0);
	assert_int_equal(interrupts(&storm, STORM_INTERRUPTS, 0), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_within_the_budget_goes_on, setup),
		cmocka_unit_test_setup(a_storm_is_held_until_the_stretch_ends, setup),
		cmocka_unit_test_setup(a_quiet_source_starts_anew, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
