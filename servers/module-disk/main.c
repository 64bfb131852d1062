/* SPDX-License-Identifier: MIT */
/* Boot modules as read-only disks: a Block session for each client and module. */
#include <string.h>

#include "purlin/calls.h"
#include "runtime/block_disk.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/rom.h"

#define SUFFIX ".disk" /* only such modules are disks: others are nobody's to read */

static struct client {
	struct device_client device;
	struct block_disk disk;
	purlin_u64 module; /* slot */
} clients[DEVICE_CLIENTS];
static purlin_u64 rom;

static purlin_s64 module_map(struct client *client, const char *name)
{
	purlin_u64 bytes;
	void *contents;
	purlin_s64 status;

	message_put_text(0, PURLIN_NAME_BYTES, name);
	status = rpc_receive(rom, ROM_MODULE, PURLIN_NAME_BYTES / 8, &client->module);
	if (status)
		return status;
	bytes = message()->word[0];
	status = memory_map(client->module, 0, PAGES_OF(bytes), PURLIN_MAP_READ, &contents);
	if (status) {
		slot_delete(client->module);
		return status;
	}
	client->disk.contents = contents;
	client->disk.read_only = true;
	block_config_set(&client->disk.config, (bytes + BLOCK_SECTOR - 1) / BLOCK_SECTOR);
	return PURLIN_OK;
}

static purlin_s64 open(struct device_client *device, const char *component, const char *label)
{
	struct client *client = (struct client *)device;
	struct virtio_session *session = &device->session;
	size_t length = strlen(label);

	(void)component;
	if (length <= strlen(SUFFIX) || strcmp(label + length - strlen(SUFFIX), SUFFIX))
		return PURLIN_NO_DEVICE;
	session->kind = &block_kind_read_only;
	strncpy(session->identity, label, VIRTIO_IDENTITY_BYTES);
	session->config = &client->disk.config;
	session->config_bytes = sizeof(client->disk.config);
	client->disk.identity = session->identity;
	return module_map(client, label);
}

static void close(struct device_client *device)
{
	struct client *client = (struct client *)device;

	memory_unmap(client->disk.contents);
	slot_delete(client->module);
}

static uint32_t request(struct device_client *device, struct virtio_chain *chain)
{
	return block_request(&((struct client *)device)->disk, device, chain);
}

int component_main(purlin_u64 argument)
{
	struct device_service service = {
		.name = "Block",
		.clients = clients,
		.client_bytes = sizeof(*clients),
		.open = open,
		.close = close,
		.request = request,
	};

	(void)argument;
	if (!session_open("ROM", "", &rom) && !device_service_prepare(&service))
		device_service_run(&service);
	return 1;
}
