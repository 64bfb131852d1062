/* SPDX-License-Identifier: MIT */
/* Requests of a read-only block device. */
#include "block.h"

#include <string.h>

#define SECTOR 512
#define QUEUE_SIZE 256

/* VIRTIO 1.2, 5.2.6. */
#define REQUEST_READ 0
#define REQUEST_FLUSH 4
#define REQUEST_IDENTITY 8
#define IDENTITY_BYTES 20
#define STATUS_OK 0
#define STATUS_IO_ERROR 1
#define STATUS_UNSUPPORTED 2

struct block_header {
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
};

const struct virtio_kind block_kind = {
	.type = VIRTIO_TYPE_BLOCK,
	.features = VIRTIO_FEATURE_VERSION_1 | VIRTIO_FEATURE_INDIRECT | BLOCK_FEATURE_SEG_MAX |
		    BLOCK_FEATURE_READ_ONLY | BLOCK_FEATURE_BLOCK_SIZE,
	.queues = 1,
	.queue_size = QUEUE_SIZE,
};

void block_config_set(struct block_disk *disk, uint64_t bytes)
{
	disk->config = (struct block_config){
		.capacity = (bytes + SECTOR - 1) / SECTOR,
		/* A request has two buffers more: its header and its status. */
		.seg_max = VIRTIO_SEGMENTS - 2,
		.block_size = SECTOR,
	};
}

/* `bytes` are those for data: the status comes behind them. */
static uint8_t read_sectors(const struct block_disk *disk, struct virtio_server *server,
			    const struct virtio_chain *chain, uint64_t sector, uint32_t bytes)
{
	uint64_t sectors = bytes / SECTOR;

	/* Without a sum that could wrap: the sector is whatever the client wrote. */
	if (bytes % SECTOR || sector > disk->config.capacity ||
	    sectors > disk->config.capacity - sector)
		return STATUS_IO_ERROR;
	virtio_chain_write(server, chain, 0, disk->contents + sector * SECTOR, bytes);
	return STATUS_OK;
}

static uint8_t identity(const struct block_disk *disk, struct virtio_server *server,
			const struct virtio_chain *chain, uint32_t bytes)
{
	char text[IDENTITY_BYTES] = { 0 };

	if (bytes < sizeof(text))
		return STATUS_IO_ERROR;
	strncpy(text, disk->identity, sizeof(text));
	virtio_chain_write(server, chain, 0, text, sizeof(text));
	return STATUS_OK;
}

static uint8_t request_do(const struct block_disk *disk, struct virtio_server *server,
			  const struct virtio_chain *chain, const struct block_header *header,
			  uint32_t bytes)
{
	switch (header->type) {
	case REQUEST_READ:
		return read_sectors(disk, server, chain, header->sector, bytes);
	case REQUEST_FLUSH:
		return STATUS_OK; /* nothing is ever written */
	case REQUEST_IDENTITY:
		return identity(disk, server, chain, bytes);
	default:
		return STATUS_UNSUPPORTED;
	}
}

uint32_t block_request(const struct block_disk *disk, struct virtio_server *server,
		       const struct virtio_chain *chain)
{
	uint32_t bytes = chain->writable - 1;
	struct block_header header;
	uint8_t status = STATUS_IO_ERROR;

	if (!chain->writable)
		return 0;
	/* The header is copied before it is looked at: the client can change it meanwhile. */
	if (virtio_chain_read(server, chain, 0, &header, sizeof(header)))
		status = request_do(disk, server, chain, &header, bytes);
	virtio_chain_write(server, chain, bytes, &status, sizeof(status));
	return status == STATUS_OK ? chain->writable : 0;
}
