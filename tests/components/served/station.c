/* SPDX-License-Identifier: MIT */
/* Frames that ask for an address, and the answers. */
#include "station.h"

#include <string.h>

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/slots.h"

#define MAC 6
#define ARP (STATION_HEADER + STATION_LEAST)
#define ARP_SENDER (ARP + 8)
#define REPLY 2
#define BUFFERS 10 /* byte of the header: VIRTIO 1.2, 5.1.6 */

/* 10.8.255.254, which is the interface's; asked by machines that have no address yet. */
static const unsigned char question[] = { 8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0,  0, 0,   0,
					  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10, 8, 255, 254 };

void station_begin(struct station *station, const char *label, uint64_t offloads)
{
	struct device_link *link = &station->link;

	memset(station, 0, sizeof(*station));
	*link = (struct device_link){
		.service = "Nic",
		.label = label,
		.features = VIRTIO_FEATURE_VERSION_1 | VIRTIO_FEATURE_INDIRECT | offloads,
		.queues = 2,
		.queue_size = CRIMES_QUEUE,
		.pages = VIRTIO_POOL(CRIMES_QUEUE, 2) / PURLIN_PAGE_SIZE + CRIMES_QUEUE,
		.signal = slot_reserve(),
		.bit = 1,
	};
	check_status("signal", purlin_signal_create(PURLIN_SLOT_ACCOUNT, link->signal), PURLIN_OK);
	check_status("memory", device_link_prepare(link), PURLIN_OK);
	check_status("start", device_link_start(link), PURLIN_OK);
	virtio_client_open(&station->receive, link->mapped, STATION_RECEIVE, CRIMES_QUEUE,
			   station->receive_entries);
	virtio_client_open(&station->send, link->mapped, STATION_TRANSMIT, CRIMES_QUEUE,
			   station->send_entries);
}

void station_end(struct station *station)
{
	struct device_link *link = &station->link;

	memory_unmap(link->mapped);
	purlin_object_destroy(link->memory);
	slot_delete(link->memory);
	slot_delete(link->endpoint);
	slot_delete(link->server_signal);
	slot_delete(link->signal);
	slot_delete(link->answers);
}

void station_wait(const struct station *station)
{
	purlin_u64 bits;

	if (purlin_signal_wait(station->link.signal, &bits))
		component_panic("no signal");
}

unsigned char *station_area(const struct station *station, unsigned int index)
{
	return (unsigned char *)station->link.mapped + device_link_pool(&station->link) +
	       (size_t)index * STATION_AREA;
}

static int index_of(const struct station *station, const unsigned char *area)
{
	return (int)((area - station_area(station, 0)) / STATION_AREA);
}

static void add(struct station *station, struct virtio_client_queue *queue, unsigned int index,
		uint32_t bytes, bool write)
{
	struct virtio_buffer buffer = {
		device_link_pool(&station->link) + (purlin_u64)index * STATION_AREA, bytes, write
	};

	if (!virtio_client_add(queue, &buffer, 1, station_area(station, index)))
		component_panic("no room in the queue");
}

void station_offer(struct station *station, unsigned int index, uint32_t bytes)
{
	memset(station_area(station, index), 0xee, STATION_AREA);
	add(station, &station->receive, index, bytes, true);
}

void station_question(const struct station *station, unsigned int index, unsigned int number)
{
	unsigned char *frame = station_area(station, index);

	memset(frame, 0, STATION_AREA);
	memset(frame + STATION_HEADER, 0xff, MAC);
	memcpy(frame + STATION_HEADER + MAC, station->link.config, MAC);
	memcpy(frame + STATION_HEADER + 2 * MAC, question, sizeof(question));
	for (unsigned int i = 0; i < 4; i++)
		frame[ARP_SENDER + MAC - 1 - i] = (unsigned char)(number >> (8 * i));
}

void station_send(struct station *station, unsigned int index, uint32_t bytes)
{
	add(station, &station->send, index, STATION_HEADER + bytes, false);
}

int station_sent(struct station *station)
{
	uint32_t written;
	unsigned char *area = virtio_client_answer(&station->send, &written);

	return area ? index_of(station, area) : -1;
}

/* The answer goes to the address that the question gave as its sender's, with the number in it. */
int station_answer(const unsigned char *frame, uint32_t bytes, unsigned int buffers)
{
	const unsigned char *to = frame + STATION_HEADER;
	bool header = !frame[0] && !frame[1] && frame[BUFFERS] == buffers && !frame[BUFFERS + 1];

	if (bytes < STATION_HEADER + STATION_ASKS || !header || frame[ARP + 7] != REPLY)
		return -1;
	return to[2] << 24 | to[3] << 16 | to[4] << 8 | to[5];
}

int station_received(struct station *station)
{
	uint32_t bytes;
	unsigned char *frame = virtio_client_answer(&station->receive, &bytes);
	int number;

	if (!frame)
		return 0;
	number = station_answer(frame, bytes, 1);
	station_offer(station, (unsigned int)index_of(station, frame), STATION_AREA);
	return number;
}
