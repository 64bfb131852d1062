// SPDX-License-Identifier: MIT
/* Threads: creation, futexes, thread-local storage, per-thread segment bases, signals to threads.
 */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <cpuid.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <time.h>

#include "check.h"

#define THREADS 8
#define ROUNDS 2000

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static unsigned long counter;
static __thread unsigned long local = 7;

static void *count_under_lock(void *argument)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&lock);
		counter++;
		if (i % 64 == 0)
			sched_yield();
		pthread_mutex_unlock(&lock);
		local += (unsigned long)argument;
	}
	return (void *)local;
}

static void mutexes_and_local_storage(void)
{
	pthread_t thread[THREADS];
	void *result;

	for (unsigned long i = 0; i < THREADS; i++)
		REQUIRE(pthread_create(&thread[i], NULL, count_under_lock, (void *)i) == 0);
	for (unsigned long i = 0; i < THREADS; i++) {
		CHECK(pthread_join(thread[i], &result) == 0);
		CHECK((unsigned long)result == 7 + i * ROUNDS);
	}
	CHECK(counter == THREADS * ROUNDS && local == 7);
}

static void *nothing(void *argument)
{
	return argument;
}

static void many(void)
{
	pthread_t thread;
	void *result;

	for (unsigned long i = 0; i < 500; i++) {
		REQUIRE(pthread_create(&thread, NULL, nothing, (void *)i) == 0);
		if (pthread_join(thread, &result) != 0 || (unsigned long)result != i)
			CHECK(!"a thread returned what it was given");
	}
	CHECK(true);
}

static int turn;

static void *take_turns(void *argument)
{
	int me = (int)(long)argument;

	for (int i = 0; i < 500; i++) {
		pthread_mutex_lock(&lock);
		while (turn != me)
			pthread_cond_wait(&condition, &lock);
		turn = !me;
		pthread_cond_signal(&condition);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static void conditions(void)
{
	pthread_t other;
	struct timespec soon;

	REQUIRE(pthread_create(&other, NULL, take_turns, (void *)1) == 0);
	take_turns((void *)0);
	CHECK(pthread_join(other, NULL) == 0 && turn == 0);
	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_nsec += 20000000;
	if (soon.tv_nsec >= 1000000000) {
		soon.tv_sec++;
		soon.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&lock);
	CHECK(pthread_cond_timedwait(&condition, &lock, &soon) == ETIMEDOUT);
	pthread_mutex_unlock(&lock);
}

static atomic_int arrived;

static void *meet(void *argument)
{
	long wrong = 0;

	(void)argument;
	for (int i = 1; i <= 100; i++) {
		atomic_fetch_add(&arrived, 1);
		pthread_barrier_wait(&barrier);
		wrong += atomic_load(&arrived) < i * THREADS;
		pthread_barrier_wait(&barrier);
	}
	return (void *)wrong;
}

static void barriers(void)
{
	pthread_t thread[THREADS];
	void *wrong;

	pthread_barrier_init(&barrier, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		REQUIRE(pthread_create(&thread[i], NULL, meet, NULL) == 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_join(thread[i], &wrong) == 0 && !wrong);
}

static long futex(atomic_int *word, int operation, int value, const struct timespec *limit,
		  atomic_int *second)
{
	return syscall(SYS_futex, word, operation, value, limit, second, 0);
}

static void futexes(void)
{
	static atomic_int word = 3, other;
	struct timespec moment = { 0, 10000000 };

	CHECK_ERROR(futex(&word, FUTEX_WAIT, 4, NULL, NULL), EAGAIN);
	CHECK_ERROR(futex(&word, FUTEX_WAIT, 3, &moment, NULL), ETIMEDOUT);
	CHECK_ERROR(futex((atomic_int *)16, FUTEX_WAIT, 0, &moment, NULL), EFAULT);
	CHECK_ERROR(futex((atomic_int *)((char *)&word + 1), FUTEX_WAIT, 0, &moment, NULL), EINVAL);
	CHECK(futex(&word, FUTEX_WAKE, 10, NULL, NULL) == 0);
	/* Add 5 to `other`, and wake there if it was above 0: it was not. */
	CHECK(futex(&word, FUTEX_WAKE_OP, 1, (void *)1ul, &other) >= 0 || errno == EINVAL);
}

/* The base registers belong to the thread: set by call, or by instruction where that is allowed. */
static void *keep_base(void *argument)
{
	unsigned long base = 0x100000000000ul + ((unsigned long)argument << 32), seen = 0;
	long wrong = 0;
	bool by_instruction = getauxval(AT_HWCAP2) & 2;

	if (by_instruction)
		__asm__ volatile("wrgsbase %0" ::"r"(base));
	else
		syscall(SYS_arch_prctl, ARCH_SET_GS, base);
	for (int i = 0; i < 300; i++) {
		sched_yield();
		if (by_instruction)
			__asm__ volatile("rdgsbase %0" : "=r"(seen));
		else
			syscall(SYS_arch_prctl, ARCH_GET_GS, &seen);
		wrong += seen != base;
	}
	syscall(SYS_arch_prctl, ARCH_GET_GS, &seen);
	wrong += seen != base;
	return (void *)wrong;
}

static void segment_bases(void)
{
	pthread_t thread[THREADS];
	void *wrong;

	for (unsigned long i = 0; i < THREADS; i++)
		REQUIRE(pthread_create(&thread[i], NULL, keep_base, (void *)i) == 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_join(thread[i], &wrong) == 0 && !wrong);
}

static atomic_int got_signal;
static pthread_t expected;

static void on_signal(int signal)
{
	(void)signal;
	atomic_store(&got_signal, pthread_equal(pthread_self(), expected) ? 1 : -1);
}

static void *wait_for_signal(void *argument)
{
	(void)argument;
	while (!atomic_load(&got_signal))
		sched_yield();
	return NULL;
}

static void signal_to_one(void)
{
	pthread_t thread;

	signal(SIGUSR1, on_signal);
	pthread_mutex_lock(&lock);
	REQUIRE(pthread_create(&thread, NULL, wait_for_signal, NULL) == 0);
	expected = thread;
	pthread_mutex_unlock(&lock);
	CHECK(pthread_kill(thread, SIGUSR1) == 0 && pthread_join(thread, NULL) == 0);
	CHECK(got_signal == 1);
}

static void *sleeper(void *argument)
{
	struct timespec moment = { 0, 5000000 };

	for (int i = 0; i < 10; i++)
		nanosleep(&moment, NULL);
	return argument;
}

static void sleepers(void)
{
	pthread_t thread[32];

	for (int i = 0; i < 32; i++)
		REQUIRE(pthread_create(&thread[i], NULL, sleeper, NULL) == 0);
	for (int i = 0; i < 32; i++)
		CHECK(pthread_join(thread[i], NULL) == 0);
}

int main(void)
{
	mutexes_and_local_storage();
	many();
	conditions();
	barriers();
	futexes();
	segment_bases();
	signal_to_one();
	sleepers();
	return checks_done();
}
