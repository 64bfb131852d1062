/* SPDX-License-Identifier: MIT */
/*
 * The server's end of a device session (session/virtio.h): requests out of queues that the client
 * may fill with anything. Nothing here calls the kernel or waits. One thread serves a session.
 */
#ifndef RUNTIME_VIRTIO_SERVER_H
#define RUNTIME_VIRTIO_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/virtio.h"

/* Buffers of one request. A device's configuration has to promise no more (Block: seg_max). */
#define VIRTIO_SEGMENTS 130

/* What a kind of device is: the same for all its sessions. */
struct virtio_kind {
	uint32_t type;	   /* VIRTIO_TYPE_* */
	uint64_t features; /* offered, those of the transport included */
	unsigned int queues;
	unsigned int queue_size; /* the largest that is allowed */
};

struct virtio_segment {
	uint64_t offset; /* in the memory, inside of the pool: checked */
	uint32_t length;
	bool write; /* the server writes it */
};

/* One request: its buffers to read, then those to write. */
struct virtio_chain {
	uint16_t head;
	bool again; /* an earlier life of the server may have done it already, wholly or in part */
	unsigned int segments;
	uint32_t readable, writable; /* bytes in all */
	struct virtio_segment segment[VIRTIO_SEGMENTS];
};

struct virtio_server_queue {
	const struct virtio_descriptor *descriptors;
	const struct virtio_available *available;
	struct virtio_used *used;
	struct virtio_record *record;
	uint16_t next_available, used_index;
	uint64_t taken;
	/* Requests of earlier lives, by their order: those up to `again_end` that are marked. */
	uint64_t again, again_end;
};

struct virtio_server {
	uint8_t *memory;
	uint64_t bytes, pool; /* of the memory; where its pool begins */
	uint64_t features;
	uint16_t queue_size;
	unsigned int queues;
	bool broken;
	struct virtio_server_queue queue[VIRTIO_QUEUES_MAX];
};

/*
 * Start with `pages` of memory at `memory`: new, or of an earlier life. Everything that the client
 * says is checked. PURLIN_BAD_ARGUMENT as VIRTIO_START says; the memory is not changed then. If
 * what an earlier life left cannot be, the session starts broken.
 */
int64_t virtio_server_start(struct virtio_server *server, const struct virtio_kind *kind,
			    void *memory, uint64_t pages, uint64_t features, uint64_t queue_size);

/*
 * The next request of a queue, if there is one. A request that makes no sense breaks the session:
 * false, now and later.
 */
bool virtio_server_next(struct virtio_server *server, unsigned int queue,
			struct virtio_chain *chain);

/*
 * Answer it; `written` bytes are in its buffers to write. Whether the client wants to be notified.
 * A head that is not in flight (a mistake of the server) is refused: false.
 */
bool virtio_server_answer(struct virtio_server *server, unsigned int queue, uint16_t head,
			  uint32_t written);

/* Tell the client whether it should notify; look at the queue once more after `wanted`. */
void virtio_server_signals(struct virtio_server *server, unsigned int queue, bool wanted);

/* Copy the configuration to where the client sees it. */
void virtio_server_config(struct virtio_server *server, const void *config, size_t bytes);

/* Copy out of the readable bytes of a request, or into its writable ones, from byte `at` of those.
 * Whether there are so many. */
bool virtio_chain_read(const struct virtio_server *server, const struct virtio_chain *chain,
		       uint32_t at, void *to, size_t bytes);
bool virtio_chain_write(const struct virtio_server *server, const struct virtio_chain *chain,
			uint32_t at, const void *from, size_t bytes);

/* For the library itself: reads a chain; 0, or VIRTIO_BROKEN_*. */
uint32_t virtio_chain_parse(const struct virtio_server *server,
			    const struct virtio_descriptor *descriptors, uint16_t head,
			    struct virtio_chain *chain);

#endif
