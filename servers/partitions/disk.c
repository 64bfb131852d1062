/* SPDX-License-Identifier: MIT */
/* The disk behind the partitions. */
#include "disk.h"

#include <string.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"

#define QUEUE_SIZE 64 /* three descriptors for each job, and a power of two */
#define JOB_BYTES (DISK_DATA_BYTES + 0x1000)
#define STATUS 16 /* in a job's memory: behind the header */
#define QUEUE_PAGES (VIRTIO_POOL(QUEUE_SIZE, 1) / PURLIN_PAGE_SIZE)
#define NOTHING 0xff
#define WANTED                                                                    \
	(VIRTIO_FEATURE_VERSION_1 | BLOCK_FEATURE_FLUSH | BLOCK_FEATURE_DISCARD | \
	 BLOCK_FEATURE_WRITE_ZEROES)
_Static_assert(QUEUE_SIZE >= 3 * DISK_JOBS, "a job is never refused");

static struct device_link link = {
	.service = "Block",
	.features = VIRTIO_FEATURE_VERSION_1,
	.queues = 1,
	.queue_size = QUEUE_SIZE,
	.pages = QUEUE_PAGES + DISK_JOBS * JOB_BYTES / PURLIN_PAGE_SIZE,
	.bit = DISK_ANSWERS,
};
static struct virtio_client_queue queue;
static struct virtio_client_entry entries[QUEUE_SIZE];
static struct block_config config;
static bool lost;
/* The number of a job, to point at. */
static unsigned int numbers[DISK_JOBS];

static uint8_t *job_at(unsigned int job)
{
	return (uint8_t *)link.mapped + device_link_pool(&link) + (size_t)job * JOB_BYTES;
}

uint8_t *disk_data(unsigned int job)
{
	return job_at(job) + PURLIN_PAGE_SIZE;
}

const char *disk_identity(void)
{
	return link.identity;
}

purlin_u64 disk_sectors(void)
{
	return config.capacity;
}

bool disk_writable(void)
{
	return !(link.offered & BLOCK_FEATURE_READ_ONLY);
}

bool disk_lost(void)
{
	return lost || queue.broken;
}

purlin_u64 disk_offers(purlin_u64 features)
{
	return link.features & features;
}

purlin_s64 disk_open(const char *label, purlin_u64 signal)
{
	purlin_s64 status;

	link.label = label;
	link.signal = signal;
	status = device_link_open(&link);
	if (status)
		return status;
	link.features = WANTED & (link.offered | VIRTIO_FEATURE_VERSION_1);
	status = device_link_prepare(&link);
	if (!status)
		status = device_links_watch(signal, DISK_ENDED);
	if (!status)
		status = device_link_start(&link);
	if (status)
		return status;
	memcpy(&config, link.config,
	       link.config_bytes < sizeof(config) ? link.config_bytes : sizeof(config));
	virtio_client_open(&queue, link.mapped, 0, QUEUE_SIZE, entries);
	return PURLIN_OK;
}

void disk_send(unsigned int job, uint32_t type, purlin_u64 sector, uint32_t out, uint32_t in)
{
	purlin_u64 at = device_link_pool(&link) + (purlin_u64)job * JOB_BYTES;
	struct block_header header = { type, 0, sector };
	struct virtio_buffer buffer[3] = { { at, sizeof(header), false } };
	unsigned int count = 1;

	memcpy(job_at(job), &header, sizeof(header));
	job_at(job)[STATUS] = NOTHING;
	if (out || in)
		buffer[count++] =
			(struct virtio_buffer){ at + PURLIN_PAGE_SIZE, out ? out : in, !out };
	buffer[count++] = (struct virtio_buffer){ at + STATUS, 1, true };
	numbers[job] = job;
	if (!virtio_client_add(&queue, buffer, count, &numbers[job]))
		component_panic("no room for a job");
}

void disk_notify(void)
{
	if (virtio_client_signal(&queue))
		device_link_notify(&link);
}

bool disk_answer(unsigned int *job, uint8_t *status, uint32_t *bytes)
{
	const unsigned int *number = virtio_client_answer(&queue, bytes);

	if (!number)
		return false;
	*job = *number;
	*bytes -= *bytes != 0; /* the status */
	*status = *(volatile uint8_t *)&job_at(*job)[STATUS];
	return true;
}

void disk_again(void)
{
	if (!lost && device_link_start(&link))
		lost = true;
}

bool disk_read(void *context, uint64_t sector, void *to)
{
	unsigned int job;
	purlin_u64 bits;
	uint32_t bytes;
	uint8_t status;

	(void)context;
	disk_send(0, BLOCK_READ, sector, 0, BLOCK_SECTOR);
	disk_notify();
	while (!disk_answer(&job, &status, &bytes)) {
		if (disk_lost() || purlin_signal_wait(link.signal, &bits))
			return false;
		if (bits & DISK_ENDED)
			disk_again();
	}
	memcpy(to, disk_data(0), BLOCK_SECTOR);
	return status == BLOCK_OK && bytes == BLOCK_SECTOR;
}
