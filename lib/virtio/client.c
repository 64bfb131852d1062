/* SPDX-License-Identifier: MIT */
/* The client's end of a queue. */
#include <string.h>

#include "lib/virtio/step.h"
#include "runtime/virtio_client.h"

void virtio_client_open(struct virtio_client_queue *queue, void *memory, unsigned int index,
			uint16_t size, struct virtio_client_entry *entry)
{
	uint8_t *base = (uint8_t *)memory + VIRTIO_QUEUE(size, index);

	memset(queue, 0, sizeof(*queue));
	queue->descriptors = (void *)base;
	queue->available = (void *)(base + VIRTIO_AVAILABLE(size));
	queue->used = (const void *)(base + VIRTIO_USED(size));
	queue->entry = entry;
	queue->size = queue->free_count = size;
	for (uint16_t i = 0; i < size; i++)
		entry[i] = (struct virtio_client_entry){ .next = (uint16_t)(i + 1) };
}

bool virtio_client_add(struct virtio_client_queue *queue, const struct virtio_buffer *buffer,
		       unsigned int buffers, void *token)
{
	uint16_t head = queue->free, at = head;
	struct virtio_client_entry *entry = &queue->entry[head];

	/* It is refused, not queued: the caller knows what can wait. */
	if (!buffers || buffers > queue->free_count)
		return false;
	/* Noted here, not in the descriptors, which the server could change. */
	entry->count = (uint16_t)buffers;
	entry->writable = 0;
	entry->token = token;
	for (unsigned int i = 0; i < buffers; i++) {
		bool last = i + 1 == buffers;
		uint16_t next = queue->entry[at].next;

		queue->descriptors[at] = (struct virtio_descriptor){
			buffer[i].offset,
			buffer[i].length,
			(purlin_u16)((buffer[i].write ? VIRTIO_DESCRIPTOR_WRITE : 0) |
				     (last ? 0 : VIRTIO_DESCRIPTOR_NEXT)),
			last ? 0 : next,
		};
		if (buffer[i].write)
			entry->writable += buffer[i].length;
		at = next;
	}
	queue->free = at;
	queue->free_count -= (uint16_t)buffers;
	/* The index last: as soon as it counts the number, the server reads the chain. */
	STORE(queue->available->ring[queue->available_index % queue->size], head);
	STORE(queue->available->index, (uint16_t)(queue->available_index + 1));
	queue->available_index++;
	return true;
}

bool virtio_client_signal(const struct virtio_client_queue *queue)
{
	/* The server sets its wish before it looks at the index: so one of the two is seen. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return !(LOAD(queue->used->flags) & VIRTIO_QUIET);
}

/* By the client's own list: the links in the descriptors may have been changed. */
static void chain_free(struct virtio_client_queue *queue, uint16_t head)
{
	uint16_t last = head;

	for (unsigned int i = 1; i < queue->entry[head].count; i++)
		last = queue->entry[last].next;
	queue->entry[last].next = queue->free;
	queue->free = head;
	queue->free_count += queue->entry[head].count;
	queue->entry[head].count = 0;
}

void *virtio_client_answer(struct virtio_client_queue *queue, uint32_t *written)
{
	const struct virtio_used_element *element;
	uint32_t head, length;
	void *token;

	if (queue->broken || LOAD(queue->used->index) == queue->used_index)
		return NULL;
	element = &queue->used->ring[queue->used_index % queue->size];
	head = LOAD(element->id);
	length = LOAD(element->length);
	/*
	 * From our own notes, not from the descriptors. A server that answers what was not asked
	 * is not believed any more.
	 */
	if (head >= queue->size || !queue->entry[head].count ||
	    length > queue->entry[head].writable) {
		queue->broken = true;
		return NULL;
	}
	queue->used_index++;
	token = queue->entry[head].token;
	*written = length;
	chain_free(queue, (uint16_t)head);
	return token;
}
