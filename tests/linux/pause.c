// SPDX-License-Identifier: MIT
/*
 * Time goes on, and forwards, across a pause of the whole machine: `pause SECONDS` says "ready" and
 * wants to be paused for so long within the next moments (tests/suites/pauses.py). Without an
 * argument there is no pause, and the rest is the same.
 */
#define _GNU_SOURCE
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>

#include "check.h"

#define SECOND 1000000000ll
#define DUE SECOND /* from the start: with a pause, in its midst */
#define AFTERWARDS (SECOND / 2)
#define WATCHERS 2

static atomic_bool stop;
static atomic_long latest; /* time that some thread has seen */
static atomic_long backwards, longest;
static volatile sig_atomic_t signals;

static int64_t now(void)
{
	struct timespec time;

	REQUIRE(clock_gettime(CLOCK_MONOTONIC, &time) == 0);
	return time.tv_sec * SECOND + time.tv_nsec;
}

static void raise_to(atomic_long *highest, long value)
{
	long before = *highest;

	while (before < value && !atomic_compare_exchange_weak(highest, &before, value))
		;
}

/* What one thread has published, another one must not undercut. */
static void *watcher(void *unused)
{
	while (!stop) {
		int64_t before = latest, time = now();

		if (time < before)
			backwards++;
		raise_to(&longest, time - before);
		raise_to(&latest, time);
	}
	return unused;
}

/* RCU waits for something at any time, so that its stall detector has something to complain of. */
static void *rcu_waiter(void *unused)
{
	while (!stop)
		REQUIRE(syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) == 0);
	return unused;
}

static void on_timer(int number)
{
	(void)number;
	signals++;
}

static int timer_descriptor(void)
{
	const struct itimerspec once = { .it_value = { .tv_sec = DUE / SECOND } };
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);

	REQUIRE(timer >= 0 && timerfd_settime(timer, 0, &once, NULL) == 0);
	return timer;
}

static void timer_signal(void)
{
	const struct itimerspec once = { .it_value = { .tv_sec = DUE / SECOND } };
	struct sigaction action = { .sa_handler = on_timer };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	timer_t timer;

	sigaction(SIGUSR1, &action, NULL);
	REQUIRE(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	REQUIRE(timer_settime(timer, 0, &once, NULL) == 0);
}

int main(int count, char **arguments)
{
	int64_t pause = count > 1 ? atoi(arguments[1]) * SECOND : 0, start = now(), slept;
	pthread_t threads[WATCHERS], waiter;
	uint64_t expired = 0;
	int timer = timer_descriptor();

	timer_signal();
	latest = start; /* before anybody is told: a pause counts although no watcher has run yet */
	for (int i = 0; i < WATCHERS; i++)
		REQUIRE(pthread_create(&threads[i], NULL, watcher, NULL) == 0);
	REQUIRE(pthread_create(&waiter, NULL, rcu_waiter, NULL) == 0);
	printf("ready\n");
	fflush(stdout);
	/* Until the pause is over, or what is due without one has come. */
	while (pause ? longest < pause / 2 : now() < start + DUE + AFTERWARDS)
		sched_yield();
	slept = now();
	while (now() < slept + AFTERWARDS)
		sched_yield();
	stop = true;
	for (int i = 0; i < WATCHERS; i++)
		pthread_join(threads[i], NULL);
	pthread_join(waiter, NULL);

	CHECK(backwards == 0);
	CHECK(signals == 1);
	CHECK(read(timer, &expired, sizeof(expired)) == sizeof(expired) && expired == 1);
	CHECK_ERROR(read(timer, &expired, sizeof(expired)), EAGAIN);
	return checks_done();
}
