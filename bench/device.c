// SPDX-License-Identifier: MIT
/* Requests to a disk, past the page cache: the processor's time for each, without its idling. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ubench.h"

#define LINE 256
#define RANDOM_SIZE (4 * KIB)
#define SEQUENTIAL_SIZE (128 * KIB)

/* The value of a line "  .name : value nsecs", if it is that line. */
static bool line_value(const char *line, const char *name, uint64_t *value)
{
	const char *found = strstr(line, name);

	return found && sscanf(found, "%*[^:]: %" SCNu64, value) == 1;
}

/* How long processor 0, the first in the list, has idled, waiting for a disk or not. */
static uint64_t idle_time(void)
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

struct disk {
	int file;
	uint64_t size;
	void *buffer;
};

static struct disk disk_open(void)
{
	struct disk disk;

	disk.file = (int)MUST(open(device, O_RDONLY | O_DIRECT));
	MUST(ioctl(disk.file, BLKGETSIZE64, &disk.size));
	if (posix_memalign(&disk.buffer, PAGE, SEQUENTIAL_SIZE) != 0)
		fail("posix_memalign");
	memset(disk.buffer, 0, SEQUENTIAL_SIZE);
	return disk;
}

static void disk_close(struct disk *disk)
{
	free(disk->buffer);
	close(disk->file);
}

/* The same places in each run: a linear congruential generator (Knuth's MMIX constants). */
static uint64_t random_next(uint64_t *state)
{
	*state = *state * 6364136223846793005 + 1442695040888963407;
	return *state >> 33;
}

static void disk_read(struct disk *disk, size_t size, uint64_t block)
{
	uint64_t blocks = disk->size / size;

	if (blocks == 0)
		fail("the device is too small");
	if ((size_t)MUST(pread(disk->file, disk->buffer, size, (off_t)(block % blocks * size))) !=
	    size)
		fail("short read");
}

static void run_random(long count)
{
	struct disk disk = disk_open();
	uint64_t state = 1, idle = idle_time();

	region_begin();
	while (count--)
		disk_read(&disk, RANDOM_SIZE, random_next(&state));
	region_end();
	region_exclude(idle_time() - idle);
	disk_close(&disk);
}

static void run_sequential(long count)
{
	struct disk disk = disk_open();
	uint64_t idle = idle_time();

	region_begin();
	for (long i = 0; i < count; i++)
		disk_read(&disk, SEQUENTIAL_SIZE, (uint64_t)i);
	region_end();
	region_exclude(idle_time() - idle);
	disk_close(&disk);
}

const struct test device_tests[] = {
	{ .name = "disk-random-4k", .run = run_random, .count = 200 },
	{ .name = "disk-sequential-128k", .run = run_sequential, .count = 100 },
	{},
};
