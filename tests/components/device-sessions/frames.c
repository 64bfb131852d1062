/* SPDX-License-Identifier: MIT */
/*
 * Two of these on a switch that ends again and again send each other numbered frames: none comes
 * twice, none that is not meant for the other, none under a false address.
 */
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/device_link.h"
#include "runtime/slots.h"

#define SIZE 16
#define AREA 2048
#define FRAMES 400 /* that have to arrive */
#define SENDING 8
#define HEADER 12
#define MAC 6
#define DATA (HEADER + 14)
#define BYTES (DATA + 64)
#define ENDED 4
#define ENOUGH 5 /* byte of the data: who sent this has all it wants */

static struct device_link link = {
	.service = "Nic",
	.label = "net",
	.features = VIRTIO_FEATURE_VERSION_1,
	.queues = 2,
	.queue_size = SIZE,
	.bit = 1,
};
static struct virtio_client_queue receive_queue, send_queue;
static struct virtio_client_entry receive_entries[SIZE], send_entries[SIZE];
static unsigned char own[MAC], other[MAC];
static unsigned int sent, received, last, wrong, lives;
static bool other_has_enough;
/* How often the other has been told: a frame may be lost. */
static unsigned int farewells;
#define FAREWELLS 64

static unsigned char *area(unsigned int index)
{
	return (unsigned char *)link.mapped + device_link_pool(&link) + (size_t)index * AREA;
}

static void buffer_offer(unsigned int index)
{
	struct virtio_buffer buffer = { device_link_pool(&link) + (purlin_u64)index * AREA, AREA,
					true };

	memset(area(index), 0xee, AREA);
	if (!virtio_client_add(&receive_queue, &buffer, 1, area(index)))
		component_panic("no room to receive");
}

/* Most are as they should be; one in eight is what the switch has to hold back. */
static void frame_fill(unsigned char *frame, unsigned int number)
{
	memset(frame, 0, BYTES);
	memcpy(frame + HEADER, other, MAC);
	memcpy(frame + HEADER + MAC, own, MAC);
	memcpy(frame + DATA, &number, sizeof(number));
	frame[DATA + ENOUGH] = received >= FRAMES;
	switch (number % 16) {
	case 1: /* under the other's address, or under anybody's */
		frame[HEADER + MAC + 5] ^= 3;
		frame[DATA + 4] = 1;
		break;
	case 9: /* for somebody else */
		frame[HEADER + 5] ^= 0x80;
		frame[DATA + 4] = 1;
		break;
	case 3: /* for all */
		memset(frame + HEADER, 0xff, MAC);
		break;
	}
}

static void frame_send(unsigned int index, unsigned int number)
{
	unsigned char *frame = area(SIZE + index);
	struct virtio_buffer buffer = { device_link_pool(&link) + (purlin_u64)(SIZE + index) * AREA,
					BYTES, false };

	frame_fill(frame, number);
	if (!virtio_client_add(&send_queue, &buffer, 1, frame))
		component_panic("no room to send");
}

/* Numbers grow: one that does not has come before. */
static void frame_check(const unsigned char *frame, uint32_t bytes)
{
	unsigned int number;

	memcpy(&number, frame + DATA, sizeof(number));
	if (bytes != BYTES || frame[DATA + 4] || memcmp(frame + HEADER + MAC, other, MAC)) {
		wrong++;
		return;
	}
	other_has_enough |= frame[DATA + ENOUGH];
	if (number <= last)
		wrong++;
	last = number;
	received++;
}

static void receive_all(void)
{
	unsigned char *frame;
	uint32_t bytes;

	while ((frame = virtio_client_answer(&receive_queue, &bytes))) {
		frame_check(frame, bytes);
		buffer_offer((unsigned int)((frame - area(0)) / AREA));
	}
}

static void send_all(void)
{
	unsigned char *frame;
	uint32_t bytes;

	while ((frame = virtio_client_answer(&send_queue, &bytes))) {
		farewells += received >= FRAMES;
		frame_send((unsigned int)((frame - area(SIZE)) / AREA), ++sent);
	}
}

static void start_again(void)
{
	lives++;
	if (device_link_start(&link))
		component_panic("the switch does not go on");
}

static void begin(void)
{
	link.signal = slot_reserve();
	link.pages = VIRTIO_POOL(SIZE, 2) / PURLIN_PAGE_SIZE + SIZE;
	check_status("signal", purlin_signal_create(PURLIN_SLOT_ACCOUNT, link.signal), PURLIN_OK);
	check_status("memory", device_link_prepare(&link), PURLIN_OK);
	check_status("start", device_link_start(&link), PURLIN_OK);
	check_status("watch", device_links_watch(link.signal, ENDED), PURLIN_OK);
	check_equal("type", link.type, VIRTIO_TYPE_NIC);
	memcpy(own, link.config, MAC);
	memcpy(other, own, MAC);
	other[5] ^= 3; /* 1 and 2 */
	virtio_client_open(&receive_queue, link.mapped, 0, SIZE, receive_entries);
	virtio_client_open(&send_queue, link.mapped, 1, SIZE, send_entries);
	for (unsigned int i = 0; i < SIZE; i++)
		buffer_offer(i);
	for (unsigned int i = 0; i < SENDING; i++)
		frame_send(i, ++sent);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 bits;

	(void)argument;
	begin();
	device_link_notify(&link);
	while ((farewells < FAREWELLS || !other_has_enough) && !wrong && !receive_queue.broken &&
	       !send_queue.broken && !purlin_signal_wait(link.signal, &bits)) {
		if (bits & ENDED)
			start_again();
		receive_all();
		send_all();
		device_link_notify(&link);
	}
	check_true("arrived", received >= FRAMES);
	check_equal("wrong or twice", wrong, 0);
	check_equal("broken", receive_queue.broken + send_queue.broken, 0);
	check_true("switches ended", lives != 0);
	return check_sum();
}
