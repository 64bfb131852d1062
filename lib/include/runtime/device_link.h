/* SPDX-License-Identifier: MIT */
/*
 * A device session (session/virtio.h) from the client's end: opened, started, and started again
 * with the same memory when its server has come back. The queues in it are virtio_client.h's.
 */
#ifndef RUNTIME_DEVICE_LINK_H
#define RUNTIME_DEVICE_LINK_H

#include "runtime/virtio_client.h"

/* A server may end while it is asked: the next life is asked, then, up to so many. */
#define DEVICE_LINK_LIVES 64

struct device_link {
	/* Set before device_link_prepare(): */
	const char *service, *label;
	purlin_u64 features; /* wanted, those of the transport included */
	unsigned int queues, queue_size;
	purlin_u64 pages;
	purlin_u64 signal, bit; /* slot: notified as this bit of answers */
	/* With VIRTIO_FEATURE_LENT: slot and size of more memory, which is lent at VIRTIO_LENT. */
	purlin_u64 lent, lent_pages;
	/* For reading: */
	void *mapped;
	purlin_u64 memory; /* slot */
	char identity[VIRTIO_IDENTITY_BYTES + 1];
	purlin_u64 type, offered, config_bytes;
	purlin_u8 config[VIRTIO_CONFIG_BYTES];
	/* For the library: slots. */
	purlin_u64 endpoint, server_signal, answers;
};

/* Where the buffers lie. */
static inline purlin_u64 device_link_pool(const struct device_link *link)
{
	return VIRTIO_POOL(link->queue_size, link->queues);
}

/* Open it and see what is offered: identity, configuration. What was open before is forgotten. */
purlin_s64 device_link_open(struct device_link *link);
/* The memory: once. */
purlin_s64 device_link_prepare(struct device_link *link);
/*
 * Open and start. When the server has ended the same once more: with the same memory. DEAD: it will
 * not come back. NO_DEVICE: another thing is there now, as its identity says.
 */
purlin_s64 device_link_start(struct device_link *link);
/* There is something for the server. */
void device_link_notify(const struct device_link *link);

/* Be told of the servers of all sessions that end (PARENT_WATCH): as this bit of the signal. */
purlin_s64 device_links_watch(purlin_u64 signal, purlin_u64 bit);

#endif
