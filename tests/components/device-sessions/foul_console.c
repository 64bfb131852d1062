/* SPDX-License-Identifier: MIT */
/*
 * A server of Console sessions that plays foul, by the label: `mute` takes nothing, `ends` takes
 * some and is gone for good, `garbage` answers what was not asked, `honest` throws away what is
 * written.
 */
#include <string.h>

#include "runtime/component.h"
#include "runtime/device_service.h"

#define TRANSMIT 1
#define LIFE 20 /* requests */

struct client {
	struct device_client device;
	char label[PARENT_LABEL_BYTES];
	unsigned int taken;
};

static struct client clients[DEVICE_CLIENTS];

static const struct virtio_kind kind = {
	.type = VIRTIO_TYPE_CONSOLE,
	.features = VIRTIO_FEATURE_VERSION_1 | VIRTIO_FEATURE_INDIRECT,
	.queues = 2,
	.queue_size = 16,
};

static purlin_s64 open(struct device_client *device, const char *component, const char *label)
{
	struct client *client = (struct client *)device;

	(void)component;
	strncpy(client->label, label, sizeof(client->label) - 1);
	device->session.kind = &kind;
	device->session.config = "";
	strncpy(device->session.identity, label, VIRTIO_IDENTITY_BYTES);
	return PURLIN_OK;
}

/* An answer that nobody waits for, past what the library would let a server say. */
static void garbage(struct virtio_server *server)
{
	struct virtio_used *used = server->queue[TRANSMIT].used;

	used->ring[used->index % server->queue_size].id = 0xffff;
	__atomic_store_n(&used->index, (uint16_t)(used->index + 1), __ATOMIC_RELEASE);
}

static bool serve(struct device_client *device)
{
	static struct virtio_chain chain;
	struct client *client = (struct client *)device;
	struct virtio_server *server = &device->session.server;

	if (!strcmp(client->label, "mute"))
		return false;
	while (virtio_server_next(server, TRANSMIT, &chain)) {
		client->taken++;
		if (!strcmp(client->label, "ends") && client->taken == LIFE)
			__builtin_trap();
		if (!strcmp(client->label, "garbage") && client->taken == LIFE)
			garbage(server);
		else if (virtio_server_answer(server, TRANSMIT, chain.head, 0))
			virtio_session_notify(&device->session);
	}
	if (client->taken >= LIFE)
		virtio_session_notify(&device->session);
	return false;
}

int component_main(purlin_u64 argument)
{
	struct device_service service = {
		.name = "Console",
		.clients = clients,
		.client_bytes = sizeof(*clients),
		.open = open,
		.serve = serve,
	};

	(void)argument;
	if (!device_service_prepare(&service))
		device_service_run(&service);
	return 1;
}
