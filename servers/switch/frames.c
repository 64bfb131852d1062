/* SPDX-License-Identifier: MIT */
/* Who may send what, and who gets it. */
#include "frames.h"

#include <string.h>

#define HEADER_BYTES 12 /* VIRTIO 1.2, 5.1.6: says nothing without offloads */
#define HEADER_BUFFERS 10

struct client clients[DEVICE_CLIENTS];

/* A frame for which there is no buffer is lost, as on a wire. */
static void deliver(struct client *to, const uint8_t *packet, uint32_t bytes)
{
	static struct virtio_chain chain;
	struct virtio_server *server = &to->device.session.server;
	uint32_t written = 0;

	if (!to->device.session.mapped || !virtio_server_next(server, QUEUE_RECEIVE, &chain))
		return;
	if (virtio_chain_write(server, &chain, 0, packet, bytes))
		written = bytes;
	to->told |= virtio_server_answer(server, QUEUE_RECEIVE, chain.head, written);
}

static bool is_group(const uint8_t mac[MAC_BYTES])
{
	return mac[0] & 1;
}

/*
 * Nobody may send under the address of another. Behind an uplink there are many addresses that are
 * not known here, but none of them may be that of a port.
 */
static bool may_send_as(const struct port *port, const uint8_t source[MAC_BYTES])
{
	const struct port *owner = port_of_mac(source);

	return owner == port || (!owner && port->uplink && !is_group(source));
}

/* A frame for an address that no port has is for somebody behind an uplink. */
static bool is_for(const struct port *port, const uint8_t target[MAC_BYTES])
{
	const struct port *owner = port_of_mac(target);

	return owner == port || is_group(target) || (!owner && port->uplink);
}

static void forward(const struct client *from, const uint8_t *packet, uint32_t bytes)
{
	const uint8_t *target = packet + HEADER_BYTES, *source = target + MAC_BYTES;

	if (!may_send_as(from->port, source))
		return;
	for (unsigned int i = 0; i < DEVICE_CLIENTS; i++) {
		struct client *to = &clients[i];

		if (to != from && to->device.badge && is_for(to->port, target))
			deliver(to, packet, bytes);
	}
}

/*
 * The frame is copied before it is looked at: what was checked is what is sent. If an earlier life
 * of this server may have sent it, it is not sent again.
 */
uint32_t frame_send(struct client *client, const struct virtio_chain *chain)
{
	static uint8_t packet[HEADER_BYTES + FRAME_MOST];
	static const uint8_t header[HEADER_BYTES] = { [HEADER_BUFFERS] = 1 };

	if (chain->again || chain->readable < HEADER_BYTES + FRAME_LEAST ||
	    chain->readable > sizeof(packet) ||
	    !virtio_chain_read(&client->device.session.server, chain, 0, packet, chain->readable))
		return 0;
	memcpy(packet, header, sizeof(header));
	/* What was read from memory that is gone is no frame of the client's. */
	if (device_client_lives(&client->device))
		forward(client, packet, chain->readable);
	return chain->readable;
}
