/* SPDX-License-Identifier: MIT */
/* Requests of a virtio block device (VIRTIO 1.2, 5.2) whose contents lie in memory. */
#ifndef RUNTIME_BLOCK_DISK_H
#define RUNTIME_BLOCK_DISK_H

#include "runtime/device_service.h"

#define BLOCK_SECTOR 512

/* VIRTIO 1.2, 5.2.3. */
#define BLOCK_FEATURE_SEG_MAX (1ull << 2)
#define BLOCK_FEATURE_READ_ONLY (1ull << 5)
#define BLOCK_FEATURE_BLOCK_SIZE (1ull << 6)
#define BLOCK_FEATURE_FLUSH (1ull << 9)
#define BLOCK_FEATURE_DISCARD (1ull << 13)
#define BLOCK_FEATURE_WRITE_ZEROES (1ull << 14)

/* VIRTIO 1.2, 5.2.6. */
#define BLOCK_READ 0
#define BLOCK_WRITE 1
#define BLOCK_FLUSH 4
#define BLOCK_IDENTITY 8
#define BLOCK_DISCARD 11
#define BLOCK_WRITE_ZEROES 13
#define BLOCK_IDENTITY_BYTES 20
#define BLOCK_OK 0
#define BLOCK_IO_ERROR 1
#define BLOCK_UNSUPPORTED 2

struct block_header {
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
};

/* Of BLOCK_DISCARD and BLOCK_WRITE_ZEROES, behind the header. */
struct block_range {
	uint64_t sector;
	uint32_t sectors;
	uint32_t flags;
};
#define BLOCK_RANGE_UNMAP 1
/* A range is longest so: it takes as long as many small requests, while others wait. */
#define BLOCK_RANGE_SECTORS 2048

/* VIRTIO 1.2, 5.2.4. */
struct block_config {
	uint64_t capacity; /* sectors of 512 bytes */
	uint32_t size_max;
	uint32_t seg_max; /* buffers of data in a request */
	uint8_t geometry[4];
	uint32_t block_size;
	uint8_t topology[8], writeback, unused;
	uint16_t queues;
	uint32_t discard_sectors, discard_ranges, discard_alignment;
	uint32_t zeroes_sectors, zeroes_ranges;
	uint8_t zeroes_unmap, unused_too[3];
};
_Static_assert(sizeof(struct block_config) == 64, "VIRTIO 1.2, 5.2.4");

struct block_disk {
	uint8_t *contents;
	bool read_only;
	struct block_config config;
	const char *identity;
	/*
	 * Whether the client's memory is still the client's. What is read there afterwards is not
	 * what it wrote, and must not get onto the disk. NULL: it always is.
	 */
	bool (*lives)(const struct device_client *client);
};

extern const struct virtio_kind block_kind_read_only, block_kind_writable;

/* Says what the client is told of a disk of so many sectors. */
void block_config_set(struct block_config *config, uint64_t sectors);

/*
 * Do one request; how many bytes were written into its buffers. A request that has no room for its
 * status is answered with 0 bytes.
 */
uint32_t block_request(const struct block_disk *disk, struct device_client *client,
		       const struct virtio_chain *chain);

/* Answer BLOCK_IDENTITY: the status of the request. */
uint8_t block_identity(struct virtio_server *server, const struct virtio_chain *chain,
		       const char *identity);

/* The sectors lie on a disk with so many. */
static inline bool block_range_valid(uint64_t capacity, uint64_t sector, uint64_t sectors)
{
	return sector <= capacity && sectors <= capacity - sector;
}

#endif
