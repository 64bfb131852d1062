// SPDX-License-Identifier: MIT
/* Page faults of each kind, and memory that comes and goes. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "ubench.h"

/* Linux maps this much of a file around a fault (fault_around_bytes). */
#define AROUND (64 * KIB)

static void run_anonymous(long count)
{
	size_t size = (size_t)count * PAGE;
	char *memory = pages_new(size);

	interval_begin();
	pages_touch(memory, size);
	interval_end();
	pages_free(memory, size);
}

static void run_file(long count)
{
	size_t size = (size_t)count * AROUND;
	int file = file_new(size);
	char *memory = mmap(NULL, size, PROT_READ, MAP_SHARED, file, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	interval_begin();
	for (size_t at = 0; at < size; at += AROUND)
		(void)*(volatile char *)(memory + at);
	interval_end();
	pages_free(memory, size);
	close(file);
}

static void wait_for_word(void *from)
{
	char byte;

	MUST(read(*(int *)from, &byte, 1));
}

/* The child holds the pages as well, and sleeps while its parent writes them. */
static void run_copy(long count)
{
	size_t size = (size_t)count * PAGE;
	char *memory = pages_new(size);
	int word[2];
	pid_t child;

	pages_touch(memory, size);
	MUST(pipe(word));
	child = child_start(wait_for_word, &word[0]);
	interval_begin();
	pages_touch(memory, size);
	interval_end();
	MUST(write(word[1], "", 1));
	child_wait(child);
	close(word[0]);
	close(word[1]);
	pages_free(memory, size);
}

static void come_and_go(long count, size_t size)
{
	interval_begin();
	while (count--) {
		char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				    -1, 0);

		pages_touch(memory, size);
		pages_free(memory, size);
	}
	interval_end();
}

/* By pages of 2 MiB: THP, as madvise() asks for it. */
static void run_huge(long count)
{
	const size_t size = 16 * MIB, huge = 2 * MIB;

	interval_begin();
	while (count--) {
		char *memory = mmap(NULL, size + huge, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		char *aligned = (char *)(((uintptr_t)memory + huge - 1) & ~(huge - 1));

		MUST(madvise(aligned, size, MADV_HUGEPAGE));
		for (size_t at = 0; at < size; at += huge)
			aligned[at] = 1;
		pages_free(memory, size + huge);
	}
	interval_end();
}

static void run_64k(long count)
{
	come_and_go(count, 64 * KIB);
}

static void run_1m(long count)
{
	come_and_go(count, MIB);
}

static void run_16m(long count)
{
	come_and_go(count, 16 * MIB);
}

const struct test memory_tests[] = {
	{ .name = "anonymous-fault", .run = run_anonymous, .count = 2000 },
	{ .name = "file-fault", .run = run_file, .count = 128 },
	{ .name = "copy-fault", .run = run_copy, .count = 1000 },
	{ .name = "mmap-64k", .run = run_64k, .count = 50 },
	{ .name = "mmap-1m", .run = run_1m, .count = 5 },
	{ .name = "mmap-16m", .run = run_16m, .count = 1 },
	{ .name = "mmap-16m-huge", .run = run_huge, .count = 1 },
	{},
};
