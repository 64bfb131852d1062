// SPDX-License-Identifier: MIT
/* System calls that do little, and the clock. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "ubench.h"

#define NAME "/tmp/ubench-name"

static void run_null(long count)
{
	interval_begin();
	while (count--)
		syscall(SYS_getppid);
	interval_end();
}

static void run_read(long count)
{
	int zero = (int)MUST(open("/dev/zero", O_RDONLY));
	char byte;

	interval_begin();
	while (count--)
		MUST(read(zero, &byte, 1));
	interval_end();
	close(zero);
}

static void run_write(long count)
{
	int null = (int)MUST(open("/dev/null", O_WRONLY));
	char byte = 0;

	interval_begin();
	while (count--)
		MUST(write(null, &byte, 1));
	interval_end();
	close(null);
}

static void name_new(void)
{
	close((int)MUST(open(NAME, O_CREAT | O_RDWR, 0600)));
}

static void run_stat(long count)
{
	struct stat facts;

	name_new();
	interval_begin();
	while (count--)
		MUST(stat(NAME, &facts));
	interval_end();
	MUST(unlink(NAME));
}

static void run_open_close(long count)
{
	name_new();
	interval_begin();
	while (count--)
		MUST(close((int)MUST(open(NAME, O_RDONLY))));
	interval_end();
	MUST(unlink(NAME));
}

static void run_create_unlink(long count)
{
	interval_begin();
	while (count--) {
		name_new();
		MUST(unlink(NAME));
	}
	interval_end();
}

static void run_clock(long count)
{
	struct timespec time;

	interval_begin();
	while (count--)
		clock_gettime(CLOCK_MONOTONIC, &time);
	interval_end();
}

const struct test call_tests[] = {
	{ .name = "null", .run = run_null, .count = 4000 },
	{ .name = "read", .run = run_read, .count = 4000 },
	{ .name = "write", .run = run_write, .count = 4000 },
	{ .name = "stat", .run = run_stat, .count = 2000 },
	{ .name = "open-close", .run = run_open_close, .count = 1000 },
	{ .name = "create-unlink", .run = run_create_unlink, .count = 500 },
	{ .name = "clock", .run = run_clock, .count = 4000 },
	{},
};
