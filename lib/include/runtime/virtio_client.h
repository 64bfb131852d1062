/* SPDX-License-Identifier: MIT */
/*
 * The client's end of a queue of a device session (session/virtio.h). The server may write anything
 * into what both share; what the client believes is kept in its own memory. Nothing here calls the
 * kernel or waits.
 */
#ifndef RUNTIME_VIRTIO_CLIENT_H
#define RUNTIME_VIRTIO_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "session/virtio.h"

struct virtio_buffer {
	uint64_t offset; /* in the memory */
	uint32_t length;
	bool write; /* the server writes it; those to read come first */
};

/* What the client knows of a descriptor. */
struct virtio_client_entry {
	uint16_t next;	   /* of the chain, or of the free ones */
	uint16_t count;	   /* of the whole chain; 0 but at the head of one in flight */
	uint32_t writable; /* bytes an answer may say */
	void *token;
};

struct virtio_client_queue {
	struct virtio_descriptor *descriptors;
	struct virtio_available *available;
	const struct virtio_used *used;
	struct virtio_client_entry *entry;
	uint16_t size, free, free_count;
	uint16_t available_index, used_index;
	bool broken; /* the server answered what it was not asked */
};

/*
 * Queue number `index` of zeroed memory at `memory`, with room for `size` entries at `entry`.
 * Once: it goes on as it is when the server has come back.
 */
void virtio_client_open(struct virtio_client_queue *queue, void *memory, unsigned int index,
			uint16_t size, struct virtio_client_entry *entry);

/* Hand over a request. False: no room for so many buffers now. */
bool virtio_client_add(struct virtio_client_queue *queue, const struct virtio_buffer *buffer,
		       unsigned int buffers, void *token);

/* Whether the server wants to be notified of what was added. */
bool virtio_client_signal(const struct virtio_client_queue *queue);

/* The token of an answered request and how many bytes were written; NULL: none. */
void *virtio_client_answer(struct virtio_client_queue *queue, uint32_t *written);

#endif
