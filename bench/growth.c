// SPDX-License-Identifier: MIT
/*
 * growth processes|pages N...: what operations cost when there is much, as lines of ubench named
 * for the number.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ubench.h"

#define FORKS 20
#define ROUND_TRIPS 200
#define FILE_PAGES 4096

static void report(const char *what, long number, long operations)
{
	printf("%s-%-20ld %12.2f %-5s %8ld %5.1f%%\n", what, number,
	       (double)interval_value() / (double)operations, "ns", operations, 0.0);
	fflush(stdout);
	MARK_REPORT();
}

static void start(void)
{
	MARK_RESET();
	interval_reset();
	interval_begin();
}

static void sleep_for_ever(void *unused)
{
	(void)unused;
	for (;;)
		pause();
}

static void nothing(void *unused)
{
	(void)unused;
}

static void echo(void *ends)
{
	int *line = ends;
	char byte;

	while (MUST(read(line[0], &byte, 1)) == 1 && byte)
		MUST(write(line[3], &byte, 1));
}

static void round_trips(long number)
{
	int line[4];
	char byte = 1;
	pid_t child;

	MUST(pipe(line));
	MUST(pipe(line + 2));
	child = child_start(echo, line);
	start();
	for (int i = 0; i < ROUND_TRIPS; i++) {
		MUST(write(line[1], &byte, 1));
		MUST(read(line[2], &byte, 1));
	}
	interval_end();
	report("processes-pipe", number, ROUND_TRIPS);
	byte = 0;
	MUST(write(line[1], &byte, 1));
	child_wait(child);
	for (int i = 0; i < 4; i++)
		close(line[i]);
}

static void processes(long number)
{
	pid_t *sleepers = calloc((size_t)number, sizeof(*sleepers));

	if (!sleepers)
		fail("calloc");
	start();
	for (long i = 0; i < number; i++)
		sleepers[i] = child_start(sleep_for_ever, NULL);
	interval_end();
	report("processes-start", number, number);
	start();
	for (int i = 0; i < FORKS; i++)
		child_wait(child_start(nothing, NULL));
	interval_end();
	report("processes-fork", number, FORKS);
	round_trips(number);
	start();
	for (long i = 0; i < number; i++)
		MUST(kill(sleepers[i], SIGKILL));
	for (long i = 0; i < number; i++)
		MUST(waitpid(sleepers[i], NULL, 0));
	interval_end();
	report("processes-end", number, number);
	free(sleepers);
}

/* Pages of one file, again and again: the tables grow, the memory does not. */
static void pages(long number)
{
	int file = file_new(FILE_PAGES * PAGE);
	size_t size = (size_t)number * PAGE;
	char *memory = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	for (size_t at = 0; at < size; at += FILE_PAGES * PAGE) {
		size_t piece = size - at < FILE_PAGES * PAGE ? size - at : FILE_PAGES * PAGE;

		if (mmap(memory + at, piece, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0) ==
		    MAP_FAILED)
			fail("mmap of the file");
	}
	start();
	for (size_t at = 0; at < size; at += PAGE)
		(void)*(volatile char *)(memory + at);
	interval_end();
	report("pages-touch", number, number);
	start();
	pages_free(memory, size);
	interval_end();
	report("pages-unmap", number, number);
	close(file);
}

int main(int count, char **words)
{
	void (*grow)(long) = NULL;

	if (count > 1 && strcmp(words[1], "processes") == 0)
		grow = processes;
	else if (count > 1 && strcmp(words[1], "pages") == 0)
		grow = pages;
	if (!grow) {
		fprintf(stderr, "growth processes|pages N...\n");
		return 2;
	}
	for (char **word = words + 2; *word; word++)
		grow(atol(*word));
	return 0;
}
