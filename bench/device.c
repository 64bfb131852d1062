// SPDX-License-Identifier: MIT
/* Requests to a disk, past the page cache: the processor's time for each, without its idling. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ubench.h"

#define RANDOM_SIZE (4 * KIB)
#define SEQUENTIAL_SIZE (128 * KIB)

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

static void read_random(struct disk *disk, long count)
{
	uint64_t state = 1;

	while (count--)
		disk_read(disk, RANDOM_SIZE, random_next(&state));
}

static void read_sequential(struct disk *disk, long count)
{
	for (long i = 0; i < count; i++)
		disk_read(disk, SEQUENTIAL_SIZE, (uint64_t)i);
}

static void time_of(void (*work)(struct disk *, long), long count)
{
	struct disk disk = disk_open();
	uint64_t idle = idle_time();

	interval_begin();
	work(&disk, count);
	interval_end();
	interval_exclude(idle_time() - idle);
	disk_close(&disk);
}

static void interrupts_of(void (*work)(struct disk *, long), long count)
{
	struct disk disk = disk_open();
	uint64_t before = interrupts();

	interval_begin();
	work(&disk, count);
	interval_end();
	interval_counted(interrupts() - before);
	disk_close(&disk);
}

static void run_random(long count)
{
	time_of(read_random, count);
}

static void run_sequential(long count)
{
	time_of(read_sequential, count);
}

static void run_random_interrupts(long count)
{
	interrupts_of(read_random, count);
}

static void run_sequential_interrupts(long count)
{
	interrupts_of(read_sequential, count);
}

const struct test device_tests[] = {
	{ .name = "random-4k", .run = run_random, .count = 200 },
	{ .name = "sequential-128k", .run = run_sequential, .count = 100 },
	{ .name = "random-4k-irqs", .run = run_random_interrupts, .count = 200, .unit = "irqs" },
	{ .name = "sequential-128k-irqs",
	  .run = run_sequential_interrupts,
	  .count = 100,
	  .unit = "irqs" },
	{},
};
