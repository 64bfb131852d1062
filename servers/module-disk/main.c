/* SPDX-License-Identifier: MIT */
/* Boot modules as read-only disks: a Block session for each client and module. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/virtio_session.h"
#include "session/parent.h"
#include "session/rom.h"

#define CLIENTS 16
#define SUFFIX ".disk" /* only such modules are disks: others are nobody's to read */
#define REQUESTS_IN_TURN 32

static struct client {
	struct virtio_session session;
	struct block_disk disk;
	purlin_u64 badge, endpoint, module; /* slots; badge 0: nobody */
} clients[CLIENTS];
static purlin_u64 endpoint, own_signal, rom;
static purlin_u64 next_badge = SERVER_PARENT_BADGE + 1;

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
	block_config_set(&client->disk, bytes);
	return PURLIN_OK;
}

/* Its place in the table is its bit of the signal, so one look tells whose queue has something. */
static void client_fill(struct client *client, const char *name)
{
	struct virtio_session *session = &client->session;

	memset(session, 0, sizeof(*session));
	session->kind = &block_kind;
	strncpy(session->identity, name, VIRTIO_IDENTITY_BYTES);
	session->config = &client->disk.config;
	session->config_bytes = sizeof(client->disk.config);
	session->signal = own_signal;
	session->bit = 1ull << (client - clients);
	client->disk.identity = session->identity;
}

static struct client *client_of_badge(purlin_u64 badge)
{
	for (unsigned int i = 0; i < CLIENTS; i++)
		if (clients[i].badge == badge)
			return &clients[i];
	return NULL;
}

/* The label is "component/module". */
static purlin_s64 open(struct request *request)
{
	struct client *client = client_of_badge(0);
	char label[PARENT_LABEL_BYTES + 1];
	const char *name;
	size_t length;
	purlin_s64 status;

	words_get_text(label, request->word, PARENT_LABEL_BYTES);
	name = strrchr(label, '/') ? strrchr(label, '/') + 1 : label;
	length = strlen(name);
	if (length <= strlen(SUFFIX) || strcmp(name + length - strlen(SUFFIX), SUFFIX))
		return PURLIN_NO_DEVICE;
	if (!client)
		return PURLIN_NO_MEMORY;
	client_fill(client, name);
	status = module_map(client, name);
	if (status)
		return status;
	status = server_badge(endpoint, next_badge, &client->endpoint);
	if (status) {
		memory_unmap((void *)client->disk.contents);
		slot_delete(client->module);
		return status;
	}
	client->badge = next_badge++;
	request_reply_word(request, client->badge);
	request_reply_cap(request, client->endpoint, false);
	return PURLIN_OK;
}

static purlin_s64 close(purlin_u64 badge)
{
	struct client *client = badge ? client_of_badge(badge) : NULL;

	if (!client)
		return PURLIN_BAD_ARGUMENT;
	virtio_session_end(&client->session);
	memory_unmap((void *)client->disk.contents);
	slot_delete(client->module);
	slot_delete(client->endpoint);
	client->badge = 0;
	return PURLIN_OK;
}

static purlin_s64 handle(void *context, struct request *request)
{
	struct client *client;

	(void)context;
	if (request->badge == SERVER_PARENT_BADGE) {
		if (request->operation == SERVER_OPEN)
			return open(request);
		return request->operation == SERVER_CLOSE ? close(request->word[0]) :
							    PURLIN_BAD_CALL;
	}
	/* Badges are never used again: a capability from an earlier session finds nobody. */
	client = client_of_badge(request->badge);
	return client ? virtio_session_request(&client->session, request) : PURLIN_DEAD;
}

static void requests_do(struct client *client, unsigned int *left, bool *answered)
{
	static struct virtio_chain chain;
	struct virtio_server *server = &client->session.server;

	while (*left && virtio_server_next(server, 0, &chain)) {
		uint32_t written = block_request(&client->disk, server, &chain);

		/* Told once for all of them, after the last. */
		*answered = virtio_server_answer(server, 0, chain.head, written) || *answered;
		--*left;
	}
}

/* Whether the client may have more: then others, and messages, are heard first. */
static bool serve(struct client *client)
{
	struct virtio_server *server = &client->session.server;
	unsigned int left = REQUESTS_IN_TURN;
	bool answered = false;

	/* While it looks at the queue anyway, the client need not notify. */
	virtio_server_signals(server, 0, false);
	requests_do(client, &left, &answered);
	/* What came before the client saw this, it did not signal. */
	virtio_server_signals(server, 0, true);
	requests_do(client, &left, &answered);
	if (answered)
		virtio_session_notify(&client->session);
	return !left;
}

static void signalled(void *context, purlin_u64 bits)
{
	purlin_u64 again = 0;

	(void)context;
	for (unsigned int i = 0; i < CLIENTS; i++) {
		struct client *client = &clients[i];

		if (!(bits & client->session.bit) || !client->session.mapped)
			continue;
		if (serve(client))
			again |= client->session.bit;
	}
	if (again)
		purlin_signal_notify(own_signal, again);
}

int component_main(purlin_u64 argument)
{
	struct server server = { .handle = handle, .signalled = signalled };
	purlin_s64 status;

	(void)argument;
	own_signal = slot_reserve();
	status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, own_signal);
	if (!status)
		status = purlin_thread_bind_signal(PURLIN_SLOT_THREAD, own_signal);
	if (!status)
		status = session_open("ROM", "", &rom);
	if (!status)
		status = server_announce("Block", &endpoint);
	if (status)
		return 1;
	server.endpoint = endpoint;
	server_loop(&server);
	return 1;
}
