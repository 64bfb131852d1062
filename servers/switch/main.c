/* SPDX-License-Identifier: MIT */
/* A switch: Nic sessions (VIRTIO 1.2, 5.1) whose clients send each other frames. */
#include <stdio.h>
#include <string.h>

#include "ports.h"
#include "purlin/calls.h"
#include "runtime/arch/processor.h"
#include "runtime/component.h"
#include "runtime/device_service.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/timer.h"

#define RECEIVE 0 /* queues, as the client says */
#define TRANSMIT 1
#define FEATURE_MAC (1ull << 5)
#define HEADER_BYTES 12 /* VIRTIO 1.2, 5.1.6: says nothing without offloads */
#define HEADER_BUFFERS 10
#define LEAST_FRAME 14
#define MOST_FRAME 1514
#define FRAMES_IN_TURN 32
#define ALARM DEVICE_FIRST_BIT

static struct client {
	struct device_client device; /* first */
	struct port *port;
	bool waiting; /* it has sent more than its rate allows */
	bool told;    /* in this turn something came for it */
} clients[DEVICE_CLIENTS];
static purlin_u64 timer, frequency, alarm_at = ~0ull;

static const struct virtio_kind kind = {
	.type = VIRTIO_TYPE_NIC,
	.features = VIRTIO_FEATURE_VERSION_1 | VIRTIO_FEATURE_INDIRECT | FEATURE_MAC,
	.queues = 2,
	.queue_size = 256,
};

static purlin_s64 open(struct device_client *device, const char *component, const char *label);
static bool serve(struct device_client *device);
static void signalled(purlin_u64 bits);

static struct device_service service = {
	.name = "Nic",
	.clients = clients,
	.client_bytes = sizeof(*clients),
	.open = open,
	.serve = serve,
	.signalled = signalled,
};

/* A port has one client, the latest: of two with one address none would know what is for it. */
static purlin_s64 open(struct device_client *device, const char *component, const char *label)
{
	struct client *client = (struct client *)device;
	struct port *port = port_of(component, label);

	if (!port)
		return PURLIN_NO_DEVICE;
	for (unsigned int i = 0; i < DEVICE_CLIENTS; i++)
		if (clients[i].device.badge && clients[i].port == port)
			device_client_end(&service, &clients[i].device);
	client->port = port;
	device->session.kind = &kind;
	device->session.config = port->mac;
	device->session.config_bytes = MAC_BYTES;
	strncpy(device->session.identity, port->mac_text, VIRTIO_IDENTITY_BYTES);
	return PURLIN_OK;
}

/* A frame for which there is no buffer is lost, as on a wire. */
static void deliver(struct client *to, const uint8_t *packet, uint32_t bytes)
{
	static struct virtio_chain chain;
	struct virtio_server *server = &to->device.session.server;
	uint32_t written = 0;

	if (!to->device.session.mapped || !virtio_server_next(server, RECEIVE, &chain))
		return;
	if (virtio_chain_write(server, &chain, 0, packet, bytes))
		written = bytes;
	to->told |= virtio_server_answer(server, RECEIVE, chain.head, written);
}

/* By the address it is for; nobody sends under another's, nor hears itself. */
static void forward(const struct client *from, const uint8_t *packet, uint32_t bytes)
{
	const uint8_t *target = packet + HEADER_BYTES, *source = target + MAC_BYTES;

	if (memcmp(source, from->port->mac, MAC_BYTES))
		return;
	for (unsigned int i = 0; i < DEVICE_CLIENTS; i++) {
		struct client *to = &clients[i];

		if (to != from && to->device.badge &&
		    (target[0] & 1 || !memcmp(target, to->port->mac, MAC_BYTES)))
			deliver(to, packet, bytes);
	}
}

/*
 * The frame is copied before it is looked at: what was checked is what is sent. If an earlier life
 * of this server may have sent it, it is not sent again.
 */
static uint32_t frame_send(struct client *client, const struct virtio_chain *chain)
{
	static uint8_t packet[HEADER_BYTES + MOST_FRAME];
	static const uint8_t header[HEADER_BYTES] = { [HEADER_BUFFERS] = 1 };

	if (chain->again || chain->readable < HEADER_BYTES + LEAST_FRAME ||
	    chain->readable > sizeof(packet) ||
	    !virtio_chain_read(&client->device.session.server, chain, 0, packet, chain->readable))
		return 0;
	memcpy(packet, header, sizeof(header));
	/* What was read of memory that is gone nobody has sent. */
	if (device_client_lives(&client->device))
		forward(client, packet, chain->readable);
	return chain->readable;
}

static void alarm_set(purlin_u64 when)
{
	if (when >= alarm_at)
		return;
	alarm_at = when;
	message()->word[0] = when;
	rpc(timer, TIMER_SET, 1);
}

/* Frames that the rate does not allow stay in the queue, until it does. */
static bool may_send(struct client *client)
{
	purlin_u64 when = 0;

	client->waiting = !port_may_send(client->port, tsc_now(), frequency, &when);
	if (client->waiting)
		alarm_set(when);
	return !client->waiting;
}

static void told_notify(void)
{
	for (unsigned int i = 0; i < DEVICE_CLIENTS; i++) {
		if (clients[i].told && clients[i].device.session.mapped)
			virtio_session_notify(&clients[i].device.session);
		clients[i].told = false;
	}
}

static bool serve(struct device_client *device)
{
	static struct virtio_chain chain;
	struct client *client = (struct client *)device;
	struct virtio_server *server = &device->session.server;
	unsigned int frames = 0;

	while (frames < FRAMES_IN_TURN && may_send(client) &&
	       virtio_server_next(server, TRANSMIT, &chain)) {
		/* A frame that is refused counts, too: it has taken as long. */
		port_sent(client->port, LEAST_FRAME + frame_send(client, &chain));
		client->told |= virtio_server_answer(server, TRANSMIT, chain.head, 0);
		frames++;
	}
	told_notify();
	return frames == FRAMES_IN_TURN;
}

static void signalled(purlin_u64 bits)
{
	purlin_u64 again = 0;

	if (!(bits & ALARM))
		return;
	alarm_at = ~0ull;
	for (unsigned int i = 0; i < DEVICE_CLIENTS; i++)
		if (clients[i].device.badge && clients[i].waiting)
			again |= clients[i].device.session.bit;
	if (again)
		purlin_signal_notify(service.signal, again);
}

static purlin_s64 timer_open(void)
{
	purlin_u64 alarm;
	purlin_s64 status = session_open("Timer", "", &timer);

	if (!status)
		status = rpc(timer, TIMER_INFO, 0);
	if (status)
		return status;
	frequency = message()->word[0];
	status = slot_copy(service.signal, PURLIN_RIGHT_WRITE, ALARM, &alarm);
	if (!status)
		status = rpc_send(timer, TIMER_START, 0, alarm);
	slot_delete(alarm);
	return status;
}

int component_main(purlin_u64 argument)
{
	const char *problem = ports_read();

	(void)argument;
	if (problem)
		component_panic("%s", problem);
	if (device_service_prepare(&service) || timer_open())
		component_panic("there is no timer");
	device_service_run(&service);
	return 1;
}
