/* SPDX-License-Identifier: MIT */
/*
 * Requests of clients on their way to the disk and back. Data is copied on both ways, so the disk's
 * server sees nothing of the clients' memory.
 */
#include "jobs.h"

#include <string.h>

#include "disk.h"

/* No client may have all of them on its way. */
#define CLIENT_JOBS (DISK_JOBS / 2)

static struct job {
	bool busy;
	struct client *client; /* NULL: gone meanwhile */
	const struct share *share;
	uint32_t in, out; /* bytes of data: to read, and for the disk to give */
	struct virtio_chain chain;
} jobs[DISK_JOBS];

static struct virtio_server *server_of(const struct client *client)
{
	return (struct virtio_server *)&client->device.session.server;
}

/* One that the client may use. */
static struct job *job_free(const struct client *client)
{
	struct job *found = NULL;
	unsigned int own = 0;

	for (unsigned int i = 0; i < DISK_JOBS; i++) {
		if (!jobs[i].busy)
			found = &jobs[i];
		else
			own += jobs[i].client == client;
	}
	return own < CLIENT_JOBS ? found : NULL;
}

/*
 * A client that was there before left a request on its way. Until that is done, the partition's
 * next client has to wait: what it writes now could be overwritten by what was written then.
 */
static bool stale_on_way(const struct share *share)
{
	for (unsigned int i = 0; i < DISK_JOBS; i++)
		if (jobs[i].busy && !jobs[i].client && jobs[i].share == share)
			return true;
	return false;
}

static void answer(struct client *client, const struct virtio_chain *chain, uint8_t status)
{
	struct virtio_server *server = server_of(client);

	if (chain->writable)
		virtio_chain_write(server, chain, chain->writable - 1, &status, sizeof(status));
	if (virtio_server_answer(server, 0, chain->head, status == BLOCK_OK ? chain->writable : 0))
		virtio_session_notify(&client->device.session);
}

/* Data to or from the disk. The sectors are the partition's: others cannot be named. */
static uint8_t transfer(struct job *job, const struct block_header *header)
{
	bool write = header->type == BLOCK_WRITE;
	uint32_t bytes = write ? job->in : job->out;
	unsigned int number = (unsigned int)(job - jobs);

	if (write && job->share->read_only)
		return BLOCK_IO_ERROR;
	if (!bytes || bytes > DISK_DATA_BYTES || bytes % BLOCK_SECTOR ||
	    !block_range_valid(job->share->sectors, header->sector, bytes / BLOCK_SECTOR))
		return BLOCK_IO_ERROR;
	if (write) {
		virtio_chain_read(server_of(job->client), &job->chain, sizeof(*header),
				  disk_data(number), bytes);
		/* What was read from memory that is gone is not the client's data. */
		if (!device_client_lives(&job->client->device))
			return BLOCK_IO_ERROR;
	}
	job->out = write ? 0 : bytes;
	disk_send(number, header->type, job->share->first + header->sector, write ? bytes : 0,
		  write ? 0 : bytes);
	job->busy = true;
	return BLOCK_OK;
}

static uint8_t range(struct job *job, const struct block_header *header)
{
	struct block_range range;
	unsigned int number = (unsigned int)(job - jobs);

	if (job->share->read_only || job->in != sizeof(range) ||
	    !virtio_chain_read(server_of(job->client), &job->chain, sizeof(*header), &range,
			       sizeof(range)) ||
	    !device_client_lives(&job->client->device) || range.sectors > BLOCK_RANGE_SECTORS ||
	    !block_range_valid(job->share->sectors, range.sector, range.sectors))
		return BLOCK_IO_ERROR;
	/*
	 * Nothing to do. At the partition's end it would begin in the next one, and some disks take
	 * no sectors for all that follow.
	 */
	if (!range.sectors)
		return BLOCK_OK;
	job->out = 0;
	range.sector += job->share->first;
	memcpy(disk_data(number), &range, sizeof(range));
	disk_send(number, header->type, 0, sizeof(range), 0);
	job->busy = true;
	return BLOCK_OK;
}

/* Send it on its way, or say at once what becomes of it. */
static uint8_t job_begin(struct job *job, const struct block_header *header)
{
	switch (header->type) {
	case BLOCK_READ:
	case BLOCK_WRITE:
		return transfer(job, header);
	case BLOCK_DISCARD:
		return disk_offers(BLOCK_FEATURE_DISCARD) ? range(job, header) : BLOCK_UNSUPPORTED;
	case BLOCK_WRITE_ZEROES:
		return disk_offers(BLOCK_FEATURE_WRITE_ZEROES) ? range(job, header) :
								 BLOCK_UNSUPPORTED;
	case BLOCK_FLUSH:
		/* A disk that has no such request has no cache either. */
		if (job->share->read_only || !disk_offers(BLOCK_FEATURE_FLUSH))
			return BLOCK_OK;
		job->out = 0;
		disk_send((unsigned int)(job - jobs), BLOCK_FLUSH, 0, 0, 0);
		job->busy = true;
		return BLOCK_OK;
	case BLOCK_IDENTITY:
		return block_identity(server_of(job->client), &job->chain, job->share->identity);
	default:
		return BLOCK_UNSUPPORTED;
	}
}

static void job_take(struct job *job, struct client *client)
{
	struct block_header header;
	uint8_t status = BLOCK_IO_ERROR;

	job->client = client;
	job->share = client->share;
	job->out = job->chain.writable ? job->chain.writable - 1 : 0;
	if (job->chain.writable && !disk_lost() &&
	    virtio_chain_read(server_of(client), &job->chain, 0, &header, sizeof(header))) {
		job->in = job->chain.readable - (uint32_t)sizeof(header);
		status = job_begin(job, &header);
	}
	if (!job->busy)
		answer(client, &job->chain, status);
}

void jobs_take(struct client *client)
{
	struct job *job;

	if (stale_on_way(client->share))
		return;
	while ((job = job_free(client)) && virtio_server_next(server_of(client), 0, &job->chain))
		job_take(job, client);
	disk_notify();
}

static void job_end(struct job *job, uint8_t status, uint32_t written)
{
	job->busy = false;
	if (!job->client)
		return;
	/* Success without all the data would show what another client had there. */
	if (status == BLOCK_OK && written < job->out)
		status = BLOCK_IO_ERROR;
	if (status == BLOCK_OK && job->out)
		virtio_chain_write(server_of(job->client), &job->chain, 0,
				   disk_data((unsigned int)(job - jobs)), job->out);
	answer(job->client, &job->chain, status);
}

bool jobs_answer(void)
{
	unsigned int number;
	uint32_t written;
	uint8_t status;
	bool any = false;

	while (disk_answer(&number, &status, &written)) {
		if (jobs[number].busy)
			job_end(&jobs[number], status, written);
		any = true;
	}
	/* Answer these here: nobody else will. */
	for (unsigned int i = 0; i < DISK_JOBS && disk_lost(); i++) {
		if (!jobs[i].busy)
			continue;
		job_end(&jobs[i], BLOCK_IO_ERROR, 0);
		any = true;
	}
	return any;
}

void jobs_leave(const struct client *client)
{
	for (unsigned int i = 0; i < DISK_JOBS; i++)
		if (jobs[i].client == client)
			jobs[i].client = NULL;
}
