// SPDX-License-Identifier: MIT
/* Time: the vDSO and the system call agree, clocks only go forward, sleeps last, timers fire. */
#define _GNU_SOURCE
#include <elf.h>
#include <link.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>

#include "check.h"

static int64_t ns(const struct timespec *time)
{
	return time->tv_sec * 1000000000ll + time->tv_nsec;
}

static int64_t now(clockid_t clock)
{
	struct timespec time;

	REQUIRE(clock_gettime(clock, &time) == 0);
	return ns(&time);
}

static int64_t now_by_call(clockid_t clock)
{
	struct timespec time;

	REQUIRE(syscall(SYS_clock_gettime, clock, &time) == 0);
	return ns(&time);
}

static void agreement(void)
{
	const clockid_t clocks[] = { CLOCK_REALTIME,	    CLOCK_MONOTONIC,
				     CLOCK_BOOTTIME,	    CLOCK_MONOTONIC_RAW,
				     CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE };

	for (unsigned int i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		for (int round = 0; round < 200; round++) {
			int64_t first = now_by_call(clocks[i]), second = now(clocks[i]),
				third = now_by_call(clocks[i]);

			if (!(first <= second && second <= third)) {
				printf("clock %d: %ld %ld %ld\n", clocks[i], first, second, third);
				CHECK(!"the vDSO's time lies between two system calls'");
				break;
			}
		}
	}
	CHECK(now(CLOCK_REALTIME) > 1600000000ll * 1000000000); /* after 2020 */
	CHECK(time(NULL) - now(CLOCK_REALTIME) / 1000000000 <= 1);
}

static void forward(void)
{
	int64_t last = now(CLOCK_MONOTONIC), backwards = 0;

	for (int i = 0; i < 100000; i++) {
		int64_t next = now(CLOCK_MONOTONIC);

		backwards += next < last;
		last = next;
	}
	CHECK(backwards == 0);
}

/* Where the machine itself stands still for a moment a sleep may be late, but not each time. */
static void sleeps(void)
{
	static const int64_t wishes[] = { 1000, 100000, 1000000, 20000000, 150000000 };

	for (unsigned int i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		struct timespec wish = { 0, wishes[i] };
		int64_t start, took, least = INT64_MAX;

		for (int tries = 0; tries < 10 && least >= wishes[i] + 500000000; tries++) {
			start = now(CLOCK_MONOTONIC);
			CHECK(nanosleep(&wish, NULL) == 0);
			took = now(CLOCK_MONOTONIC) - start;
			if (took < least)
				least = took;
		}
		if (!CHECK(least >= wishes[i] && least < wishes[i] + 500000000))
			printf("  slept %ld ns of %ld\n", least, wishes[i]);
	}
}

static void timer_descriptors(void)
{
	struct itimerspec every = { { 0, 10000000 }, { 0, 10000000 } };
	int timer = timerfd_create(CLOCK_MONOTONIC, 0);
	uint64_t expirations, sum = 0;
	int64_t start = now(CLOCK_MONOTONIC);

	REQUIRE(timer >= 0 && timerfd_settime(timer, 0, &every, NULL) == 0);
	while (sum < 20) {
		REQUIRE(read(timer, &expirations, 8) == 8);
		sum += expirations;
	}
	CHECK(now(CLOCK_MONOTONIC) - start >= 200000000);
	close(timer);
}

static void processor_time(void)
{
	int64_t wall = now(CLOCK_MONOTONIC), start = now(CLOCK_PROCESS_CPUTIME_ID);
	struct timespec wish = { 0, 100000000 };
	int64_t idle;

	nanosleep(&wish, NULL);
	idle = now(CLOCK_PROCESS_CPUTIME_ID) - start;
	CHECK(idle < (now(CLOCK_MONOTONIC) - wall) / 10 * 8);
	/* Who computes uses time, else this does not end. */
	while (now(CLOCK_THREAD_CPUTIME_ID) - start < 50000000)
		;
}

/* The vDSO is there and exports the clock. */
static void vdso(void)
{
	const char *base = (const char *)getauxval(AT_SYSINFO_EHDR);
	const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)base;
	bool found = false;

	REQUIRE(base != NULL);
	CHECK(memcmp(header->e_ident, ELFMAG, SELFMAG) == 0);
	for (size_t i = 0; i + 20 < 4096; i++)
		found |= memcmp(base + i, "__vdso_clock_gettime", 20) == 0;
	CHECK(found);
}

/* A program that never makes a system call still loses the processor. */
static void preemption(void)
{
	int status;
	pid_t spinner = fork();

	if (spinner == 0)
		for (;;)
			;
	for (int i = 0; i < 20; i++) {
		struct timespec wish = { 0, 1000000 };

		nanosleep(&wish, NULL);
	}
	CHECK(kill(spinner, 9) == 0 && waitpid(spinner, &status, 0) == spinner);
}

int main(void)
{
	agreement();
	forward();
	sleeps();
	timer_descriptors();
	processor_time();
	vdso();
	preemption();
	return checks_done();
}
