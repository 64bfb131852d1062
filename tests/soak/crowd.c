// SPDX-License-Identifier: MIT
/*
 * Many processes with thin, wide mappings: nearly each page needs a page table of its own. Each
 * process writes and checks its pages again and again, forks, unmaps and protects some, while the
 * others do the same.
 *
 *   crowd PROCESSES PAGES ROUNDS
 */
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define STRIDE (2ul << 20)
#define PAGE 4096ul
#define GAP 7 /* each so many pages one is taken away for a while */

static sigjmp_buf faulted;

static void on_fault(int number)
{
	(void)number;
	siglongjmp(faulted, 1);
}

static uint64_t *word(char *base, unsigned long page)
{
	return (uint64_t *)(base + page * STRIDE + (page * 5 % 512) * PAGE + 8 * (page % 512));
}

static uint64_t value(unsigned long who, unsigned long page, unsigned long round)
{
	return (who << 40) ^ (page << 20) ^ round ^ 0x5a5a000000000000;
}

static void wrong(const char *what, unsigned long who, unsigned long page, uint64_t seen,
		  uint64_t wanted)
{
	printf("%s: process %lu, page %lu: %lx where %lx was expected\n", what, who, page, seen,
	       wanted);
	exit(1);
}

static void check(const char *what, char *base, unsigned long who, unsigned long pages,
		  unsigned long round)
{
	for (unsigned long page = 0; page < pages; page++) {
		uint64_t wanted = value(who, page, round);

		if (*word(base, page) != wanted)
			wrong(what, who, page, *word(base, page), wanted);
	}
}

static void fill(char *base, unsigned long who, unsigned long pages, unsigned long round)
{
	for (unsigned long page = 0; page < pages; page++)
		*word(base, page) = value(who, page, round);
}

static char *page_of(char *base, unsigned long page)
{
	return (char *)((uintptr_t)word(base, page) & ~(PAGE - 1));
}

/* What a child changes must stay its own, what it does not must be seen. */
static void fork_and_check(char *base, unsigned long who, unsigned long pages, unsigned long round)
{
	pid_t child = fork();
	int status;

	if (child < 0) {
		perror("fork");
		exit(2);
	}
	if (!child) {
		check("child", base, who, pages, round);
		fill(base, who, pages, round + 1000);
		check("child's own", base, who, pages, round + 1000);
		exit(0);
	}
	if (waitpid(child, &status, 0) != child || status)
		exit(3);
	check("after the child", base, who, pages, round);
}

/* A protected page must fault, an unmapped one come back as zeros. */
static void take_away(char *base, unsigned long who, unsigned long pages, unsigned long round)
{
	/* volatile: lives across siglongjmp. */
	for (volatile unsigned long page = round % GAP; page < pages; page += GAP) {
		volatile uint64_t *at = word(base, page);

		if (mprotect(page_of(base, page), PAGE, PROT_READ))
			exit(4);
		if (!sigsetjmp(faulted, 1)) {
			*at = 0;
			wrong("write to a protected page", who, page, *at, 0);
		}
		if (mprotect(page_of(base, page), PAGE, PROT_READ | PROT_WRITE))
			exit(4);
		if (*at != value(who, page, round))
			wrong("after protection", who, page, *at, value(who, page, round));
		if (madvise(page_of(base, page), PAGE, MADV_DONTNEED))
			exit(4);
		if (*at)
			wrong("after dropping", who, page, *at, 0);
		*at = value(who, page, round);
	}
}

static int live(unsigned long who, unsigned long pages, unsigned long rounds)
{
	char *base = mmap(NULL, (pages + 1) * STRIDE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED) {
		perror("mmap");
		return 5;
	}
	signal(SIGSEGV, on_fault);
	for (unsigned long round = 0; round < rounds; round++) {
		fill(base, who, pages, round);
		take_away(base, who, pages, round);
		check("own pages", base, who, pages, round);
		if (round % 4 == who % 4)
			fork_and_check(base, who, pages, round);
		usleep(1000 * (who % 16));
		check("own pages after a while", base, who, pages, round);
	}
	return 0;
}

/* Returns when the writing end is closed everywhere: all processes are there. */
static void wait_for_all(int gate[2])
{
	char byte;

	close(gate[1]);
	if (read(gate[0], &byte, 1))
		exit(6);
}

int main(int count, char **arguments)
{
	unsigned long processes, failed = 0, started = 0;
	int status, gate[2];

	if (count != 4 || pipe(gate))
		return 64;
	processes = strtoul(arguments[1], NULL, 0);
	for (; started < processes; started++) {
		pid_t child = fork();

		if (child < 0) {
			printf("fork %lu: %s\n", started, strerror(errno));
			break;
		}
		if (!child) {
			wait_for_all(gate);
			exit(live(started + 1, strtoul(arguments[2], NULL, 0),
				  strtoul(arguments[3], NULL, 0)));
		}
	}
	close(gate[1]);
	while (wait(&status) > 0) {
		if (status) {
			printf("a process ended with status %x\n", (unsigned int)status);
			failed++;
		}
	}
	printf("%lu processes, %lu failed\n", started, failed);
	return failed || started < processes;
}
