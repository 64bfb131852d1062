/* SPDX-License-Identifier: MIT */
/* Requests of a block device whose contents lie in memory. */
#include "runtime/block_disk.h"

#include <string.h>

#include "lib/virtio/step.h"

#define QUEUE_SIZE 256
#define STAGE_BYTES 0x4000

#define ALWAYS                                                                        \
	(VIRTIO_FEATURE_VERSION_1 | VIRTIO_FEATURE_INDIRECT | BLOCK_FEATURE_SEG_MAX | \
	 BLOCK_FEATURE_BLOCK_SIZE)

const struct virtio_kind block_kind_read_only = {
	.type = VIRTIO_TYPE_BLOCK,
	.features = ALWAYS | BLOCK_FEATURE_READ_ONLY,
	.queues = 1,
	.queue_size = QUEUE_SIZE,
};

const struct virtio_kind block_kind_writable = {
	.type = VIRTIO_TYPE_BLOCK,
	.features =
		ALWAYS | BLOCK_FEATURE_FLUSH | BLOCK_FEATURE_DISCARD | BLOCK_FEATURE_WRITE_ZEROES,
	.queues = 1,
	.queue_size = QUEUE_SIZE,
};

void block_config_set(struct block_config *config, uint64_t sectors)
{
	*config = (struct block_config){
		.capacity = sectors,
		/* A request has two buffers more: its header and its status. */
		.seg_max = VIRTIO_SEGMENTS - 2,
		.block_size = BLOCK_SECTOR,
		.discard_sectors = BLOCK_RANGE_SECTORS,
		.discard_ranges = 1,
		.discard_alignment = 1,
		.zeroes_sectors = BLOCK_RANGE_SECTORS,
		.zeroes_ranges = 1,
	};
}

/* One request on its way. */
struct job {
	const struct block_disk *disk;
	struct device_client *client;
	const struct virtio_chain *chain;
	struct block_header header;
	uint32_t in, out; /* bytes of data to read and to write: without header and status */
};

static uint8_t read_sectors(const struct job *job)
{
	const struct block_disk *disk = job->disk;

	if (job->out % BLOCK_SECTOR ||
	    !block_range_valid(disk->config.capacity, job->header.sector, job->out / BLOCK_SECTOR))
		return BLOCK_IO_ERROR;
	/* Sectors are whole even where the module behind the disk is not: its last page is zeroed.
	 */
	virtio_chain_write(&job->client->session.server, job->chain, 0,
			   disk->contents + job->header.sector * BLOCK_SECTOR, job->out);
	return BLOCK_OK;
}

/*
 * By way of a buffer of our own: the client's memory may go at any moment, and then reads as
 * zeroes, which nobody has written. So what was read counts only if the memory is there afterwards.
 * A sector then has its old contents or its new ones.
 */
static uint8_t write_sectors(const struct job *job)
{
	static uint8_t stage[STAGE_BYTES];
	const struct block_disk *disk = job->disk;
	uint8_t *to;

	if (job->in % BLOCK_SECTOR ||
	    !block_range_valid(disk->config.capacity, job->header.sector, job->in / BLOCK_SECTOR))
		return BLOCK_IO_ERROR;
	to = disk->contents + job->header.sector * BLOCK_SECTOR;
	for (uint32_t at = 0, some; at < job->in; at += some) {
		some = job->in - at < STAGE_BYTES ? job->in - at : STAGE_BYTES;
		virtio_chain_read(&job->client->session.server, job->chain,
				  (uint32_t)sizeof(job->header) + at, stage, some);
		if (disk->lives && !disk->lives(job->client))
			return BLOCK_IO_ERROR;
		memcpy(to + at, stage, some);
		VIRTIO_STEP();
	}
	return BLOCK_OK;
}

/* One range, as the configuration says; a discarded one keeps what is there. */
static uint8_t range_do(const struct job *job)
{
	const struct block_disk *disk = job->disk;
	struct block_range range;
	bool zeroes = job->header.type == BLOCK_WRITE_ZEROES;

	if (job->in != sizeof(range) ||
	    !virtio_chain_read(&job->client->session.server, job->chain, sizeof(job->header),
			       &range, sizeof(range)))
		return BLOCK_IO_ERROR;
	if (range.flags & ~(zeroes ? BLOCK_RANGE_UNMAP : 0u))
		return BLOCK_UNSUPPORTED;
	if (range.sectors > BLOCK_RANGE_SECTORS ||
	    !block_range_valid(disk->config.capacity, range.sector, range.sectors))
		return BLOCK_IO_ERROR;
	if (disk->lives && !disk->lives(job->client))
		return BLOCK_IO_ERROR;
	if (zeroes)
		memset(disk->contents + range.sector * BLOCK_SECTOR, 0,
		       (size_t)range.sectors * BLOCK_SECTOR);
	return BLOCK_OK;
}

uint8_t block_identity(struct virtio_server *server, const struct virtio_chain *chain,
		       const char *identity)
{
	char text[BLOCK_IDENTITY_BYTES] = { 0 };

	/* The status comes after it. */
	if (chain->writable <= sizeof(text))
		return BLOCK_IO_ERROR;
	strncpy(text, identity, sizeof(text));
	virtio_chain_write(server, chain, 0, text, sizeof(text));
	return BLOCK_OK;
}

static uint8_t job_do(const struct job *job)
{
	bool read_only = job->disk->read_only;

	switch (job->header.type) {
	case BLOCK_READ:
		return read_sectors(job);
	case BLOCK_WRITE:
		return read_only ? BLOCK_IO_ERROR : write_sectors(job);
	case BLOCK_FLUSH:
		return BLOCK_OK; /* what is acknowledged is where it stays */
	case BLOCK_IDENTITY:
		return block_identity(&job->client->session.server, job->chain,
				      job->disk->identity);
	case BLOCK_DISCARD:
	case BLOCK_WRITE_ZEROES:
		return read_only ? BLOCK_IO_ERROR : range_do(job);
	default:
		return BLOCK_UNSUPPORTED;
	}
}

uint32_t block_request(const struct block_disk *disk, struct device_client *client,
		       const struct virtio_chain *chain)
{
	struct job job = { .disk = disk, .client = client, .chain = chain };
	struct virtio_server *server = &client->session.server;
	uint8_t status = BLOCK_IO_ERROR;

	if (!chain->writable)
		return 0;
	job.out = chain->writable - 1;
	/* The header is copied before it is looked at: the client can change it meanwhile. */
	if (virtio_chain_read(server, chain, 0, &job.header, sizeof(job.header))) {
		job.in = chain->readable - (uint32_t)sizeof(job.header);
		status = job_do(&job);
	}
	virtio_chain_write(server, chain, job.out, &status, sizeof(status));
	/* Of a request that failed only the status is there, and that is at the end. */
	return status == BLOCK_OK ? chain->writable : 0;
}
