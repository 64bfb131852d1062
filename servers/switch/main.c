/* SPDX-License-Identifier: MIT */
/* A switch: Nic sessions (VIRTIO 1.2, 5.1) whose clients send each other frames. */
#include <stdio.h>
#include <string.h>

#include "frames.h"
#include "purlin/calls.h"
#include "runtime/arch/processor.h"
#include "runtime/component.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/timer.h"

#define FEATURE_MAC (1ull << 5)
#define FRAMES_IN_TURN 32
#define ALARM DEVICE_FIRST_BIT

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

/* How many frames of this turn there are now. */
static unsigned int frames_take(struct client *client, unsigned int frames)
{
	static struct virtio_chain chain;
	struct virtio_server *server = &client->device.session.server;

	while (frames < FRAMES_IN_TURN && may_send(client) &&
	       virtio_server_next(server, QUEUE_TRANSMIT, &chain)) {
		/* A frame that is refused counts, too: it has taken as long. */
		port_sent(client->port, FRAME_LEAST + frame_send(client, &chain));
		client->told |= virtio_server_answer(server, QUEUE_TRANSMIT, chain.head, 0);
		frames++;
	}
	return frames;
}

static bool serve(struct device_client *device)
{
	struct client *client = (struct client *)device;
	struct virtio_server *server = &device->session.server;
	unsigned int frames;

	/* Nobody waits for buffers to receive in. */
	virtio_server_signals(server, QUEUE_RECEIVE, false);
	virtio_server_signals(server, QUEUE_TRANSMIT, false);
	frames = frames_take(client, 0);
	virtio_server_signals(server, QUEUE_TRANSMIT, true);
	/* The client did not signal what it sent before it saw this. */
	frames = frames_take(client, frames);
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
