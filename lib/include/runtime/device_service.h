/* SPDX-License-Identifier: MIT */
/*
 * A server of device sessions of one kind: opening and closing, and turns among its clients, so
 * that none of them keeps the others waiting. The device itself is what the server adds.
 */
#ifndef RUNTIME_DEVICE_SERVICE_H
#define RUNTIME_DEVICE_SERVICE_H

#include "runtime/virtio_session.h"
#include "session/parent.h"

#define DEVICE_CLIENTS 32
#define DEVICE_SESSIONS 16 /* of one component: however many it asks for, others find room */

/* The first member of what the server keeps for a client. */
struct device_client {
	struct virtio_session session;
	purlin_u64 badge, endpoint; /* badge 0: nobody */
	char component[PARENT_LABEL_BYTES];
};

struct device_service {
	const char *name; /* as in `provides` */
	/* An array of DEVICE_CLIENTS; each of `client_bytes`, a struct device_client first. */
	void *clients;
	size_t client_bytes;
	/*
	 * Who asks and for what; init vouches for the component's name. Fills in kind, identity and
	 * configuration of the session, the rest of which is zero. Not PURLIN_OK: refused.
	 */
	purlin_s64 (*open)(struct device_client *client, const char *component, const char *label);
	/* Its memory is gone already. May be NULL. */
	void (*close)(struct device_client *client);
	/* Do one request of queue 0; how many bytes were written into its buffers. */
	uint32_t (*request)(struct device_client *client, struct virtio_chain *chain);
	/*
	 * In place of `request`, for devices of several queues: do what there is, but not for ever,
	 * and notify. Whether there is more.
	 */
	bool (*serve)(struct device_client *client);
	/* What else the signal said: bits above those of the clients. May be NULL. */
	void (*signalled)(purlin_u64 bits);
	/* For the library, but for reading: slots. */
	purlin_u64 endpoint, signal, next_badge;
};

#define DEVICE_FIRST_BIT (1ull << DEVICE_CLIENTS) /* of those that are the server's own */

/* Make the signal, which `open` may need; before anything else. */
purlin_s64 device_service_prepare(struct device_service *service);
/* Announce it and serve; returns on an error only. */
purlin_s64 device_service_run(struct device_service *service);

/* Client number `index`, whether there is one or not. */
struct device_client *device_client(const struct device_service *service, unsigned int index);

/* Its session is over; what it asks from now on finds nobody. */
void device_client_end(const struct device_service *service, struct device_client *client);

/* Whether the client has given memory, and that memory is still its own. */
bool device_client_lives(const struct device_client *client);

#endif
