/* SPDX-License-Identifier: MIT */
/* Requests of a virtio block device (VIRTIO 1.2, 5.2) whose contents lie in memory, read-only. */
#ifndef MODULE_DISK_BLOCK_H
#define MODULE_DISK_BLOCK_H

#include "runtime/virtio_server.h"

/* VIRTIO 1.2, 5.2.3 and 5.2.4. */
#define BLOCK_FEATURE_SEG_MAX (1ull << 2)
#define BLOCK_FEATURE_READ_ONLY (1ull << 5)
#define BLOCK_FEATURE_BLOCK_SIZE (1ull << 6)

struct block_config {
	uint64_t capacity; /* sectors of 512 bytes */
	uint32_t size_max;
	uint32_t seg_max; /* buffers of data in a request */
	uint8_t geometry[4];
	uint32_t block_size;
};

struct block_disk {
	const uint8_t *contents;
	struct block_config config;
	const char *identity;
};

extern const struct virtio_kind block_kind;

void block_config_set(struct block_disk *disk, uint64_t bytes);

/*
 * Do one request; how many bytes were written into its buffers. A request that has no room for its
 * status is answered with 0 bytes.
 */
uint32_t block_request(const struct block_disk *disk, struct virtio_server *server,
		       const struct virtio_chain *chain);

#endif
