/* SPDX-License-Identifier: MIT */
/*
 * A client of a Linux's network that breaks all rules of one of its queues (CRIMES_IN), and then
 * those of frames: lengths, addresses, offloads that nobody was offered, headers that change while
 * they are read, no buffers to receive in, memory that goes. None of it is passed on, and each time
 * the next session of the same client is served as if nothing had happened.
 */
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "station.h"

#define RECEIVING 16
#define FIRST 20    /* area to send from */
#define FLOOD 1000  /* frames for whose answers there is no buffer */
#define WAITING 256 /* of those wait */
#define DEATHS 5    /* init keeps 32 sessions of a component */
#define FLIPS 2000
#define PIECES 2000
#define OWN_FIRST 0xfe	 /* of the address of the interface, which is the client's otherwise */
#define NEEDS_CHECKSUM 1 /* VIRTIO 1.2, 5.1.6: flags */
#define GSO_TCP4 1	 /* gso_type */

static struct station station;
static unsigned int number;

#ifndef HONEST
#define HONEST \
	0 /* its frames are as they should be: they are passed on, and that must be noticed */
#endif
#if HONEST
#define LABEL "honest"
#elif CRIMES_IN == STATION_RECEIVE
#define LABEL "receive"
#else
#define LABEL "transmit"
#endif

static void begin(void)
{
	station_begin(&station, LABEL, 0);
}

static bool is_over(void)
{
	const volatile struct virtio_control *control = station.link.mapped;

	return control->state == VIRTIO_STATE_BROKEN;
}

static void end(void)
{
	station_end(&station);
}

/* Send what is in that area, and wait until it is taken. */
static void pass(uint32_t bytes)
{
	station_send(&station, FIRST, bytes);
	device_link_notify(&station.link);
	while (station_sent(&station) < 0 && !is_over())
		station_wait(&station);
}

static void ask(void)
{
	station_question(&station, FIRST, ++number);
	pass(STATION_ASKS);
}

/* Of all that has been sent, the next that was passed on is the latest. */
static void latest_answered(const char *what)
{
	int answer;

	ask();
	while (!(answer = station_received(&station)))
		station_wait(&station);
	check_equal(what, (unsigned int)answer, number);
}

/*
 * With so many buffers to receive in. The interface may need a while before it has its address, or
 * knows that there is a client again; what was asked in vain is not answered later.
 */
static void receive_begin_with(unsigned int buffers, uint64_t offloads)
{
	int answer;

	station_begin(&station, LABEL, offloads);
	for (unsigned int i = 0; i < buffers; i++)
		station_offer(&station, i, STATION_AREA);
	do {
		ask();
		answer = station_received(&station);
	} while (!answer);
	while ((unsigned int)answer != number)
		if (!(answer = station_received(&station)))
			station_wait(&station);
}

static void receive_begin(unsigned int buffers)
{
	receive_begin_with(buffers, 0);
}

/* Without a buffer to receive in. */
static void deaf_begin(void)
{
	uint32_t written;

	receive_begin(1);
	ask();
	while (!virtio_client_answer(&station.receive, &written))
		station_wait(&station);
}

static const struct prey prey = {
	.link = &station.link,
	.queue = CRIMES_IN,
	.begin = begin,
	.end = end,
	/* Buffers to receive in are looked at when something comes. */
	.provoke = CRIMES_IN == STATION_RECEIVE ? ask : NULL,
};

static void lengths(void)
{
	const unsigned int bad[] = { 1, STATION_LEAST - 1, STATION_MOST + 1,
				     STATION_AREA - STATION_HEADER };

	for (unsigned int i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		station_question(&station, FIRST, ++number);
		pass(HONEST ? STATION_ASKS : bad[i]);
	}
	latest_answered("after odd lengths");
	station_question(&station, FIRST, ++number);
	pass(STATION_MOST);
	while (!station_received(&station))
		station_wait(&station);
}

/* Under an address that is not the client's: the byte says which one. */
static void address(unsigned int byte, unsigned char value)
{
	station_question(&station, FIRST, ++number);
	station_area(&station, FIRST)[STATION_HEADER + 6 + byte] ^= HONEST ? 0 : value;
	pass(STATION_ASKS);
}

static void addresses(void)
{
	address(5, 3);
	address(0, 0xfc); /* Linux's own */
	address(0, 1);	  /* a group's */
	latest_answered("after false addresses");
}

static void offload(unsigned char flags, unsigned char type, unsigned char size)
{
	unsigned char *header;

	station_question(&station, FIRST, ++number);
	header = station_area(&station, FIRST);
	if (!HONEST) {
		header[0] = flags;
		header[1] = type;
		memset(header + 2, size, 8);
	}
	pass(STATION_ASKS);
}

static void offloads(void)
{
	offload(NEEDS_CHECKSUM, 0, 0xff);
	offload(0, GSO_TCP4, 1);
	offload(0, 0xff, 0xff);
	offload(NEEDS_CHECKSUM, GSO_TCP4, 0);
	latest_answered("after offloads");
}

static uint32_t random_word(void)
{
	static uint32_t state = 0x9e3779b9;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

#define ONE_OF(list) (list)[random_word() % (sizeof(list) / sizeof(*(list)))]

static void put16(unsigned char *at, unsigned int value, bool network)
{
	at[network] = (unsigned char)value;
	at[!network] = (unsigned char)(value >> 8);
}

/* IPv4 and TCP from a machine that nobody knows to the interface's address; some of it may be odd.
 */
static void stream_frame(unsigned char *frame, uint32_t bytes)
{
	static const unsigned char internet[] = {
		8,  0, 0x45, 0,	  0, 0, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 8, 1,	 2,
		10, 8, 255,  254, 1, 2, 3, 4, 0,    0, 0,  1, 0, 0, 0,	0, 0x50, 0x10
	};
	const uint32_t protocols[] = { 0x800, 0x86dd, 0x8100, 0x806, 0x88b5 };

	if (random_word() % 2) {
		memcpy(frame, frame + 6, 6);
		frame[0] = OWN_FIRST;
	}
	memcpy(frame + 12, internet, sizeof(internet));
	put16(frame + 16, bytes - STATION_LEAST, true);
	if (random_word() % 4 == 0)
		put16(frame + 12, ONE_OF(protocols), true);
	if (random_word() % 4 == 0)
		frame[14 + random_word() % 40] ^= (unsigned char)random_word();
}

/* Pieces of streams with any lengths and any headers, by a client that was offered offloads. */
static void pieces(void)
{
	const uint32_t lengths[] = { 14,   15,	 42,	54,    60,    1518,  1519,
				     1600, 9000, 32768, 65535, 65549, 65553, 65554 };
	const uint32_t places[] = { 0, 1, 14, 34, 36, 40, 54, 1500, 32768, 65534, 65535 };
	const uint32_t sizes[] = { 0, 1, 8, 127, 128, 536, 1448, 9000, 65535 };
	const unsigned char types[] = { 0, 1, 1, 1, 3, 4, 4, 5, 0x81, 0x84, 0x80, 0xff };
	const unsigned char flags[] = { 0, 1, 1, 1, 2, 3, 4, 0xff };
	int answer;

	receive_begin_with(RECEIVING, STATION_OFFLOADS);
	for (unsigned int i = 0; i < PIECES; i++) {
		uint32_t bytes = ONE_OF(lengths);
		unsigned char *header;

		station_question(&station, FIRST, ++number);
		header = station_area(&station, FIRST);
		header[0] = ONE_OF(flags);
		header[1] = ONE_OF(types);
		put16(header + 2, ONE_OF(places), false); /* bytes of headers */
		put16(header + 4, ONE_OF(sizes), false);
		put16(header + 6, ONE_OF(places), false); /* where the checksum begins, and lies */
		put16(header + 8, ONE_OF(places), false);
		stream_frame(header + STATION_HEADER, bytes);
		pass(bytes);
		while (station_received(&station))
			;
	}
	ask();
	while ((unsigned int)(answer = station_received(&station)) != number)
		if (!answer)
			station_wait(&station);
	end();
}

/* Nothing fits into these, and what they were for is lost. */
static void short_buffers(void)
{
	const unsigned int bytes[] = { 1, STATION_HEADER, STATION_HEADER + STATION_ASKS - 1 };
	uint32_t written;

	deaf_begin();
	for (unsigned int i = 0; i < 3; i++)
		station_offer(&station, i, bytes[i]);
	for (unsigned int i = 0; i < 3; i++) {
		ask();
		while (!virtio_client_answer(&station.receive, &written))
			station_wait(&station);
		check_equal("too short a buffer", written, 0);
	}
	station_offer(&station, 3, STATION_AREA);
	latest_answered("after short buffers");
	end();
}

/* What comes next comes in so many buffers, which it takes from the queue: the answer's number. */
static int merged_answer(unsigned int buffers)
{
	unsigned char frame[STATION_AREA];
	uint32_t bytes = 0, written;

	for (unsigned int i = 0; i < buffers; i++) {
		const unsigned char *area;

		while (!(area = virtio_client_answer(&station.receive, &written)))
			station_wait(&station);
		if (written > sizeof(frame) - bytes)
			return -1;
		memcpy(frame + bytes, area, written);
		bytes += written;
	}
	return station_answer(frame, bytes, buffers);
}

static void offer(unsigned int from, const uint32_t *bytes, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		station_offer(&station, from + i, bytes[i]);
	device_link_notify(&station.link);
}

/* Frames in pieces: in short buffers, in too few of them, in one with room for a header only. */
static void merged(void)
{
	const uint32_t whole[] = { STATION_HEADER + 1, 1, 20, 1, 19 },
		       header[] = { STATION_HEADER };
	const uint32_t half[] = { 30, 10 }, rest[] = { 13, 1, STATION_HEADER + STATION_ASKS };
	uint32_t written;

	receive_begin_with(1, STATION_MERGES);
	ask();
	while (!virtio_client_answer(&station.receive, &written))
		station_wait(&station);
	offer(0, whole, 5);
	ask();
	check_equal("in short buffers", (unsigned int)merged_answer(5), number);
	offer(0, header, 1);
	ask();
	while (!virtio_client_answer(&station.receive, &written))
		station_wait(&station);
	check_equal("without room for a frame", written, 0);
	offer(0, half, 2);
	ask();
	ask();
	offer(2, rest, 3);
	check_equal("the other half", (unsigned int)merged_answer(4), number - 1);
	check_equal("the next", (unsigned int)merged_answer(1), number);
	/* It ends while the Linux has some of its buffers in hand. */
	offer(5, half, 2);
	ask();
	end();
}

/* What it does not receive does not pile up, and the rest comes when there are buffers. */
static void no_buffers(void)
{
	unsigned int first, came = 0, disordered = 0;
	int answer;

	deaf_begin();
	first = number + 1;
	for (unsigned int i = 0; i < FLOOD; i++)
		ask();
	for (unsigned int i = 0; i < RECEIVING; i++)
		station_offer(&station, i, STATION_AREA);
	device_link_notify(&station.link);
	while (came < WAITING) {
		answer = station_received(&station);
		if (answer)
			disordered += (unsigned int)answer != first + came++;
		else
			station_wait(&station);
		device_link_notify(&station.link);
	}
	check_equal("in order", disordered, 0);
	latest_answered("after a flood");
	end();
}

/* Frames and descriptors change all the time. They are passed on, or they end the session. */
static void change(void)
{
	const volatile struct virtio_control *control;
	uint64_t pool, last;

	receive_begin(RECEIVING);
	control = station.link.mapped;
	pool = device_link_pool(&station.link) + FIRST * STATION_AREA;
	last = station.link.pages * PURLIN_PAGE_SIZE;
	station_question(&station, FIRST, ++number);
	for (unsigned int i = 0; i < FLIPS && control->state != VIRTIO_STATE_BROKEN; i++) {
		crime_put(&prey, 0, pool, STATION_HEADER + STATION_ASKS, 0, 0);
		crime_available(&prey, 0, 1);
		station_area(&station, FIRST)[STATION_HEADER + i % STATION_ASKS] ^= 0xff;
		station_area(&station, FIRST)[i % STATION_HEADER] ^= 0xff;
		crime_put(&prey, 0, i & 1 ? last : pool, i & 2 ? ~0u : 16, i & 4 ? 4 : 1, i % 7);
	}
	end();
}

/* The memory goes while frames come and go. */
static void die(void)
{
	receive_begin(RECEIVING);
	for (unsigned int i = 0; i < 8; i++) {
		station_question(&station, FIRST + i, ++number);
		station_send(&station, FIRST + i, STATION_ASKS);
	}
	device_link_notify(&station.link);
	purlin_thread_yield();
	end();
}

int component_main(purlin_u64 argument)
{
	(void)argument;
	receive_begin(RECEIVING);
	if (HONEST) {
		addresses();
		offloads();
		lengths();
		return check_sum();
	}
	end();
	crimes_commit(&prey);
	receive_begin(RECEIVING);
	lengths();
	addresses();
	offloads();
	end();
	pieces();
	short_buffers();
	merged();
	no_buffers();
	for (unsigned int i = 0; i < DEATHS; i++) {
		die();
		change();
	}
	receive_begin(RECEIVING);
	latest_answered("it is still served");
	end();
	printf("no rule is left\n");
	return check_sum();
}
