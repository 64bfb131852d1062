/* SPDX-License-Identifier: MIT */
/* Requests to a Block session that are waited for. */
#ifndef DEVICE_SESSIONS_DISK_H
#define DEVICE_SESSIONS_DISK_H

#include "runtime/block_disk.h"
#include "runtime/device_link.h"

#define DISK_QUEUE 32
#define DISK_PAGES 68
#define DISK_FEATURES (VIRTIO_FEATURE_VERSION_1 | BLOCK_FEATURE_FLUSH | BLOCK_FEATURE_WRITE_ZEROES)
#define DISK_NOTHING 0xff /* a status that no server gives */

struct disk_client {
	struct device_link link;
	struct virtio_client_queue queue;
	struct virtio_client_entry entry[DISK_QUEUE];
	purlin_u64 capacity;
};

/* What link.service, .label and .features say: session, memory, signal. */
purlin_s64 disk_begin(struct disk_client *disk);
/* Put a request into the pool's area number `area` (of 0x4000 bytes), and into the queue. */
void disk_send(struct disk_client *disk, unsigned int area, uint32_t type, purlin_u64 sector,
	       uint32_t bytes, void *token);
/* Where the data of that area is, and the status. */
unsigned char *disk_data(const struct disk_client *disk, unsigned int area);
unsigned int disk_status(const struct disk_client *disk, unsigned int area);
/* One request in area 0, until it is answered: its status. */
unsigned int disk_do(struct disk_client *disk, uint32_t type, purlin_u64 sector, uint32_t bytes);

#endif
