/* SPDX-License-Identifier: MIT */
/*
 * Three ports of one switch: `liar` sends what it may not, too short, too long, under addresses of
 * others, faster than its rate, and what no descriptor may say; `victim` and `uplink` see what
 * comes of it. A last frame that is right shows that those before have been looked at.
 */
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/arch/processor.h"
#include "runtime/component.h"
#include "runtime/device_link.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/timer.h"

#define SIZE 32
#define AREA 2048
#define HEADER 12
#define MAC 6
#define LEAST 14
#define MOST 1518
#define ENDED (1ull << 8)
#define PORTS 3
#define ALL (SIZE - 1) /* buffers of a port: of each direction */

enum { LIAR, VICTIM, UPLINK };

static struct port {
	struct device_link link;
	struct virtio_client_queue receive, send;
	struct virtio_client_entry receive_entries[SIZE], send_entries[SIZE];
	unsigned int sending;
} ports[PORTS];
static const char *const labels[PORTS] = { "liar", "victim", "uplink" };
static const unsigned char nobody[MAC] = { 2, 0, 0, 0, 0, 0x99 };
static const unsigned char everybody[MAC] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
static purlin_u64 signal;
static unsigned int bad_headers;

static unsigned char *area(const struct port *port, unsigned int index)
{
	return (unsigned char *)port->link.mapped + device_link_pool(&port->link) +
	       (size_t)index * AREA;
}

static purlin_u64 offset_of(const struct port *port, const void *at)
{
	return (purlin_u64)((const char *)at - (const char *)port->link.mapped);
}

static void offer(struct port *port, void *at)
{
	struct virtio_buffer buffer = { offset_of(port, at), AREA, true };

	if (!virtio_client_add(&port->receive, &buffer, 1, at))
		component_panic("no room to receive");
}

static void port_open(unsigned int which)
{
	struct port *port = &ports[which];

	memset(port, 0, sizeof(*port));
	port->link = (struct device_link){ .service = "Nic",
					   .label = labels[which],
					   .features = VIRTIO_FEATURE_VERSION_1,
					   .queues = 2,
					   .queue_size = SIZE,
					   .pages = VIRTIO_POOL(SIZE, 2) / PURLIN_PAGE_SIZE + SIZE,
					   .signal = signal,
					   .bit = 1ull << which };
	check_status("memory", device_link_prepare(&port->link), PURLIN_OK);
	check_status("start", device_link_start(&port->link), PURLIN_OK);
	virtio_client_open(&port->receive, port->link.mapped, 0, SIZE, port->receive_entries);
	virtio_client_open(&port->send, port->link.mapped, 1, SIZE, port->send_entries);
	for (unsigned int i = 0; i < ALL; i++)
		offer(port, area(port, i));
	device_link_notify(&port->link);
}

static const unsigned char *mac_of(unsigned int which)
{
	return ports[which].link.config;
}

static void wait(void)
{
	purlin_u64 bits;

	if (purlin_signal_wait(signal, &bits))
		component_panic("no signal");
}

/* A frame of that many bytes that says `mark`, from one of the ports. */
static void send(unsigned int which, const unsigned char *to, const unsigned char *from,
		 unsigned int bytes, unsigned char mark)
{
	struct port *port = &ports[which];
	unsigned char *frame = area(port, SIZE);
	struct virtio_buffer buffer = { offset_of(port, frame), HEADER + bytes, false };
	uint32_t written;

	memset(frame, mark, AREA);
	memset(frame, 0xff, HEADER);
	memcpy(frame + HEADER, to, MAC);
	memcpy(frame + HEADER + MAC, from, MAC);
	if (!virtio_client_add(&port->send, &buffer, 1, frame))
		component_panic("no room to send");
	device_link_notify(&port->link);
	/* One after the other: the next is put into the same place. */
	while (!virtio_client_answer(&port->send, &written) && !port->send.broken)
		wait();
}

/* The mark of the next frame that came, and its length with the header. */
static int arrived(unsigned int which, uint32_t *bytes)
{
	struct port *port = &ports[which];
	unsigned char *frame = virtio_client_answer(&port->receive, bytes);
	int mark;

	if (!frame)
		return -1;
	mark = frame[*bytes - 1];
	/* What says the header: no offloads, one buffer; the sender has written other things. */
	bad_headers += frame[0] || frame[1] || frame[10] != 1 || frame[11];
	offer(port, frame);
	return mark;
}

/* Whether the next that comes to this port is that frame. */
static bool comes(unsigned int which, unsigned int mark, uint32_t bytes)
{
	uint32_t there = 0;
	int found;

	while ((found = arrived(which, &there)) < 0)
		wait();
	return (unsigned int)found == mark && there == HEADER + bytes;
}

static void expect(const char *what, unsigned int which, unsigned int mark, uint32_t bytes)
{
	check_true(what, comes(which, mark, bytes));
}

/* Frames that are refused have no successor at the receiver but the one that is right. */
static void lengths(void)
{
	const unsigned int wrong[] = { 0, 1, LEAST - 1, MOST + 1, AREA - HEADER };

	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		send(LIAR, mac_of(VICTIM), mac_of(LIAR), wrong[i], 0xb0);
	send(LIAR, mac_of(VICTIM), mac_of(LIAR), MOST, 1);
	expect("longest", VICTIM, 1, MOST);
	send(LIAR, mac_of(VICTIM), mac_of(LIAR), LEAST + 1, 2);
	expect("shortest", VICTIM, 2, LEAST + 1);
}

static void addresses(void)
{
	send(LIAR, mac_of(VICTIM), mac_of(VICTIM), 64, 0xb1);
	send(LIAR, everybody, mac_of(UPLINK), 64, 0xb2);
	send(LIAR, mac_of(VICTIM), nobody, 64, 0xb3);
	send(LIAR, mac_of(VICTIM), everybody, 64, 0xb4);
	send(LIAR, mac_of(LIAR), mac_of(LIAR), 64, 0xb5);
	send(LIAR, everybody, mac_of(LIAR), 64, 3);
	expect("for all", VICTIM, 3, 64);
	expect("for all", UPLINK, 3, 64);
	send(LIAR, nobody, mac_of(LIAR), 64, 4);
	expect("for somebody behind the uplink", UPLINK, 4, 64);
}

/* Behind it there may be many, but none of those that have a port. */
static void uplink(void)
{
	send(UPLINK, mac_of(VICTIM), mac_of(LIAR), 64, 0xb6);
	send(UPLINK, mac_of(VICTIM), everybody, 64, 0xb7);
	send(UPLINK, nobody, nobody, 64, 0xb8);
	send(UPLINK, mac_of(VICTIM), nobody, 64, 5);
	expect("from somebody behind the uplink", VICTIM, 5, 64);
	send(UPLINK, mac_of(LIAR), mac_of(UPLINK), 64, 6);
	expect("from the uplink itself", LIAR, 6, 64);
}

/* It may send 64 KiB at once; what follows takes its time, and arrives. */
static void rate(void)
{
	const unsigned int frames = 128, burst = 64 << 10, bytes_in_second = 1 << 20;
	purlin_u64 timer, frequency, start, least;
	unsigned int came = 0;

	check_status("timer", session_open("Timer", "", &timer), PURLIN_OK);
	check_status("frequency", rpc(timer, TIMER_INFO, 0), PURLIN_OK);
	frequency = message()->word[0];
	start = tsc_now();
	for (unsigned int i = 0; i < frames; i++) {
		send(LIAR, mac_of(VICTIM), mac_of(LIAR), MOST, (unsigned char)(i % 128));
		came += comes(VICTIM, i % 128, MOST);
	}
	check_equal("frames that came", came, frames);
	least = (frames * MOST - burst) * frequency / bytes_in_second;
	check_true("no faster than its rate", tsc_now() - start >= least);
}

/* What breaks the liar's session leaves the others' alone; it may begin anew, with other memory. */
static void broken(void)
{
	struct virtio_control *control = ports[LIAR].link.mapped;
	struct virtio_buffer beyond = { ports[LIAR].link.pages * PURLIN_PAGE_SIZE - 64, 128,
					false };

	check_true("added", virtio_client_add(&ports[LIAR].send, &beyond, 1, &beyond));
	device_link_notify(&ports[LIAR].link);
	send(VICTIM, mac_of(UPLINK), mac_of(VICTIM), 64, 7);
	expect("of the others", UPLINK, 7, 64);
	check_equal("state", __atomic_load_n(&control->state, __ATOMIC_ACQUIRE),
		    VIRTIO_STATE_BROKEN);
	check_equal("reason", control->reason, VIRTIO_BROKEN_ADDRESS);
	port_open(LIAR);
	send(LIAR, mac_of(VICTIM), mac_of(LIAR), 64, 8);
	expect("anew", VICTIM, 8, 64);
}

/* A client whose memory is gone neither sends nor hurts. */
static void destroyed(void)
{
	check_status("destroy", purlin_object_destroy(ports[LIAR].link.memory), PURLIN_OK);
	send(VICTIM, everybody, mac_of(VICTIM), 64, 9);
	expect("beside a dead one", UPLINK, 9, 64);
	port_open(LIAR);
	send(LIAR, mac_of(VICTIM), mac_of(LIAR), 64, 10);
	expect("after it", VICTIM, 10, 64);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 endpoint;

	(void)argument;
	signal = slot_reserve();
	check_status("signal", purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal), PURLIN_OK);
	check_status("another's port", session_open("Nic", "other", &endpoint), PURLIN_NO_DEVICE);
	for (unsigned int i = 0; i < PORTS; i++)
		port_open(i);
	lengths();
	addresses();
	uplink();
	rate();
	broken();
	destroyed();
	check_equal("headers that say something", bad_headers, 0);
	return check_sum();
}
