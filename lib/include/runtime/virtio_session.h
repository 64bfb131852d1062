/* SPDX-License-Identifier: MIT */
/* A device session at its server: the messages of session/virtio.h, and the client's memory. */
#ifndef RUNTIME_VIRTIO_SESSION_H
#define RUNTIME_VIRTIO_SESSION_H

#include "runtime/server.h"
#include "runtime/virtio_server.h"

/* What one client gets: set by the server before the first request. */
struct virtio_session {
	const struct virtio_kind *kind;
	char identity[VIRTIO_IDENTITY_BYTES + 1];
	const void *config;
	size_t config_bytes;
	/* The client notifies this signal, as this bit. */
	purlin_u64 signal, bit;
	/* For the library: */
	purlin_u64 client_memory, client_signal; /* slots */
	void *mapped;				 /* NULL: not started */
	struct virtio_server server;
};

/* Most pages of one client's memory; their page tables are paid by the server. */
#define VIRTIO_SESSION_PAGES 0x4000ull

/* The capabilities of VIRTIO_START: memory that is large enough, and a signal. */
purlin_s64 virtio_session_check(const struct request *request);
/* Whether capability 0 is memory, with READ and WRITE, as of VIRTIO_LEND. */
purlin_s64 virtio_session_check_memory(const struct request *request);
/* VIRTIO_INFO and VIRTIO_START; BAD_CALL: neither. */
purlin_s64 virtio_session_request(struct virtio_session *session, struct request *request);
/* Tell the client that there are answers. */
void virtio_session_notify(const struct virtio_session *session);
/* The client is gone, or has closed the session: give back what it had lent. */
void virtio_session_end(struct virtio_session *session);

#endif
