// SPDX-License-Identifier: MIT
/*
 * `streams ADDRESS PORT`: what is sent to a server, received from it, and exchanged with it by TCP,
 * in intervals that a plugin counts in (./purlin bench served, whose tools/purlin/bench/streams.py
 * is the server). A line for each interval, in their order: its name, and how many MiB or exchanges
 * it has.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mark.h"

#define MIB (1u << 20)
#define MESSAGE 64
#define REHEARSED 1

/* What the server is asked for: a letter, and how many MiB or exchanges there will be. */
struct wish {
	char kind;
	char none[3];
	uint32_t count; /* in the network's order */
};

static char buffer[64 << 10];
static struct sockaddr_in server = { .sin_family = AF_INET };

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void give(int connection, const void *data, size_t bytes)
{
	const char *at = data;

	while (bytes) {
		ssize_t done = write(connection, at, bytes);

		if (done <= 0)
			die("write");
		at += done;
		bytes -= (size_t)done;
	}
}

static void take(int connection, size_t bytes)
{
	while (bytes) {
		ssize_t done =
			read(connection, buffer, bytes < sizeof(buffer) ? bytes : sizeof(buffer));

		if (done <= 0)
			die("read");
		bytes -= (size_t)done;
	}
}

static int ask(char kind, uint32_t count)
{
	struct wish wish = { .kind = kind, .count = htonl(count) };
	int connection = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (connection < 0 || setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) ||
	    connect(connection, (struct sockaddr *)&server, sizeof(server)))
		die("connect");
	give(connection, &wish, sizeof(wish));
	return connection;
}

/* The server says when it has all. */
static void stream_out(uint32_t count)
{
	int connection = ask('s', count);

	for (size_t i = 0; i < (size_t)count * MIB / sizeof(buffer); i++)
		give(connection, buffer, sizeof(buffer));
	take(connection, 1);
	close(connection);
}

static void stream_in(uint32_t count)
{
	int connection = ask('r', count);

	take(connection, (size_t)count * MIB);
	close(connection);
}

static void exchange(uint32_t count)
{
	int connection = ask('x', count);

	for (uint32_t i = 0; i < count; i++) {
		give(connection, buffer, MESSAGE);
		take(connection, MESSAGE);
	}
	close(connection);
}

static const struct row {
	const char *name;
	void (*run)(uint32_t count);
	uint32_t count;
} rows[] = {
	{ "send", stream_out, 8 },
	{ "receive", stream_in, 8 },
	{ "exchange", exchange, 200 },
};

int main(int count, char **words)
{
	if (count != 3 || !inet_pton(AF_INET, words[1], &server.sin_addr)) {
		fprintf(stderr, "streams ADDRESS PORT\n");
		return 2;
	}
	server.sin_port = htons((uint16_t)atoi(words[2]));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		rows[i].run(REHEARSED);
		MARK_BEGIN();
		rows[i].run(rows[i].count);
		MARK_END();
		MARK_REPORT();
		MARK_RESET();
		printf("row %s %u\n", rows[i].name, rows[i].count);
		fflush(stdout);
	}
	return 0;
}
