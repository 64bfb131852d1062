// SPDX-License-Identifier: MIT
/*
 * Costs of Linux's basic operations, one line a test: name, value, unit, operations in all. Under
 * QEMU's `-icount shift=0` a nanosecond is one instruction.
 */
#define _GNU_SOURCE
#include "ubench.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <time.h>
#include <unistd.h>

#define REPETITIONS 5

static const struct test *const groups[] = { call_tests,     signal_tests,  memory_tests,
					     exchange_tests, process_tests, device_tests };

char self[PATH_MAX];
const char *device;
static uint64_t began, measured;

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

void region_begin(void)
{
	began = now();
	MARK_BEGIN();
}

void region_end(void)
{
	MARK_END();
	measured += now() - began;
}

void region_exclude(uint64_t nanoseconds)
{
	measured -= nanoseconds;
}

noreturn void fail(const char *what)
{
	fprintf(stderr, "ubench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int ascending(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

/* The median: the clock tick falls into some repetitions, a slow first one into none. */
static void measure(const struct test *test)
{
	const int middle = REPETITIONS / 2;
	uint64_t times[REPETITIONS];
	double each;

	test->run(test->count / 8 + 1);
	MARK_RESET();
	for (int i = 0; i < REPETITIONS; i++) {
		measured = 0;
		test->run(test->count);
		times[i] = measured;
	}
	qsort(times, REPETITIONS, sizeof(times[0]), ascending);
	each = (double)times[middle] / (double)test->count;
	if (test->convert)
		each = test->convert(each);
	printf("%-20s %12.1f %-5s %8ld\n", test->name, each, test->unit ? test->unit : "ns",
	       test->count * REPETITIONS);
	fflush(stdout);
	MARK_REPORT();
}

static bool wanted(const char *name, char **patterns)
{
	if (!*patterns)
		return true;
	for (; *patterns; patterns++)
		if (fnmatch(*patterns, name, 0) == 0)
			return true;
	return false;
}

/* Tests of a disk run only where one is named. */
static bool possible(const struct test *const group)
{
	return group != device_tests || device;
}

static void stay_on_one_processor(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	MUST(sched_setaffinity(0, sizeof(set), &set));
}

/* How a program lies in memory decides how many page tables it has: always the same way. */
static void start_unrandomised(char **words)
{
	int persona = personality(0xffffffff);

	if (persona & ADDR_NO_RANDOMIZE)
		return;
	MUST(personality((unsigned long)persona | ADDR_NO_RANDOMIZE));
	MUST(execv("/proc/self/exe", words));
}

int main(int count, char **words)
{
	(void)count;
	if (words[1] && strcmp(words[1], EXIT_OPTION) == 0)
		_exit(0);
	start_unrandomised(words);
	words++;
	MUST(readlink("/proc/self/exe", self, sizeof(self) - 1));
	if (*words && strcmp(*words, "--device") == 0) {
		device = words[1];
		words += device ? 2 : 1;
	}
	stay_on_one_processor();
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		for (const struct test *test = groups[i]; test->name; test++)
			if (possible(groups[i]) && wanted(test->name, words))
				measure(test);
	return 0;
}
