/* SPDX-License-Identifier: MIT */
/*
 * A network in which each client hears what it has sent itself, and whose server plays foul, as the
 * label says: "foul-N" at each frame that it gives (disks/foul.h), "headers" in what says how the
 * frame is to be taken, by a client that takes pieces of streams in several buffers, "sent" in
 * answers about what was sent. "good" is one that does not.
 */
#include <string.h>

#include "../disks/foul.h"
#include "runtime/component.h"
#include "runtime/device_service.h"

#define RECEIVE 0
#define TRANSMIT 1
#define HEADER 12
#define MOST (HEADER + 1518)
#define FEATURE_MAC (1ull << 5)
#define FEATURES_MERGED 0x8382ull /* GUEST_CSUM, GUEST_TSO4, GUEST_TSO6, GUEST_ECN, MRG_RXBUF */
#define FOUL_HEADERS 10
#define FOUL_SENT 11

static struct client {
	struct device_client device; /* first */
	int foul;		     /* FOUL_*, or -1 */
	uint8_t mac[6];
} clients[DEVICE_CLIENTS];

static const struct virtio_kind kind = {
	.type = VIRTIO_TYPE_NIC,
	.features = VIRTIO_FEATURE_VERSION_1 | FEATURE_MAC,
	.queues = 2,
	.queue_size = 64,
};

static const struct virtio_kind merging = {
	.type = VIRTIO_TYPE_NIC,
	.features = VIRTIO_FEATURE_VERSION_1 | FEATURE_MAC | FEATURES_MERGED,
	.queues = 2,
	.queue_size = 64,
};

static purlin_s64 open(struct device_client *device, const char *component, const char *label)
{
	struct client *client = (struct client *)device;

	(void)component;
	client->foul = !strncmp(label, "foul-", 5) ? label[5] - '0' :
		       !strcmp(label, "headers")   ? FOUL_HEADERS :
		       !strcmp(label, "sent")	   ? FOUL_SENT :
						     -1;
	client->mac[0] = 2;
	client->mac[5] = (uint8_t)(client->foul + 2);
	device->session.kind = client->foul == FOUL_HEADERS ? &merging : &kind;
	device->session.config = client->mac;
	device->session.config_bytes = sizeof(client->mac);
	strncpy(device->session.identity, label, VIRTIO_IDENTITY_BYTES);
	return PURLIN_OK;
}

/* Checksums and segments at places that are not there, and buffers that are not. */
static void headers_foul(uint8_t *packet)
{
	static uint32_t state = 1;

	for (unsigned int i = 0; i < HEADER; i++) {
		state = state * 1664525 + 1013904223;
		packet[i] = (uint8_t)(state >> 24);
	}
}

static void give(struct client *client, uint8_t *packet, uint32_t bytes)
{
	static struct virtio_chain chain;
	struct virtio_server *server = &client->device.session.server;
	uint32_t written = bytes;

	memset(packet, 0, HEADER);
	packet[10] = 1;
	if (client->foul == FOUL_HEADERS)
		headers_foul(packet);
	if (!virtio_server_next(server, RECEIVE, &chain))
		return;
	virtio_chain_write(server, &chain, 0, packet, bytes);
	foul_before(server, &chain, client->foul, &written);
	virtio_server_answer(server, RECEIVE, chain.head, written);
	foul_after(server, client->foul);
}

static bool serve(struct device_client *device)
{
	static struct virtio_chain chain;
	static uint8_t packet[MOST];
	struct client *client = (struct client *)device;
	struct virtio_server *server = &device->session.server;

	while (virtio_server_next(server, TRANSMIT, &chain)) {
		uint32_t bytes = chain.readable < MOST ? chain.readable : MOST;
		bool whole = virtio_chain_read(server, &chain, 0, packet, bytes);

		/* Nothing can have been written where there is nothing to write. */
		virtio_server_answer(server, TRANSMIT, chain.head,
				     client->foul == FOUL_SENT ? 0x10000 : 0);
		if (whole)
			give(client, packet, bytes);
	}
	virtio_session_notify(&device->session);
	return false;
}

static struct device_service service = {
	.name = "Nic",
	.clients = clients,
	.client_bytes = sizeof(*clients),
	.open = open,
	.serve = serve,
};

int component_main(purlin_u64 argument)
{
	(void)argument;
	if (device_service_prepare(&service))
		return 1;
	device_service_run(&service);
	return 1;
}
