/* SPDX-License-Identifier: MIT */
/*
 * Chains of descriptors (VIRTIO 1.2, 2.7.5), which a client may have made up, or change
 * meanwhile.
 */
#include <string.h>

#include "runtime/virtio_server.h"

struct walk {
	const struct virtio_descriptor *table;
	unsigned int entries, steps;
	bool indirect;
};

/* A table or a buffer lies in the pool as a whole. */
static bool in_pool(const struct virtio_server *server, uint64_t offset, uint64_t length)
{
	return length && offset >= server->pool && offset < server->bytes &&
	       length <= server->bytes - offset;
}

/* The client may write while it is read: everything is decided by this copy. */
static struct virtio_descriptor descriptor_copy(const struct virtio_descriptor *at)
{
	const volatile struct virtio_descriptor *from = at;

	return (struct virtio_descriptor){ from->address, from->length, from->flags, from->next };
}

static uint32_t table_enter(const struct virtio_server *server, struct walk *walk,
			    const struct virtio_descriptor *descriptor)
{
	unsigned int entries = descriptor->length / sizeof(*descriptor);

	if (walk->indirect || !(server->features & VIRTIO_FEATURE_INDIRECT) ||
	    (descriptor->flags & VIRTIO_DESCRIPTOR_NEXT) ||
	    descriptor->length % sizeof(*descriptor) || entries > VIRTIO_QUEUE_SIZE_MAX ||
	    descriptor->address % sizeof(*descriptor))
		return VIRTIO_BROKEN_INDIRECT;
	if (!in_pool(server, descriptor->address, descriptor->length))
		return VIRTIO_BROKEN_ADDRESS;
	walk->table = (const void *)(server->memory + descriptor->address);
	walk->entries = entries;
	walk->steps = 0;
	walk->indirect = true;
	return 0;
}

static uint32_t segment_add(const struct virtio_server *server, struct virtio_chain *chain,
			    const struct virtio_descriptor *descriptor)
{
	bool write = descriptor->flags & VIRTIO_DESCRIPTOR_WRITE;

	if (!in_pool(server, descriptor->address, descriptor->length))
		return VIRTIO_BROKEN_ADDRESS;
	if (chain->writable && !write)
		return VIRTIO_BROKEN_ORDER;
	if (chain->segments == VIRTIO_SEGMENTS)
		return VIRTIO_BROKEN_LOOP;
	/* A bound on the work of a request; and no sum of lengths can wrap below it. */
	if (descriptor->length > VIRTIO_CHAIN_BYTES - chain->readable - chain->writable)
		return VIRTIO_BROKEN_LENGTH;
	chain->segment[chain->segments++] = (struct virtio_segment){
		descriptor->address,
		descriptor->length,
		write,
	};
	*(write ? &chain->writable : &chain->readable) += descriptor->length;
	return 0;
}

uint32_t virtio_chain_parse(const struct virtio_server *server,
			    const struct virtio_descriptor *descriptors, uint16_t head,
			    struct virtio_chain *chain)
{
	struct walk walk = { .table = descriptors, .entries = server->queue_size };
	unsigned int index = head;

	chain->head = head;
	chain->segments = 0;
	chain->readable = chain->writable = 0;
	for (;;) {
		struct virtio_descriptor descriptor;
		uint32_t broken;

		if (index >= walk.entries)
			return VIRTIO_BROKEN_HEAD;
		/* More steps than entries: it comes back to where it was. */
		if (walk.steps++ == walk.entries)
			return VIRTIO_BROKEN_LOOP;
		descriptor = descriptor_copy(&walk.table[index]);
		index = descriptor.next;
		if (descriptor.flags & VIRTIO_DESCRIPTOR_INDIRECT) {
			broken = table_enter(server, &walk, &descriptor);
			index = 0;
			/* The descriptor that names the table is the last of its own. */
			descriptor.flags = VIRTIO_DESCRIPTOR_NEXT;
		} else {
			broken = segment_add(server, chain, &descriptor);
		}
		if (broken || !(descriptor.flags & VIRTIO_DESCRIPTOR_NEXT))
			return broken;
	}
}

/* Go through the bytes from `at` on, of one direction; with `to` or with `from`. */
static bool transfer(const struct virtio_server *server, const struct virtio_chain *chain,
		     uint32_t at, uint8_t *to, const uint8_t *from, size_t bytes)
{
	for (unsigned int i = 0; i < chain->segments && bytes; i++) {
		const struct virtio_segment *segment = &chain->segment[i];
		uint8_t *there = server->memory + segment->offset;
		size_t some;

		if (segment->write != !to)
			continue;
		if (at >= segment->length) {
			at -= segment->length;
			continue;
		}
		/*
		 * No length is checked again: each segment lay in the pool when the chain was
		 * copied, and the copy is the server's.
		 */
		some = segment->length - at < bytes ? segment->length - at : bytes;
		if (to) {
			memcpy(to, there + at, some);
			to += some;
		} else {
			memcpy(there + at, from, some);
			from += some;
		}
		bytes -= some;
		at = 0;
	}
	return !bytes;
}

bool virtio_chain_read(const struct virtio_server *server, const struct virtio_chain *chain,
		       uint32_t at, void *to, size_t bytes)
{
	return transfer(server, chain, at, to, NULL, bytes);
}

bool virtio_chain_write(const struct virtio_server *server, const struct virtio_chain *chain,
			uint32_t at, const void *from, size_t bytes)
{
	return transfer(server, chain, at, NULL, from, bytes);
}
