// SPDX-License-Identifier: MIT
/* Memory, files and children for the tests of ubench. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ubench.h"

char *pages_new(size_t size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	/* Fails where the kernel has no huge pages at all, which is as good. */
	madvise(memory, size, MADV_NOHUGEPAGE);
	return memory;
}

void pages_free(char *memory, size_t size)
{
	MUST(munmap(memory, size));
}

void pages_touch(char *memory, size_t size)
{
	for (size_t at = 0; at < size; at += PAGE)
		*(volatile char *)(memory + at) = 1;
}

int file_new(size_t size)
{
	char path[] = "/tmp/ubench-XXXXXX";
	char block[PAGE] = "data";
	int file = mkstemp(path);

	MUST(file);
	MUST(unlink(path));
	for (size_t at = 0; at < size; at += sizeof(block))
		MUST(write(file, block, sizeof(block)));
	return file;
}

pid_t child_start(void (*body)(void *), void *argument)
{
	pid_t child = fork();

	MUST(child);
	if (child == 0) {
		body(argument);
		_exit(0);
	}
	return child;
}

void child_wait(pid_t child)
{
	int status;

	MUST(waitpid(child, &status, 0));
	if (status != 0)
		fail("a child failed");
}
