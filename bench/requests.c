// SPDX-License-Identifier: MIT
/*
 * `requests DEVICE`: direct reads and writes of a disk, one at a time, in intervals that a plugin
 * counts in (./purlin bench served). A line for each interval, in their order: its name, and how
 * many requests it has.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mark.h"

#define MOST_BYTES (128 << 10)
#define REHEARSED 20
#define DISK_BYTES (16 << 20)

static const struct row {
	const char *name;
	size_t bytes;
	int write, count;
} rows[] = {
	{ "read-4k", 4 << 10, 0, 1000 },
	{ "write-4k", 4 << 10, 1, 500 },
	{ "read-128k", 128 << 10, 0, 100 },
	{ "write-128k", 128 << 10, 1, 100 },
};

static char *buffer;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void requests(int disk, const struct row *row, int count)
{
	for (int i = 0; i < count; i++) {
		off_t at = (off_t)((size_t)i * row->bytes % DISK_BYTES);
		ssize_t done = row->write ? pwrite(disk, buffer, row->bytes, at) :
					    pread(disk, buffer, row->bytes, at);

		if (done != (ssize_t)row->bytes)
			die(row->name);
	}
}

int main(int count, char **words)
{
	void *memory;
	int disk;

	if (count != 2) {
		fprintf(stderr, "requests DEVICE\n");
		return 2;
	}
	disk = open(words[1], O_RDWR | O_DIRECT);
	if (disk < 0)
		die(words[1]);
	if (posix_memalign(&memory, 4096, MOST_BYTES))
		die("memory");
	buffer = memory;
	memset(buffer, 1, MOST_BYTES);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		requests(disk, &rows[i], REHEARSED);
		MARK_BEGIN();
		requests(disk, &rows[i], rows[i].count);
		MARK_END();
		MARK_REPORT();
		MARK_RESET();
		printf("row %s %d\n", rows[i].name, rows[i].count);
		fflush(stdout);
	}
	return 0;
}
