// SPDX-License-Identifier: MIT
/* The timed interval, and time in it that is no work. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ubench.h"

#define LINE 256

static uint64_t began, measured;

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

void interval_reset(void)
{
	measured = 0;
}

uint64_t interval_value(void)
{
	return measured;
}

void interval_begin(void)
{
	began = now();
	MARK_BEGIN();
}

void interval_end(void)
{
	MARK_END();
	measured += now() - began;
}

void interval_exclude(uint64_t nanoseconds)
{
	measured -= nanoseconds;
}

void interval_counted(uint64_t number)
{
	measured = number;
}

noreturn void fail(const char *what)
{
	fprintf(stderr, "ubench: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* The value of a line "  .name : value nsecs", if it is that line. */
static bool line_value(const char *line, const char *name, uint64_t *value)
{
	const char *found = strstr(line, name);

	return found && sscanf(found, "%*[^:]: %" SCNu64, value) == 1;
}

uint64_t idle_time(void)
{
	char line[LINE];
	uint64_t idle = 0, waiting = 0;
	bool found = false;
	FILE *timers = fopen("/proc/timer_list", "r");

	if (!timers)
		fail("/proc/timer_list");
	while (!found && fgets(line, sizeof(line), timers)) {
		line_value(line, ".idle_sleeptime", &idle);
		found = line_value(line, ".iowait_sleeptime", &waiting);
	}
	fclose(timers);
	if (!found)
		fail("/proc/timer_list tells no idle time");
	return idle + waiting;
}
