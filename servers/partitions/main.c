/* SPDX-License-Identifier: MIT */
/* Partitions of a disk, which is a Block session itself, as Block sessions: one for each. */
#include <string.h>

#include "disk.h"
#include "jobs.h"
#include "runtime/component.h"

#define FEATURE_SIZE_MAX (1ull << 1)
#define ALWAYS                                                                   \
	(VIRTIO_FEATURE_VERSION_1 | VIRTIO_FEATURE_INDIRECT | FEATURE_SIZE_MAX | \
	 BLOCK_FEATURE_SEG_MAX | BLOCK_FEATURE_BLOCK_SIZE)
#define AS_THE_DISK (BLOCK_FEATURE_FLUSH | BLOCK_FEATURE_DISCARD | BLOCK_FEATURE_WRITE_ZEROES)

static struct client clients[DEVICE_CLIENTS];

static struct virtio_kind read_only = {
	.type = VIRTIO_TYPE_BLOCK,
	.features = ALWAYS | BLOCK_FEATURE_READ_ONLY,
	.queues = 1,
	.queue_size = 64,
};
static struct virtio_kind writable;

static purlin_s64 open(struct device_client *device, const char *component, const char *label);

static void close(struct device_client *device)
{
	jobs_leave((struct client *)device);
}

static bool serve(struct device_client *device)
{
	jobs_take((struct client *)device);
	return false;
}

/* There is room for requests again: from another client on each time, so that all get some. */
static void signalled(purlin_u64 bits)
{
	static unsigned int first;

	if (bits & DISK_ENDED)
		disk_again();
	if (!jobs_answer())
		return;
	first++;
	for (unsigned int i = 0; i < DEVICE_CLIENTS; i++) {
		struct client *client = &clients[(first + i) % DEVICE_CLIENTS];

		if (client->device.session.mapped)
			jobs_take(client);
	}
}

static struct device_service service = {
	.name = "Block",
	.clients = clients,
	.client_bytes = sizeof(*clients),
	.open = open,
	.close = close,
	.serve = serve,
	.signalled = signalled,
};

/* As with a disk, the latest session of the one who may write is the one that counts. */
static void earlier_end(const struct share *share)
{
	for (unsigned int i = 0; i < DEVICE_CLIENTS; i++)
		if (clients[i].device.badge && clients[i].share == share)
			device_client_end(&service, &clients[i].device);
}

static purlin_s64 open(struct device_client *device, const char *component, const char *label)
{
	struct client *client = (struct client *)device;
	const struct share *share = share_of(component, label);

	if (!share)
		return PURLIN_NO_DEVICE;
	earlier_end(share);
	client->share = share;
	block_config_set(&client->config, share->sectors);
	client->config.size_max = DISK_SEGMENT_BYTES;
	client->config.seg_max = DISK_SEGMENTS;
	device->session.kind = share->read_only ? &read_only : &writable;
	device->session.config = &client->config;
	device->session.config_bytes = sizeof(client->config);
	strncpy(device->session.identity, share->identity, VIRTIO_IDENTITY_BYTES);
	return PURLIN_OK;
}

int component_main(purlin_u64 argument)
{
	const char *label, *problem = shares_read(&label);

	(void)argument;
	if (problem)
		component_panic("%s", problem);
	if (device_service_prepare(&service) || disk_open(label, service.signal))
		component_panic("there is no disk %s", label);
	problem = shares_find();
	if (problem)
		component_panic("%s: %s", label, problem);
	writable = read_only;
	writable.features = ALWAYS | disk_offers(AS_THE_DISK);
	device_service_run(&service);
	return 1;
}
