// SPDX-License-Identifier: MIT
/* Sockets, pipes and waiting: TCP and UDP over both IPs, UNIX sockets, descriptor passing, epoll,
 * splice. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "check.h"

#define BULK (4u << 20)

static uint32_t next(uint32_t *seed)
{
	return *seed = *seed * 1664525 + 1013904223;
}

/* A child writes pseudo-random bytes; the sum of what arrives is compared. */
static void bulk(int from, int to)
{
	static uint32_t block[4096];
	uint32_t seed = 1, check = 1;
	size_t received = 0;
	ssize_t length;
	size_t wrong = 0;
	int status;
	pid_t child = fork();

	if (child == 0) {
		close(from);
		for (size_t sent = 0; sent < BULK; sent += sizeof(block)) {
			for (int i = 0; i < 4096; i++)
				block[i] = next(&seed);
			for (size_t at = 0; at < sizeof(block); at += (size_t)length) {
				length = write(to, (char *)block + at, sizeof(block) - at);
				if (length <= 0)
					_exit(1);
			}
		}
		_exit(0);
	}
	close(to);
	while (received < BULK) {
		size_t at = 0;

		while (at < sizeof(block) &&
		       (length = read(from, (char *)block + at, sizeof(block) - at)) > 0)
			at += (size_t)length;
		if (at != sizeof(block))
			break;
		for (int i = 0; i < 4096; i++)
			wrong += block[i] != next(&check);
		received += at;
	}
	CHECK(received == BULK && wrong == 0 && read(from, block, 1) == 0);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	close(from);
}

static void tcp(int family)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address = { .any.sa_family = (sa_family_t)family };
	socklen_t length = family == AF_INET ? sizeof(address.v4) : sizeof(address.v6);
	int listener = socket(family, SOCK_STREAM, 0), client, server;

	if (family == AF_INET)
		address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		address.v6.sin6_addr = in6addr_loopback;
	REQUIRE(listener >= 0 && bind(listener, &address.any, length) == 0 &&
		listen(listener, 5) == 0);
	REQUIRE(getsockname(listener, &address.any, &length) == 0);
	client = socket(family, SOCK_STREAM, 0);
	REQUIRE(connect(client, &address.any, length) == 0);
	server = accept(listener, NULL, NULL);
	REQUIRE(server >= 0);
	bulk(server, client);
	close(listener);
	client = socket(family, SOCK_STREAM, 0);
	CHECK_ERROR(connect(client, &address.any, length), ECONNREFUSED);
	close(client);
}

static void udp(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int one = socket(AF_INET, SOCK_DGRAM, 0), two = socket(AF_INET, SOCK_DGRAM, 0);
	char text[64];

	REQUIRE(bind(one, (struct sockaddr *)&address, length) == 0);
	REQUIRE(getsockname(one, (struct sockaddr *)&address, &length) == 0);
	for (int i = 0; i < 100; i++) {
		CHECK(sendto(two, &i, sizeof(i), 0, (struct sockaddr *)&address, length) ==
		      sizeof(i));
		CHECK(recv(one, text, sizeof(text), 0) == sizeof(i) &&
		      memcmp(text, &i, sizeof(i)) == 0);
	}
	close(one);
	close(two);
}

static void local_stream(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "/tmp/socket" };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0),
	    server;
	struct ucred peer = { 0 };
	socklen_t length = sizeof(peer);

	REQUIRE(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0 &&
		listen(listener, 1) == 0);
	REQUIRE(connect(client, (struct sockaddr *)&address, sizeof(address)) == 0);
	server = accept(listener, NULL, NULL);
	CHECK(getsockopt(server, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
	      peer.pid == getpid());
	bulk(server, client);
	close(listener);
	unlink("/tmp/socket");
}

static void packets(void)
{
	char text[16];
	int pair[2];

	REQUIRE(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	CHECK(send(pair[0], "abc", 3, 0) == 3 && send(pair[0], "de", 2, 0) == 2);
	CHECK(recv(pair[1], text, sizeof(text), 0) == 3);
	CHECK(recv(pair[1], text, sizeof(text), 0) == 2);
	CHECK_ERROR(recv(pair[1], text, sizeof(text), MSG_DONTWAIT), EAGAIN);
	close(pair[0]);
	CHECK(recv(pair[1], text, sizeof(text), 0) == 0);
	close(pair[1]);
}

static void passed_descriptors(void)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct iovec part = { "f", 1 };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	char byte, text[4] = "";
	int pair[2], pipes[2], received = -1;

	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0 && pipe(pipes) == 0);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &pipes[1], sizeof(int));
	CHECK(sendmsg(pair[0], &message, 0) == 1);
	close(pipes[1]);
	part = (struct iovec){ &byte, 1 };
	memset(&control, 0, sizeof(control));
	CHECK(recvmsg(pair[1], &message, 0) == 1);
	header = CMSG_FIRSTHDR(&message);
	REQUIRE(header);
	memcpy(&received, CMSG_DATA(header), sizeof(int));
	CHECK(write(received, "via", 3) == 3 && read(pipes[0], text, 3) == 3 &&
	      strcmp(text, "via") == 0);
	close(received);
	CHECK(read(pipes[0], text, 1) == 0);
	close(pipes[0]);
	close(pair[0]);
	close(pair[1]);
}

static void waiting(void)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = 5 }, got;
	struct pollfd entry;
	uint64_t value = 3;
	int all = epoll_create1(0), counter = eventfd(0, EFD_NONBLOCK);

	REQUIRE(all >= 0 && counter >= 0 && epoll_ctl(all, EPOLL_CTL_ADD, counter, &event) == 0);
	CHECK(epoll_wait(all, &got, 1, 10) == 0);
	CHECK_ERROR(read(counter, &value, 8), EAGAIN);
	CHECK(write(counter, &value, 8) == 8);
	CHECK(epoll_wait(all, &got, 1, 1000) == 1 && got.data.u32 == 5);
	entry = (struct pollfd){ .fd = all, .events = POLLIN };
	CHECK(poll(&entry, 1, 0) == 1);
	CHECK(read(counter, &value, 8) == 8 && value == 3);
	CHECK(epoll_wait(all, &got, 1, 0) == 0);
	close(all);
	close(counter);
}

static void splices(void)
{
	int first[2], second[2], file = open("/tmp/splice", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char text[16] = "";

	REQUIRE(pipe(first) == 0 && pipe(second) == 0 && file >= 0);
	CHECK(write(first[1], "spliced", 7) == 7);
	CHECK(tee(first[0], second[1], 7, 0) == 7);
	CHECK(splice(first[0], NULL, file, NULL, 7, 0) == 7);
	CHECK(pread(file, text, 7, 0) == 7 && strcmp(text, "spliced") == 0);
	memset(text, 0, sizeof(text));
	CHECK(read(second[0], text, 7) == 7 && strcmp(text, "spliced") == 0);
	close(file);
	unlink("/tmp/splice");
}

int main(void)
{
	int pipes[2];

	tcp(AF_INET);
	tcp(AF_INET6);
	udp();
	local_stream();
	packets();
	passed_descriptors();
	waiting();
	splices();
	REQUIRE(pipe(pipes) == 0);
	bulk(pipes[0], pipes[1]);
	return checks_done();
}
