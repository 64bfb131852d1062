/* SPDX-License-Identifier: MIT */
/* Requests to a Block session that are waited for. */
#include "disk.h"

#include <string.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/slots.h"

#define AREA_BYTES 0x4000
#define STATUS 16 /* in an area: behind the header */
#define DATA 512

static unsigned char *area_at(const struct disk_client *disk, unsigned int area)
{
	return (unsigned char *)disk->link.mapped + device_link_pool(&disk->link) +
	       (purlin_u64)area * AREA_BYTES;
}

unsigned char *disk_data(const struct disk_client *disk, unsigned int area)
{
	return area_at(disk, area) + DATA;
}

unsigned int disk_status(const struct disk_client *disk, unsigned int area)
{
	return area_at(disk, area)[STATUS];
}

purlin_s64 disk_begin(struct disk_client *disk)
{
	struct device_link *link = &disk->link;
	purlin_s64 status = PURLIN_OK;

	link->service = "Block";
	link->queues = 1;
	link->queue_size = DISK_QUEUE;
	link->pages = DISK_PAGES;
	link->bit = 1;
	if (!link->signal) {
		link->signal = slot_reserve();
		status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, link->signal);
	}
	if (!status)
		status = device_link_prepare(link);
	if (!status)
		status = device_link_start(link);
	if (status)
		return status;
	memcpy(&disk->capacity, link->config, sizeof(disk->capacity));
	virtio_client_open(&disk->queue, link->mapped, 0, DISK_QUEUE, disk->entry);
	return PURLIN_OK;
}

void disk_send(struct disk_client *disk, unsigned int area, uint32_t type, purlin_u64 sector,
	       uint32_t bytes, void *token)
{
	purlin_u64 at = device_link_pool(&disk->link) + (purlin_u64)area * AREA_BYTES;
	struct block_header header = { type, 0, sector };
	struct virtio_buffer buffer[3] = { { at, sizeof(header), false } };
	unsigned int count = 1;

	memcpy(area_at(disk, area), &header, sizeof(header));
	area_at(disk, area)[STATUS] = DISK_NOTHING;
	if (bytes)
		buffer[count++] =
			(struct virtio_buffer){ at + DATA, bytes,
						type == BLOCK_READ || type == BLOCK_IDENTITY };
	buffer[count++] = (struct virtio_buffer){ at + STATUS, 1, true };
	if (!virtio_client_add(&disk->queue, buffer, count, token))
		component_panic("the queue is full");
}

unsigned int disk_do(struct disk_client *disk, uint32_t type, purlin_u64 sector, uint32_t bytes)
{
	uint32_t written;
	purlin_u64 bits;

	disk_send(disk, 0, type, sector, bytes, disk);
	if (virtio_client_signal(&disk->queue))
		device_link_notify(&disk->link);
	while (!virtio_client_answer(&disk->queue, &written))
		if (disk->queue.broken || purlin_signal_wait(disk->link.signal, &bits))
			return DISK_NOTHING;
	return disk_status(disk, 0);
}
