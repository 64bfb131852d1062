// SPDX-License-Identifier: MIT
/*
 * What a thread takes away is out of the reach of all others when the call returns: pages and
 * rights, by munmap, madvise, mprotect, mremap and fork, beside threads that read and write without
 * a pause. With several processors each reader is likely to have a translation of its own.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "check.h"

#define READERS 3
#define ROUNDS 60 /* unless the first argument says more or fewer */
#define PAGE 4096ul
#define TABLE (2ul << 20)
#define LOOKS 200 /* at what must not change */

static int rounds = ROUNDS;
static long processors;
static int readers; /* no more than there are processors for, beside this thread */
static volatile unsigned long *place; /* where pages come and go */
/* Of stamps: written, and there to be read; about to go; gone, with all before it. */
static atomic_ulong present, taking, revoked;
static atomic_ulong reads, faults, stale;
static atomic_ulong looks[READERS]; /* each one's own: it tried to read or to write */
static atomic_bool stop;
static __thread sigjmp_buf back;
static __thread volatile bool expected;

static void on_fault(int number)
{
	if (!expected)
		_exit(100 + number);
	siglongjmp(back, 1);
}

static void catch_faults(void)
{
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

/* The word at `place`, or false if it is not there. */
static bool try_read(unsigned long *value)
{
	bool done = false;

	expected = true;
	if (!sigsetjmp(back, 0)) {
		*value = *place;
		done = true;
	}
	expected = false;
	return done;
}

/* 0 is a page that nobody has written yet. */
static void *reader(void *own_looks)
{
	for (; !stop; ++*(atomic_ulong *)own_looks) {
		unsigned long gone = revoked, there = present, value;

		if (!try_read(&value)) {
			faults++;
			continue;
		}
		reads++;
		if (value && value <= gone)
			stale++; /* what was there before */
		else if (there > gone && taking < there && value < there)
			stale++; /* not what is there now */
	}
	return NULL;
}

static pthread_t threads[READERS];

static void pin(pthread_t thread, int processor)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)processor, &set);
	REQUIRE(pthread_setaffinity_np(thread, sizeof(set), &set) == 0);
}

/* Each on a processor of its own, as far as there are some, so that none is left out. */
static void threads_start(void *(*function)(void *))
{
	stop = false;
	stale = reads = faults = 0;
	for (int i = 0; i < readers; i++) {
		REQUIRE(pthread_create(&threads[i], NULL, function, &looks[i]) == 0);
		pin(threads[i], (i + 1) % (int)processors);
	}
}

static void threads_end(void)
{
	stop = true;
	for (int i = 0; i < readers; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
}

/* Each of them has begun to look after this was called, and has done so. */
static void wait_for_all_to_look(void)
{
	unsigned long seen[READERS];

	for (int i = 0; i < readers; i++)
		seen[i] = looks[i];
	for (int i = 0; i < readers; i++)
		while (looks[i] - seen[i] < 2)
			sched_yield();
}

static void *page_at(void *address, int rights, int flags)
{
	return mmap(address, PAGE, rights, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

static void unmap_and_map(unsigned long stamp)
{
	(void)stamp;
	munmap((void *)place, PAGE);
}

static void dont_need(unsigned long stamp)
{
	(void)stamp;
	madvise((void *)place, PAGE, MADV_DONTNEED);
}

static void map_over(unsigned long stamp)
{
	(void)stamp;
	page_at((void *)place, PROT_READ | PROT_WRITE, MAP_FIXED);
}

static void move_away(unsigned long stamp)
{
	void *other = page_at(NULL, PROT_READ, 0);
	unsigned long *moved =
		mremap((void *)place, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, other);

	CHECK(moved == other && *moved == stamp);
	munmap(moved, PAGE);
}

/* Shows where it hangs, if it does. */
static void say(const char *what)
{
	printf("%s\n", what);
	fflush(stdout);
}

static void pages_go(const char *what, void (*take)(unsigned long stamp), bool goes)
{
	static unsigned long stamp;

	say(what);
	present = taking = revoked = stamp;
	threads_start(reader);
	for (int i = 0; i < rounds; i++) {
		if (goes)
			page_at((void *)place, PROT_READ | PROT_WRITE, MAP_FIXED);
		*place = ++stamp;
		present = stamp;
		wait_for_all_to_look();
		taking = stamp;
		take(stamp);
		/* From here on nobody may begin a read and find the stamp. */
		revoked = stamp;
		wait_for_all_to_look();
		/* The page is somebody else's soon. */
		free(memset(malloc(PAGE), 0x5a, PAGE));
	}
	threads_end();
	if (!CHECK(stale == 0))
		printf("%s: %lu stale reads\n", what, (unsigned long)stale);
	page_at((void *)place, PROT_READ | PROT_WRITE, MAP_FIXED);
}

static atomic_ulong epoch; /* odd: nobody may read */

static void *epoch_reader(void *own_looks)
{
	for (; !stop; ++*(atomic_ulong *)own_looks) {
		unsigned long before = epoch, value;
		bool done = try_read(&value);

		if (done && (before & 1) && before == epoch)
			stale++;
		if (done)
			reads++;
		else
			faults++;
	}
	return NULL;
}

static void rights_to_read_go(void)
{
	threads_start(epoch_reader);
	for (int i = 0; i < rounds; i++) {
		*place = 1;
		wait_for_all_to_look();
		CHECK(mprotect((void *)place, PAGE, PROT_NONE) == 0);
		epoch++;
		wait_for_all_to_look();
		epoch++;
		CHECK(mprotect((void *)place, PAGE, PROT_READ | PROT_WRITE) == 0);
	}
	threads_end();
	CHECK(stale == 0 && faults > 0 && reads > 0);
}

/* Each has a word of its own in the page. */
static void *writer(void *own_looks)
{
	atomic_ulong *own = own_looks;
	volatile unsigned long *word = place + (own - looks);

	while (!stop) {
		expected = true;
		if (!sigsetjmp(back, 0))
			while (!stop) {
				*word += 1;
				++*own;
			}
		expected = false;
		++*own;
	}
	return NULL;
}

static bool page_changes(void)
{
	unsigned long first[READERS];

	for (int i = 0; i < READERS; i++)
		first[i] = place[i];
	for (int look = 0; look < LOOKS; look++)
		for (int i = 0; i < READERS; i++)
			if (place[i] != first[i])
				return true;
	return false;
}

static void rights_to_write_go(void)
{
	unsigned long changes = 0;

	threads_start(writer);
	for (int i = 0; i < rounds; i++) {
		wait_for_all_to_look();
		CHECK(mprotect((void *)place, PAGE, PROT_READ) == 0);
		changes += page_changes();
		CHECK(mprotect((void *)place, PAGE, PROT_READ | PROT_WRITE) == 0);
	}
	threads_end();
	CHECK(changes == 0);
}

/* The child has the page as it was at the fork, whatever the parent's threads go on to write. */
static void copies_stand(void)
{
	threads_start(writer);
	for (int i = 0; i < rounds / 6 + 1; i++) {
		int status;
		pid_t child;

		wait_for_all_to_look();
		child = fork();
		REQUIRE(child >= 0);
		if (!child)
			_exit(page_changes());
		CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) &&
		      WEXITSTATUS(status) == 0);
	}
	threads_end();
}

/* Tables come and go, and their pages become others' data. */
static void *churner(void *unused)
{
	for (int i = 0; i < rounds; i++) {
		unsigned char *range = mmap(NULL, 2 * TABLE, PROT_READ | PROT_WRITE,
					    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (range == MAP_FAILED)
			return range;
		for (unsigned long at = 0; at < 2 * TABLE; at += TABLE / 8)
			memset(range + at, i, PAGE);
		for (unsigned long at = 0; at < 2 * TABLE; at += TABLE / 8)
			for (unsigned long byte = 0; byte < PAGE; byte += 64)
				if (range[at + byte] != (unsigned char)i)
					stale++;
		munmap(range, 2 * TABLE);
	}
	return unused;
}

static void tables_go(void)
{
	threads_start(churner);
	for (int i = 0; i < rounds / 10 + 1; i++) {
		pid_t child = fork();
		int status;

		REQUIRE(child >= 0);
		if (!child)
			_exit(churner(NULL) != NULL || stale);
		CHECK(waitpid(child, &status, 0) == child && status == 0);
	}
	threads_end();
	CHECK(stale == 0);
}

/*
 * For a process with one thread, Linux may leave what a call takes away in its notes until the call
 * returns. The very next access has to find it gone.
 */
static void alone(void)
{
	unsigned long old = 0, misses = 0;

	for (int i = 0; i < rounds; i++) {
		*place = 1;
		page_at((void *)place, PROT_READ | PROT_WRITE, MAP_FIXED);
		old += *place; /* that of the page before */
		CHECK(mprotect((void *)place, PAGE, PROT_NONE) == 0);
		misses += !try_read(&(unsigned long){ 0 });
		CHECK(mprotect((void *)place, PAGE, PROT_READ | PROT_WRITE) == 0);
	}
	CHECK(old == 0 && misses == (unsigned long)rounds);
}

int main(int count, char **arguments)
{
	cpu_set_t all;

	processors = sysconf(_SC_NPROCESSORS_ONLN);
	REQUIRE(sched_getaffinity(0, sizeof(all), &all) == 0);
	if (count > 1)
		rounds = atoi(arguments[1]);
	readers = processors < 3 ? 1 : processors > READERS ? READERS : (int)processors - 1;
	catch_faults();
	pin(pthread_self(), 0);
	place = page_at(NULL, PROT_READ | PROT_WRITE, 0);
	REQUIRE(place != MAP_FAILED);
	say("alone");
	alone();
	pages_go("munmap", unmap_and_map, true);
	pages_go("madvise", dont_need, false);
	pages_go("mmap over it", map_over, false);
	pages_go("mremap", move_away, true);
	say("rights to read");
	rights_to_read_go();
	say("rights to write");
	rights_to_write_go();
	/* From here on this thread and its children move about. */
	pthread_setaffinity_np(pthread_self(), sizeof(all), &all);
	say("copies");
	copies_stand();
	say("tables");
	tables_go();
	return checks_done();
}
