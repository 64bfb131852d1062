// SPDX-License-Identifier: MIT
/*
 * Costs of Linux's basic operations, one line a test: name, value, unit, operations in all, and by
 * how many percent the repetitions differ. Under QEMU's `-icount shift=0` a nanosecond is one
 * instruction.
 */
#define _GNU_SOURCE
#include "ubench.h"

#include <fnmatch.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <unistd.h>

#define REPETITIONS 5
#define MOST_DEVICES 8
#define LONGEST_NAME 64

static const struct test *const groups[] = { call_tests, signal_tests, memory_tests, exchange_tests,
					     process_tests };

/* From --device NAME=PATH. */
static struct {
	const char *name, *path;
} devices[MOST_DEVICES];
static unsigned device_count;

char self[PATH_MAX];
const char *device;

static int ascending(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

/* Between the second and the last but one of them, ascending: one outlier is no spread. */
static double spread(const uint64_t *times)
{
	uint64_t median = times[REPETITIONS / 2];

	if (median == 0)
		return 0;
	return 100.0 * (double)(times[REPETITIONS - 2] - times[1]) / (double)median;
}

/* The median: the clock tick falls into some repetitions, a slow first one into none. */
static void measure(const struct test *test, const char *name)
{
	const int middle = REPETITIONS / 2;
	uint64_t times[REPETITIONS];
	double each;

	test->run(test->count / 8 + 1);
	MARK_RESET();
	for (int i = 0; i < REPETITIONS; i++) {
		interval_reset();
		test->run(test->count);
		times[i] = interval_value();
	}
	qsort(times, REPETITIONS, sizeof(times[0]), ascending);
	each = (double)times[middle] / (double)test->count;
	if (test->convert)
		each = test->convert(each);
	printf("%-28s %12.2f %-5s %8ld %5.1f%%\n", name, each, test->unit ? test->unit : "ns",
	       test->count * REPETITIONS, spread(times));
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

static void measure_group(const struct test *test, char **patterns)
{
	for (; test->name; test++)
		if (wanted(test->name, patterns))
			measure(test, test->name);
}

static void measure_device(unsigned number, char **patterns)
{
	char name[LONGEST_NAME];

	device = devices[number].path;
	for (const struct test *test = device_tests; test->name; test++) {
		snprintf(name, sizeof(name), "%s-%s", devices[number].name, test->name);
		if (wanted(name, patterns))
			measure(test, name);
	}
}

static void device_add(char *word)
{
	char *path = word ? strchr(word, '=') : NULL;

	if (!path || device_count == MOST_DEVICES) {
		fprintf(stderr, "ubench: --device NAME=PATH, at most %d\n", MOST_DEVICES);
		exit(2);
	}
	*path = '\0';
	devices[device_count].name = word;
	devices[device_count++].path = path + 1;
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
	for (; *words && strcmp(*words, "--device") == 0; words += words[1] ? 2 : 1)
		device_add(words[1]);
	stay_on_one_processor();
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		measure_group(groups[i], words);
	for (unsigned i = 0; i < device_count; i++)
		measure_device(i, words);
	return 0;
}
