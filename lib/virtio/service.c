/* SPDX-License-Identifier: MIT */
/* A server of device sessions: its clients, and turns among them. */
#include "runtime/device_service.h"

#include <string.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"

/* What a client gets done before others, and messages, are heard. */
#define REQUESTS_IN_TURN 32
#define BYTES_IN_TURN (1u << 20)

/* Its place in the table is its bit of the signal, so one look tells whose queue has something. */
struct device_client *device_client(const struct device_service *service, unsigned int index)
{
	return (void *)((char *)service->clients + index * service->client_bytes);
}

static struct device_client *client_of_badge(const struct device_service *service, purlin_u64 badge)
{
	for (unsigned int i = 0; i < DEVICE_CLIENTS; i++)
		if (device_client(service, i)->badge == badge)
			return device_client(service, i);
	return NULL;
}

bool device_client_lives(const struct device_client *client)
{
	purlin_u64 pages, address;

	return client->session.mapped &&
	       !purlin_memory_info(client->session.client_memory, &pages, &address);
}

void device_client_end(const struct device_service *service, struct device_client *client)
{
	virtio_session_end(&client->session);
	if (service->close)
		service->close(client);
	slot_delete(client->endpoint);
	client->badge = 0;
}

static unsigned int client_number(const struct device_service *service,
				  const struct device_client *client)
{
	return (unsigned int)(((const char *)client - (const char *)service->clients) /
			      (ptrdiff_t)service->client_bytes);
}

static bool may_have_more(const struct device_service *service, const char *component)
{
	unsigned int sessions = 0;

	for (unsigned int i = 0; i < DEVICE_CLIENTS; i++) {
		const struct device_client *client = device_client(service, i);

		sessions += client->badge && !strcmp(client->component, component);
	}
	return sessions < DEVICE_SESSIONS;
}

/* The label is "component/label". */
static purlin_s64 client_begin(struct device_service *service, struct device_client *client,
			       const struct request *request)
{
	char label[PARENT_LABEL_BYTES + 1], *name;
	purlin_s64 status;

	words_get_text(label, request->word, PARENT_LABEL_BYTES);
	name = strchr(label, '/');
	if (!name)
		return PURLIN_BAD_ARGUMENT;
	*name++ = 0;
	if (!may_have_more(service, label))
		return PURLIN_NO_MEMORY;
	memset(client, 0, service->client_bytes);
	strcpy(client->component, label);
	client->session.signal = service->signal;
	client->session.bit = 1ull << client_number(service, client);
	status = service->open(client, label, name);
	if (status)
		return status;
	status = server_badge(service->endpoint, service->next_badge, &client->endpoint);
	if (status && service->close)
		service->close(client);
	return status;
}

static purlin_s64 open(struct device_service *service, struct request *request)
{
	struct device_client *client = client_of_badge(service, 0);
	purlin_s64 status;

	if (!client)
		return PURLIN_NO_MEMORY;
	status = client_begin(service, client, request);
	if (status)
		return status;
	/* Badges are never used again: a capability from an earlier session finds nobody. */
	client->badge = service->next_badge++;
	request_reply_word(request, client->badge);
	request_reply_cap(request, client->endpoint, false);
	return PURLIN_OK;
}

static purlin_s64 parent_request(struct device_service *service, struct request *request)
{
	struct device_client *client;

	if (request->operation == SERVER_OPEN)
		return open(service, request);
	if (request->operation != SERVER_CLOSE)
		return PURLIN_BAD_CALL;
	client = request->word[0] ? client_of_badge(service, request->word[0]) : NULL;
	if (!client)
		return PURLIN_BAD_ARGUMENT;
	device_client_end(service, client);
	return PURLIN_OK;
}

static purlin_s64 handle(void *context, struct request *request)
{
	struct device_service *service = context;
	struct device_client *client;

	if (request->badge == SERVER_PARENT_BADGE)
		return parent_request(service, request);
	client = client_of_badge(service, request->badge);
	return client ? virtio_session_request(&client->session, request) : PURLIN_DEAD;
}

struct turn {
	unsigned int requests, bytes; /* done */
	bool notify;
};

static bool turn_over(const struct turn *turn)
{
	return turn->requests >= REQUESTS_IN_TURN || turn->bytes >= BYTES_IN_TURN;
}

static void requests_do(struct device_service *service, struct device_client *client,
			struct turn *turn)
{
	static struct virtio_chain chain;
	struct virtio_server *server = &client->session.server;

	while (!turn_over(turn) && virtio_server_next(server, 0, &chain)) {
		uint32_t written = service->request(client, &chain);

		turn->notify |= virtio_server_answer(server, 0, chain.head, written);
		turn->requests++;
		turn->bytes += chain.readable + chain.writable;
	}
}

/* Whether the client may have more. */
static bool serve(struct device_service *service, struct device_client *client)
{
	struct virtio_server *server = &client->session.server;
	struct turn turn = { 0 };

	if (service->serve)
		return service->serve(client);
	/* While the server looks at the queue anyway, the client need not notify. */
	virtio_server_signals(server, 0, false);
	requests_do(service, client, &turn);
	/* What came before the client saw this, it did not signal. */
	virtio_server_signals(server, 0, true);
	requests_do(service, client, &turn);
	/* The client is told once, after the last of them. */
	if (turn.notify)
		virtio_session_notify(&client->session);
	return turn_over(&turn);
}

static void signalled(void *context, purlin_u64 bits)
{
	struct device_service *service = context;
	purlin_u64 again = 0;

	if (service->signalled && bits >= DEVICE_FIRST_BIT)
		service->signalled(bits & ~(DEVICE_FIRST_BIT - 1));
	for (unsigned int i = 0; i < DEVICE_CLIENTS; i++) {
		struct device_client *client = device_client(service, i);

		if (bits & client->session.bit && client->session.mapped && serve(service, client))
			again |= client->session.bit;
	}
	/* They get their turn by the signal, so that messages are heard in between. */
	if (again)
		purlin_signal_notify(service->signal, again);
}

purlin_s64 device_service_prepare(struct device_service *service)
{
	purlin_s64 status;

	service->next_badge = SERVER_PARENT_BADGE + 1;
	service->signal = slot_reserve();
	status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, service->signal);
	return status ? status : purlin_thread_bind_signal(PURLIN_SLOT_THREAD, service->signal);
}

purlin_s64 device_service_run(struct device_service *service)
{
	struct server server = { .handle = handle, .signalled = signalled, .context = service };
	purlin_s64 status = server_announce(service->name, &service->endpoint);

	if (status)
		return status;
	server.endpoint = service->endpoint;
	server_loop(&server);
	return PURLIN_DEAD;
}
