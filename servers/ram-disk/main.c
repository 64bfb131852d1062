/* SPDX-License-Identifier: MIT */
/* Disks in memory that outlives this server: a Block session for each. */
#include <string.h>

#include "disks.h"
#include "runtime/block_disk.h"
#include "runtime/component.h"

static struct client {
	struct device_client device;
	struct block_disk disk;
} clients[DEVICE_CLIENTS];

static purlin_s64 open(struct device_client *device, const char *component, const char *label);

static uint32_t request(struct device_client *device, struct virtio_chain *chain)
{
	return block_request(&((struct client *)device)->disk, device, chain);
}

static struct device_service service = {
	.name = "Block",
	.clients = clients,
	.client_bytes = sizeof(*clients),
	.open = open,
	.request = request,
};

/*
 * A disk has one client, and that one session: who opens it again has forgotten the earlier one, or
 * has been restarted, and this server has not heard of that yet. Two of them would take turns at
 * writing what the other has cached.
 */
static void earlier_end(const struct disk *disk)
{
	for (unsigned int i = 0; i < DEVICE_CLIENTS; i++)
		if (clients[i].device.badge && clients[i].disk.contents == disk->contents)
			device_client_end(&service, &clients[i].device);
}

static purlin_s64 open(struct device_client *device, const char *component, const char *label)
{
	struct client *client = (struct client *)device;
	struct virtio_session *session = &device->session;
	const struct disk *disk = disk_of(component, label);

	if (!disk)
		return PURLIN_NO_DEVICE;
	earlier_end(disk);
	client->disk.contents = disk->contents;
	client->disk.read_only = disk->read_only;
	client->disk.identity = disk->identity;
	client->disk.lives = device_client_lives;
	block_config_set(&client->disk.config, disk->sectors);
	session->kind = disk->read_only ? &block_kind_read_only : &block_kind_writable;
	strncpy(session->identity, disk->identity, VIRTIO_IDENTITY_BYTES);
	session->config = &client->disk.config;
	session->config_bytes = sizeof(client->disk.config);
	return PURLIN_OK;
}

int component_main(purlin_u64 argument)
{
	const char *problem = disks_find();

	(void)argument;
	if (problem)
		component_panic("%s", problem);
	if (!device_service_prepare(&service))
		device_service_run(&service);
	return 1;
}
