/* SPDX-License-Identifier: MIT */
/* A multiplexer: Console sessions (VIRTIO 1.2, 5.3) that share one Terminal. */
#include <string.h>

#include "channels.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "terminal.h"

#define QUEUE_RECEIVE 0
#define QUEUE_TRANSMIT 1
#define SOME_BYTES 512
#define BYTES_IN_TURN 0x4000

struct client {
	struct device_client device;
	struct channel *channel;
	/* What it transmits now, and how much of that is taken. */
	bool taking;
	uint32_t taken;
	struct virtio_chain chain;
};

static struct client clients[DEVICE_CLIENTS];

static const struct virtio_kind kind = {
	.type = VIRTIO_TYPE_CONSOLE,
	.features = VIRTIO_FEATURE_VERSION_1 | VIRTIO_FEATURE_INDIRECT,
	.queues = 2,
	.queue_size = 16,
};

static purlin_s64 open(struct device_client *device, const char *component, const char *label);
static void close(struct device_client *device);
static bool serve(struct device_client *device);
static void signalled(purlin_u64 bits);

static struct device_service service = {
	.name = "Console",
	.clients = clients,
	.client_bytes = sizeof(*clients),
	.open = open,
	.close = close,
	.serve = serve,
	.signalled = signalled,
};

/* A channel has one client, the latest. */
static purlin_s64 open(struct device_client *device, const char *component, const char *label)
{
	struct client *client = (struct client *)device;
	struct channel *channel = channel_of(component, label);

	if (!channel)
		return PURLIN_NO_DEVICE;
	for (unsigned int i = 0; i < DEVICE_CLIENTS; i++)
		if (clients[i].device.badge && clients[i].channel == channel)
			device_client_end(&service, &clients[i].device);
	client->channel = channel;
	channel->used = true;
	device->session.kind = &kind;
	device->session.config = "";
	strncpy(device->session.identity, channel->name, VIRTIO_IDENTITY_BYTES);
	return PURLIN_OK;
}

/* Its last words stay until they are seen; keys that it did not read are not for the next one. */
static void close(struct device_client *device)
{
	struct channel *channel = ((struct client *)device)->channel;

	channel->used = false;
	channel->input_tail = channel->input_head;
}

/*
 * Whether all of what it transmits now is taken; else there is no room. Of memory that is gone
 * zeroes are read, which nobody has written.
 */
static bool chain_take(struct client *client)
{
	const struct virtio_server *server = &client->device.session.server;
	uint8_t bytes[SOME_BYTES];

	while (client->taken < client->chain.readable) {
		uint32_t some = client->chain.readable - client->taken, done;

		some = some < SOME_BYTES ? some : SOME_BYTES;
		virtio_chain_read(server, &client->chain, client->taken, bytes, some);
		if (!device_client_lives(&client->device))
			return true;
		done = channel_put(client->channel, bytes, some);
		client->taken += done;
		if (!done)
			return false;
	}
	return true;
}

static bool chain_next(struct client *client)
{
	if (client->taking)
		return true;
	client->taking =
		virtio_server_next(&client->device.session.server, QUEUE_TRANSMIT, &client->chain);
	/* What an earlier life has taken, it may have written: not twice. */
	client->taken = client->chain.again ? client->chain.readable : 0;
	return client->taking;
}

static void terminal_fill(void)
{
	uint8_t bytes[SOME_BYTES];
	uint32_t room;

	while ((room = terminal_room())) {
		uint32_t some = channels_output(bytes, room < SOME_BYTES ? room : SOME_BYTES);

		if (!some)
			return;
		terminal_write(bytes, some);
	}
}

/* Whether there may be more now. */
static bool transmitted_take(struct client *client, bool *notify)
{
	struct virtio_server *server = &client->device.session.server;
	uint32_t bytes = 0;

	while (bytes < BYTES_IN_TURN) {
		if (!chain_next(client) || !chain_take(client))
			return false;
		/* A request costs something, however short it is. */
		bytes += client->chain.readable + SOME_BYTES;
		client->taking = false;
		/* Before the answer, so that what is answered is not lost by an end of ours. */
		terminal_fill();
		*notify |= virtio_server_answer(server, QUEUE_TRANSMIT, client->chain.head, 0);
	}
	return true;
}

static void input_give(struct client *client, bool *notify)
{
	static struct virtio_chain chain;
	struct virtio_server *server = &client->device.session.server;

	/* No more than were there: a client could offer buffers of no bytes for ever. */
	for (unsigned int i = 0; i < kind.queue_size && channel_input(client->channel); i++) {
		uint8_t bytes[SOME_BYTES];
		uint32_t some;

		if (!virtio_server_next(server, QUEUE_RECEIVE, &chain))
			break;
		some = chain.writable < SOME_BYTES ? chain.writable : SOME_BYTES;
		some = channel_get(client->channel, bytes, some);
		virtio_chain_write(server, &chain, 0, bytes, some);
		*notify |= virtio_server_answer(server, QUEUE_RECEIVE, chain.head, some);
	}
	/* Its buffers matter only while there is something to put there. */
	virtio_server_signals(server, QUEUE_RECEIVE, channel_input(client->channel));
}

static bool serve(struct device_client *device)
{
	struct client *client = (struct client *)device;
	bool notify = false, more;

	input_give(client, &notify);
	/* Buffers that came before the client saw that they are wanted were not told. */
	input_give(client, &notify);
	more = transmitted_take(client, &notify);
	terminal_fill();
	/* There is room now for what there was none for. */
	more |= client->taking && terminal_room() && client->channel == channel_front();
	if (notify)
		virtio_session_notify(&device->session);
	return more;
}

/*
 * What the terminal says concerns the one in front, before and after: it has room, or input. Their
 * turns come by the signal, as those of all clients.
 */
static void signalled(purlin_u64 bits)
{
	purlin_u64 again = 0;
	uint8_t byte;

	if (bits & TERMINAL_ENDED)
		terminal_again();
	/* As much as a channel holds, so that keys do not keep the clients waiting. */
	for (unsigned int i = 0; i < CHANNEL_INPUT_BYTES; i++) {
		if (!terminal_read(&byte))
			break;
		channels_key(byte);
	}
	terminal_fill();
	for (unsigned int i = 0; i < DEVICE_CLIENTS; i++)
		if (clients[i].device.badge &&
		    (clients[i].taking || channel_input(clients[i].channel)))
			again |= clients[i].device.session.bit;
	if (again)
		purlin_signal_notify(service.signal, again);
}

int component_main(purlin_u64 argument)
{
	const char *problem = channels_read();

	(void)argument;
	if (problem)
		component_panic("%s", problem);
	if (device_service_prepare(&service) || terminal_open("console", service.signal))
		component_panic("there is no terminal");
	terminal_fill();
	device_service_run(&service);
	return 1;
}
