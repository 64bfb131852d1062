/* SPDX-License-Identifier: MIT */
/*
 * A disk that is read and written, whose contents somebody else keeps (keeper.h), so that this
 * server can end at any store. The label says how it behaves: "forgets" does not look at the record
 * of what was in flight, "foul-N" answers once as foul.c says.
 */
#include <string.h>

#include "foul.h"
#include "keeper.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/virtio_session.h"
#include "session/parent.h"
#include "lib/virtio/step.h"

#define CLIENTS 12
#define SECTOR 512
#define BYTES (KEEPER_PAGES * PURLIN_PAGE_SIZE)
#define REQUEST_READ 0
#define REQUEST_WRITE 1
#define REQUEST_FLUSH 4
#define STATUS_OK 0
#define STATUS_IO_ERROR 1
#define STATUS_UNSUPPORTED 2
#define FEATURE_FLUSH (1ull << 9)

static const struct virtio_kind kind = {
	.type = VIRTIO_TYPE_BLOCK,
	.features = VIRTIO_FEATURE_VERSION_1 | FEATURE_FLUSH,
	.queues = 1,
	.queue_size = 64,
};

static struct client {
	struct virtio_session session;
	purlin_u64 badge; /* 0: nobody */
	bool forgets;
	int foul; /* FOUL_*, or -1 */
} clients[CLIENTS];
static uint64_t capacity = BYTES / SECTOR;
static uint8_t *contents;
static purlin_u64 endpoint, own_signal, next_badge = SERVER_PARENT_BADGE + 1;

static struct client *client_of_badge(purlin_u64 badge)
{
	for (unsigned int i = 0; i < CLIENTS; i++)
		if (clients[i].badge == badge)
			return &clients[i];
	return NULL;
}

static purlin_s64 open(struct request *request)
{
	struct client *client = client_of_badge(0);
	char label[PARENT_LABEL_BYTES + 1];
	const char *name;
	purlin_u64 session;
	purlin_s64 status;

	if (!client)
		return PURLIN_NO_MEMORY;
	words_get_text(label, request->word, PARENT_LABEL_BYTES);
	name = strrchr(label, '/') + 1;
	*client = (struct client){ .forgets = !strcmp(name, "forgets"),
				   .foul = !strncmp(name, "foul-", 5) ? name[5] - '0' : -1 };
	client->session = (struct virtio_session){ .kind = &kind,
						   .config = &capacity,
						   .config_bytes = sizeof(capacity),
						   .signal = own_signal,
						   .bit = 1ull << (client - clients) };
	strncpy(client->session.identity, name, VIRTIO_IDENTITY_BYTES);
	status = server_badge(endpoint, next_badge, &session);
	if (status)
		return status;
	client->badge = next_badge++;
	request_reply_word(request, client->badge);
	request_reply_cap(request, session, true);
	return PURLIN_OK;
}

/* What is marked as in flight stays unanswered. */
static void forget(struct virtio_server_queue *queue)
{
	for (unsigned int i = 0; i < kind.queue_size; i++)
		queue->record->flight[i].order = 0;
	queue->again = queue->again_end;
}

static purlin_s64 session_request(struct client *client, struct request *request)
{
	purlin_s64 status = virtio_session_request(&client->session, request);

	if (!status && request->operation == VIRTIO_START && client->forgets)
		forget(&client->session.server.queue[0]);
	return status;
}

static purlin_s64 handle(void *context, struct request *request)
{
	struct client *client = client_of_badge(request->badge);

	(void)context;
	if (request->badge == SERVER_PARENT_BADGE && request->operation == SERVER_OPEN)
		return open(request);
	if (request->badge == SERVER_PARENT_BADGE)
		return PURLIN_BAD_CALL;
	return client ? session_request(client, request) : PURLIN_DEAD;
}

/* Sector by sector: it can end between any two. */
static uint8_t write(struct virtio_server *server, const struct virtio_chain *chain,
		     uint64_t sector)
{
	uint32_t bytes = chain->readable - 16;

	if (bytes % SECTOR || sector > capacity || bytes / SECTOR > capacity - sector)
		return STATUS_IO_ERROR;
	for (uint32_t at = 0; at < bytes; at += SECTOR) {
		virtio_chain_read(server, chain, 16 + at, contents + sector * SECTOR + at, SECTOR);
		VIRTIO_STEP();
	}
	return STATUS_OK;
}

static uint8_t read(struct virtio_server *server, const struct virtio_chain *chain, uint64_t sector)
{
	uint32_t bytes = chain->writable - 1;

	if (bytes % SECTOR || sector > capacity || bytes / SECTOR > capacity - sector)
		return STATUS_IO_ERROR;
	virtio_chain_write(server, chain, 0, contents + sector * SECTOR, bytes);
	return STATUS_OK;
}

static uint32_t request_do(struct virtio_server *server, const struct virtio_chain *chain)
{
	struct {
		uint32_t type, reserved;
		uint64_t sector;
	} header;
	uint8_t status = STATUS_UNSUPPORTED;

	if (!chain->writable || !virtio_chain_read(server, chain, 0, &header, sizeof(header)))
		return 0;
	if (header.type == REQUEST_READ)
		status = read(server, chain, header.sector);
	else if (header.type == REQUEST_WRITE)
		status = write(server, chain, header.sector);
	else if (header.type == REQUEST_FLUSH)
		status = STATUS_OK; /* whatever was written is with the keeper */
	virtio_chain_write(server, chain, chain->writable - 1, &status, sizeof(status));
	return chain->writable;
}

static void serve(struct client *client)
{
	static struct virtio_chain chain;
	struct virtio_server *server = &client->session.server;

	while (virtio_server_next(server, 0, &chain)) {
		uint32_t written = request_do(server, &chain);

		if (client->foul >= 0)
			foul_before(server, &chain, client->foul, &written);
		virtio_server_answer(server, 0, chain.head, written);
		if (client->foul >= 0)
			foul_after(server, client->foul);
	}
	virtio_session_notify(&client->session);
}

static void signalled(void *context, purlin_u64 bits)
{
	(void)context;
	for (unsigned int i = 0; i < CLIENTS; i++)
		if (bits & clients[i].session.bit && clients[i].session.mapped)
			serve(&clients[i]);
}

static purlin_s64 contents_map(void)
{
	purlin_u64 keeper, memory;
	void *mapped = NULL;
	purlin_s64 status = session_open("Keeper", "", &keeper);

	if (!status)
		status = rpc_receive(keeper, KEEPER_MEMORY, 0, &memory);
	if (!status)
		status = memory_map(memory, 0, KEEPER_PAGES, PURLIN_MAP_READ | PURLIN_MAP_WRITE,
				    &mapped);
	contents = mapped;
	return status;
}

int component_main(purlin_u64 argument)
{
	struct server server = { .handle = handle, .signalled = signalled };

	(void)argument;
	own_signal = slot_reserve();
	if (purlin_signal_create(PURLIN_SLOT_ACCOUNT, own_signal) ||
	    purlin_thread_bind_signal(PURLIN_SLOT_THREAD, own_signal) || contents_map() ||
	    server_announce("Block", &endpoint))
		return 1;
	server.endpoint = endpoint;
	server_loop(&server);
	return 1;
}
