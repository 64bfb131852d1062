/* SPDX-License-Identifier: MIT */
/* What the tests of ubench share: the timed interval, its markers, and how a test looks. */
#ifndef BENCH_UBENCH_H
#define BENCH_UBENCH_H

#include <stdint.h>
#include <stdnoreturn.h>
#include <sys/types.h>

#include "mark.h"

#define PAGE 4096UL
#define KIB 1024UL
#define MIB (1024UL * 1024)

struct test {
	const char *name;
	/* One measurement: prepare, interval_begin(), `count` operations, interval_end(), clean up.
	 */
	void (*run)(long count);
	long count;
	const char *unit;
	/* For what is better expressed otherwise: a result in `unit` from ns per operation. */
	double (*convert)(double nanoseconds);
};

/* A interval may begin and end several times in one measurement; the times add up. */
void interval_begin(void);
void interval_end(void);
/* Time that is not work: subtracted from the measurement in hand. */
void interval_exclude(uint64_t nanoseconds);
/* Something else was counted, not time: this is the measurement in hand. */
void interval_counted(uint64_t number);
/* What was measured since the last reset. */
void interval_reset(void);
uint64_t interval_value(void);
/* How long processor 0 has idled, waiting for a disk or not. */
uint64_t idle_time(void);

noreturn void fail(const char *what);
#define MUST(call) must((long)(call), #call)
static inline long must(long result, const char *what)
{
	if (result == -1)
		fail(what);
	return result;
}

/* Anonymous private memory, small pages even where the kernel prefers huge ones. */
char *pages_new(size_t size);
void pages_free(char *memory, size_t size);
/* Write one byte of each page. */
void pages_touch(char *memory, size_t size);

/* A file of `size` bytes on tmpfs, open and already without a name. */
int file_new(size_t size);
/* Start `body` in a child; wait for a child that must have succeeded. */
pid_t child_start(void (*body)(void *), void *argument);
void child_wait(pid_t child);

/* The path of this program, and the option by which it ends at once. */
extern char self[];
#define EXIT_OPTION "--exit"
/* The block device to read. */
extern const char *device;
/* How many interrupts of devices there were since the start. */
uint64_t interrupts(void);

extern const struct test call_tests[], signal_tests[], memory_tests[], exchange_tests[],
	process_tests[];
/* Run once for each device, whose name comes before the test's. */
extern const struct test device_tests[];

#endif
