// SPDX-License-Identifier: MIT
/* Messages between processes and between threads, there and back, and a pipe's throughput. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ubench.h"

/* One end of a conversation. */
struct line {
	int in, out;
};

/* Send back what comes until nothing more does. */
static void echo(void *argument)
{
	struct line *line = argument;
	char byte;

	while (MUST(read(line->in, &byte, 1)) == 1)
		MUST(write(line->out, &byte, 1));
}

static void converse(struct line line, long count)
{
	char byte = 0;

	interval_begin();
	while (count--) {
		MUST(write(line.out, &byte, 1));
		MUST(read(line.in, &byte, 1));
	}
	interval_end();
}

static void run_pipe(long count)
{
	int there[2], back[2];
	pid_t child;

	MUST(pipe(there));
	MUST(pipe(back));
	child = fork();
	MUST(child);
	if (child == 0) {
		close(there[1]);
		echo(&(struct line){ there[0], back[1] });
		_exit(0);
	}
	converse((struct line){ back[0], there[1] }, count);
	close(there[1]);
	child_wait(child);
	close(there[0]);
	close(back[0]);
	close(back[1]);
}

/* Between the ends of one connection; closes both. */
static void run_connection(int mine, int other, long count)
{
	pid_t child = fork();

	MUST(child);
	if (child == 0) {
		close(mine);
		echo(&(struct line){ other, other });
		_exit(0);
	}
	close(other);
	converse((struct line){ mine, mine }, count);
	close(mine);
	child_wait(child);
}

static void run_unix(long count)
{
	int ends[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	run_connection(ends[0], ends[1], count);
}

static void send_at_once(int connection)
{
	int yes = 1;

	MUST(setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)));
}

static void run_tcp(long count)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t length = sizeof(address);
	int listener = (int)MUST(socket(AF_INET, SOCK_STREAM, 0));
	int mine = (int)MUST(socket(AF_INET, SOCK_STREAM, 0));
	int other;

	MUST(bind(listener, (struct sockaddr *)&address, length));
	MUST(getsockname(listener, (struct sockaddr *)&address, &length));
	MUST(listen(listener, 1));
	MUST(connect(mine, (struct sockaddr *)&address, length));
	other = (int)MUST(accept(listener, NULL, NULL));
	close(listener);
	send_at_once(mine);
	send_at_once(other);
	run_connection(mine, other, count);
}

/* Whose turn it is: 0 or 1, or 2 at the end. */
static atomic_int turn;

static void turn_pass(int to)
{
	atomic_store(&turn, to);
	syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void turn_await(int other)
{
	while (atomic_load(&turn) == other)
		syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, other, NULL, NULL, 0);
}

static void *partner(void *unused)
{
	for (;;) {
		turn_await(0);
		if (atomic_load(&turn) == 2)
			return unused;
		turn_pass(0);
	}
}

static void run_futex(long count)
{
	pthread_t thread;

	atomic_store(&turn, 0);
	if (pthread_create(&thread, NULL, partner, NULL) != 0)
		fail("pthread_create");
	interval_begin();
	while (count--) {
		turn_pass(1);
		turn_await(1);
	}
	interval_end();
	turn_pass(2);
	pthread_join(thread, NULL);
}

#define CHUNK (64 * KIB)
static char chunk[CHUNK];

static void run_bandwidth(long count)
{
	int line[2];
	pid_t child;

	MUST(pipe(line));
	child = fork();
	MUST(child);
	if (child == 0) {
		while (count--)
			for (size_t at = 0; at < CHUNK;
			     at += (size_t)MUST(write(line[1], chunk, CHUNK - at)))
				;
		_exit(0);
	}
	close(line[1]);
	interval_begin();
	while (MUST(read(line[0], chunk, CHUNK)) > 0)
		;
	interval_end();
	close(line[0]);
	child_wait(child);
}

static double megabytes_per_second(double nanoseconds)
{
	return (double)CHUNK * 1e3 / nanoseconds;
}

const struct test exchange_tests[] = {
	{ .name = "pipe", .run = run_pipe, .count = 1000 },
	{ .name = "unix-socket", .run = run_unix, .count = 1000 },
	{ .name = "tcp", .run = run_tcp, .count = 500 },
	{ .name = "futex", .run = run_futex, .count = 1000 },
	{ .name = "pipe-bandwidth",
	  .run = run_bandwidth,
	  .count = 256,
	  .unit = "MB/s",
	  .convert = megabytes_per_second },
	{},
};
