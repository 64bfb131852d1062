// SPDX-License-Identifier: MIT
/*
 * Pages of 2 MiB, transparent and of hugetlbfs: what is in them stays right when they come, are
 * copied, lose rights, are split, moved, collapsed and migrated. How many faults they take, and
 * what the microkernel spends on tables for them, beside the same memory in small pages.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "check.h"

#define PAGE 4096ul
#define LARGE (2ul << 20)
#define SMALL_IN_LARGE (LARGE / PAGE)
#define COUNT 8ul
#define WRITERS 2
#define ROUNDS 12
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

static sigjmp_buf jump;

static void on_fault(int signal)
{
	siglongjmp(jump, signal);
}

/* 0, or the signal that the access raised. */
static int touch(volatile char *address, bool write)
{
	int signal = sigsetjmp(jump, 1);

	if (signal)
		return signal;
	if (write)
		*address = *address;
	else
		(void)*address;
	return 0;
}

static void set(const char *file, const char *value)
{
	int fd = open(file, O_WRONLY);

	CHECK(fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value));
	close(fd);
}

static long number_in(const char *file, const char *name)
{
	char line[200];
	long found = -1;
	FILE *stream = fopen(file, "r");

	while (stream && fgets(line, sizeof(line), stream))
		if (!strncmp(line, name, strlen(name)))
			found = atol(line + strlen(name));
	if (stream)
		fclose(stream);
	return found;
}

/* KiB of this process in transparent large pages. */
static long in_large(void)
{
	return number_in("/proc/self/smaps_rollup", "AnonHugePages:");
}

/* KiB beside the RAM; -1 natively. */
static long spent(void)
{
	return number_in("/sys/kernel/purlin/microkernel_kb", "");
}

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

/* Aligned; with a hole before and behind. */
static char *area_new(unsigned long count, int rights, int advice)
{
	unsigned long bytes = (count + 2) * LARGE;
	char *all =
		mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *area = (char *)(((unsigned long)all + 2 * LARGE - 1) & ~(LARGE - 1));

	REQUIRE(all != MAP_FAILED);
	munmap(all, bytes);
	REQUIRE(mmap(area, count * LARGE, rights, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
		area);
	CHECK(madvise(area, count * LARGE, advice) == 0);
	return area;
}

static unsigned long stamp_of(unsigned long page, unsigned long salt)
{
	return (page + 1) * 0x9e3779b97f4a7c15ul ^ salt;
}

/* The first and the last word of each small page. */
static void fill(char *area, unsigned long bytes, unsigned long salt)
{
	for (unsigned long at = 0; at < bytes; at += PAGE) {
		*(unsigned long *)(area + at) = stamp_of(at / PAGE, salt);
		*(unsigned long *)(area + at + PAGE - 8) = ~stamp_of(at / PAGE, salt);
	}
}

static unsigned long wrong_in(const char *area, unsigned long bytes, unsigned long salt)
{
	unsigned long wrong = 0;

	for (unsigned long at = 0; at < bytes; at += PAGE) {
		wrong += *(unsigned long *)(area + at) != stamp_of(at / PAGE, salt);
		wrong += *(unsigned long *)(area + at + PAGE - 8) != ~stamp_of(at / PAGE, salt);
	}
	return wrong;
}

/*
 * How many faults the memory costs, and how many KiB of the microkernel. Done twice, so that large
 * pages also replace old tables.
 */
static void costs(int advice, long faults_least, long faults_most, long spent_most)
{
	char *area = area_new(COUNT, PROT_READ | PROT_WRITE, advice);

	for (int round = 0; round < 2; round++) {
		long faults_before = faults(), spent_before = spent(), taken, kilobytes;

		fill(area, COUNT * LARGE, 1);
		taken = faults() - faults_before;
		kilobytes = spent() - spent_before;
		if (!CHECK(taken >= faults_least && taken <= faults_most))
			printf("%ld faults\n", taken);
		/*
		 * The second time the tables are there already. At least how much it is cannot be
		 * said: what others give back meanwhile counts, too.
		 */
		if (spent() >= 0 && !round && !CHECK(kilobytes <= spent_most))
			printf("%ld KiB\n", kilobytes);
		CHECK(wrong_in(area, COUNT * LARGE, 1) == 0);
		CHECK((unsigned long)in_large() ==
		      (advice == MADV_HUGEPAGE ? COUNT * LARGE >> 10 : 0));
		CHECK(madvise(area, COUNT * LARGE, MADV_DONTNEED) == 0);
	}
	munmap(area, COUNT * LARGE);
}

static void copies(void)
{
	char *area = area_new(COUNT, PROT_READ | PROT_WRITE, MADV_HUGEPAGE);
	int status;
	pid_t child;

	fill(area, COUNT * LARGE, 2);
	child = fork();
	REQUIRE(child >= 0);
	if (!child) {
		unsigned long wrong = wrong_in(area, COUNT * LARGE, 2);

		fill(area, COUNT * LARGE / 2, 3);
		wrong += wrong_in(area, COUNT * LARGE / 2, 3);
		_exit(wrong != 0);
	}
	area[COUNT * LARGE - PAGE / 2] = 77;
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	CHECK(wrong_in(area, COUNT * LARGE, 2) == 0);
	munmap(area, COUNT * LARGE);
}

static void parts(void)
{
	char *area = area_new(4, PROT_READ | PROT_WRITE, MADV_HUGEPAGE);
	int wrong = 0;

	CHECK(area[LARGE] == 0); /* the large zero page first */
	fill(area, 4 * LARGE, 4);
	/* Whole. */
	CHECK(mprotect(area, LARGE, PROT_READ) == 0);
	CHECK(touch(area + 9 * PAGE, true) == SIGSEGV && touch(area + 9 * PAGE, false) == 0);
	CHECK(mprotect(area, LARGE, PROT_NONE) == 0);
	CHECK(touch(area + 9 * PAGE, false) == SIGSEGV);
	CHECK(mprotect(area, LARGE, PROT_READ | PROT_WRITE) == 0);
	CHECK(touch(area + 9 * PAGE, true) == 0);
	/* A part of each: a right, a page, its contents. */
	CHECK(mprotect(area + 7 * PAGE, 3 * PAGE, PROT_READ) == 0);
	CHECK(munmap(area + LARGE + 7 * PAGE, 3 * PAGE) == 0);
	CHECK(madvise(area + 2 * LARGE + 7 * PAGE, 3 * PAGE, MADV_DONTNEED) == 0);
	for (unsigned long page = 0; page < SMALL_IN_LARGE; page++) {
		bool part = page >= 7 && page < 10;

		wrong += touch(area + page * PAGE, true) != (part ? SIGSEGV : 0);
		wrong += touch(area + page * PAGE, false) != 0;
		wrong += touch(area + LARGE + page * PAGE, true) != (part ? SIGSEGV : 0);
		wrong += (*(unsigned long *)(area + 2 * LARGE + page * PAGE) == 0) != part;
	}
	CHECK(wrong == 0);
	CHECK(wrong_in(area, LARGE + 7 * PAGE, 4) == 0);
	CHECK(wrong_in(area + 3 * LARGE, LARGE, 4) != 0);
	CHECK(*(unsigned long *)(area + 3 * LARGE) == stamp_of(3 * SMALL_IN_LARGE, 4));
	munmap(area, 4 * LARGE);
}

/* By whole large pages, and to where they do not fit. */
static void moves(void)
{
	char *area = area_new(2, PROT_READ | PROT_WRITE, MADV_HUGEPAGE);
	char *other = area_new(4, PROT_NONE, MADV_HUGEPAGE);

	fill(area, 2 * LARGE, 5);
	CHECK(mremap(area, 2 * LARGE, 2 * LARGE, MREMAP_MAYMOVE | MREMAP_FIXED, other) == other);
	CHECK(touch(area, false) == SIGSEGV && touch(area + LARGE, false) == SIGSEGV);
	CHECK(wrong_in(other, 2 * LARGE, 5) == 0);
	CHECK(mremap(other, LARGE, LARGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		     other + 3 * LARGE - 5 * PAGE) == other + 3 * LARGE - 5 * PAGE);
	CHECK(wrong_in(other + 3 * LARGE - 5 * PAGE, LARGE, 5) == 0);
	CHECK(touch(other + LARGE - PAGE, false) == SIGSEGV);
	munmap(other, 4 * LARGE);
}

static int call(void *code)
{
	return ((int (*)(void))code)();
}

/* These the microkernel maps by small pages. */
static void execution(void)
{
	static const unsigned char code[] = { 0xb8, 42, 0, 0, 0, 0xc3 }; /* mov $42, %eax; ret */
	char *area = area_new(1, PROT_READ | PROT_WRITE | PROT_EXEC, MADV_HUGEPAGE);
	int sum = 0;

	for (unsigned long at = 0; at < LARGE; at += LARGE / 16)
		memcpy(area + at + 1000, code, sizeof(code));
	for (unsigned long at = 0; at < LARGE; at += LARGE / 16)
		sum += call(area + at + 1000);
	CHECK(sum == 16 * 42);
	area[1001] = 1;
	CHECK(call(area + 1000) == 1);
	munmap(area, LARGE);
}

/* The kernel reads and writes there, too. */
static void system_calls(void)
{
	char *area = area_new(1, PROT_READ | PROT_WRITE, MADV_HUGEPAGE);
	int ends[2];

	REQUIRE(pipe(ends) == 0);
	CHECK(write(ends[1], "hello", 6) == 6);
	CHECK(read(ends[0], area + 5 * PAGE - 3, 6) == 6);
	CHECK(!strcmp(area + 5 * PAGE - 3, "hello"));
	CHECK(write(ends[1], area + 5 * PAGE - 3, 6) == 6);
	CHECK(mprotect(area, LARGE, PROT_READ) == 0);
	CHECK_ERROR(read(ends[0], area, 6), EFAULT);
	close(ends[0]);
	close(ends[1]);
	munmap(area, LARGE);
}

static char *written; /* a large page; each writer has a word in each small page */
static atomic_bool stop;
static atomic_ulong lost, writes;

static void *writer(void *number)
{
	unsigned long own = (unsigned long)number, counts[SMALL_IN_LARGE] = { 0 };

	while (!stop) {
		for (unsigned long page = 0; page < SMALL_IN_LARGE; page++) {
			volatile unsigned long *word =
				(unsigned long *)(written + page * PAGE) + own;

			lost += *word != counts[page];
			*word = ++counts[page];
		}
		writes++;
	}
	return NULL;
}

/* Small pages become a large one, and that becomes small pages, under the hands of those who write.
 */
static void collapses(void)
{
	pthread_t threads[WRITERS];
	int collapsed = 0;

	written = area_new(1, PROT_READ | PROT_WRITE, MADV_NOHUGEPAGE);
	for (unsigned long i = 0; i < WRITERS; i++)
		REQUIRE(pthread_create(&threads[i], NULL, writer, (void *)i) == 0);
	for (int round = 0; round < ROUNDS; round++) {
		unsigned long before = writes;

		while (writes - before < WRITERS)
			sched_yield();
		CHECK(madvise(written, LARGE, MADV_HUGEPAGE) == 0);
		collapsed += madvise(written, LARGE, MADV_COLLAPSE) == 0;
		for (before = writes; writes - before < WRITERS;)
			sched_yield();
		/* The rights of one page differ, and then not any more. */
		CHECK(mprotect(written + 3 * PAGE, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC) == 0);
		CHECK(mprotect(written + 3 * PAGE, PAGE, PROT_READ | PROT_WRITE) == 0);
	}
	set("/proc/sys/vm/compact_memory", "1");
	stop = true;
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	CHECK(lost == 0);
	if (!CHECK(collapsed >= ROUNDS / 2))
		printf("collapsed %d times\n", collapsed);
	munmap(written, LARGE);
}

static void of_hugetlbfs(int flags)
{
	char *area;
	int status;
	pid_t child;

	area = mmap(NULL, 2 * LARGE, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_HUGETLB | flags,
		    -1, 0);
	if (!CHECK(area != MAP_FAILED))
		return;
	fill(area, 2 * LARGE, 6);
	child = fork();
	REQUIRE(child >= 0);
	if (!child) {
		bool right = wrong_in(area, 2 * LARGE, 6) == 0;

		fill(area, LARGE, 7);
		_exit(!right || wrong_in(area, LARGE, 7));
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	CHECK(wrong_in(area, LARGE, flags == MAP_SHARED ? 7 : 6) == 0);
	CHECK(mprotect(area, LARGE, PROT_READ) == 0);
	CHECK(touch(area + 9 * PAGE, true) == SIGSEGV && touch(area + 9 * PAGE, false) == 0);
	CHECK(touch(area + LARGE + 9 * PAGE, true) == 0);
	CHECK(munmap(area, LARGE) == 0);
	CHECK(touch(area, false) == SIGSEGV && touch(area + LARGE, true) == 0);
	munmap(area + LARGE, LARGE);
}

static void hugetlbfs(void)
{
	set("/proc/sys/vm/nr_hugepages", "6");
	CHECK(number_in("/proc/meminfo", "HugePages_Free:") == 6);
	of_hugetlbfs(MAP_PRIVATE);
	of_hugetlbfs(MAP_SHARED);
	CHECK(number_in("/proc/meminfo", "HugePages_Free:") == 6);
	set("/proc/sys/vm/nr_hugepages", "0");
}

int main(void)
{
	const long least = (long)(COUNT * LARGE / PAGE), tables = (long)(COUNT * PAGE >> 10);

	signal(SIGSEGV, on_fault);
	signal(SIGBUS, on_fault);
	/* So far 6.12 on Purlin alone is configured with large pages. */
	if (access("/sys/kernel/mm/transparent_hugepage/enabled", W_OK))
		return checks_done();
	set("/sys/kernel/mm/transparent_hugepage/enabled", "madvise");
	/* Linux switches it off with little memory. */
	set("/sys/kernel/mm/transparent_hugepage/use_zero_page", "1");
	set("/proc/sys/vm/compact_memory", "1");
	costs(MADV_NOHUGEPAGE, least, 2 * least, 2 * tables);
	costs(MADV_HUGEPAGE, (long)COUNT, (long)COUNT + 20, tables / 2);
	copies();
	parts();
	moves();
	execution();
	system_calls();
	collapses();
	hugetlbfs();
	return checks_done();
}
