/* SPDX-License-Identifier: MIT */
/* The server's end of queues: taking requests, answering them, and going on after a death. */
#include <string.h>

#include "purlin/types.h"
#include "runtime/virtio_server.h"
#include "lib/virtio/step.h"

static struct virtio_control *control_of(const struct virtio_server *server)
{
	return (struct virtio_control *)server->memory;
}

static void session_break(struct virtio_server *server, unsigned int queue, uint32_t reason)
{
	struct virtio_control *control = control_of(server);

	server->broken = true;
	STORE(control->reason_queue, queue);
	STORE(control->reason, reason);
	STORE(control->state, VIRTIO_STATE_BROKEN);
}

static void queue_place(struct virtio_server *server, unsigned int index)
{
	struct virtio_server_queue *queue = &server->queue[index];
	uint16_t size = server->queue_size;
	uint8_t *base = server->memory + VIRTIO_QUEUE(size, index);

	memset(queue, 0, sizeof(*queue));
	queue->descriptors = (const void *)base;
	queue->available = (const void *)(base + VIRTIO_AVAILABLE(size));
	queue->used = (void *)(base + VIRTIO_USED(size));
	queue->record = (void *)(base + VIRTIO_RECORD(size));
}

/*
 * Counted rather than kept: a number beside the marks could be wrong after a death between the two.
 */
static unsigned int in_flight(const struct virtio_server_queue *queue, uint16_t size)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < size; i++)
		count += LOAD(queue->record->flight[i].order) != 0;
	return count;
}

/*
 * Find out where the earlier life stopped. If it published an answer and did not come to the end of
 * that, do the rest. What is marked then was taken and not answered; whatever was taken is either
 * marked or answered, which says how far the available ring was read.
 */
static bool queue_resume(struct virtio_server *server, struct virtio_server_queue *queue)
{
	struct virtio_record *record = queue->record;
	uint16_t used = LOAD(queue->used->index), answered = LOAD(record->answered);
	uint16_t answering = LOAD(record->answering);

	if (used != answered) {
		if (used != (uint16_t)(answered + 1) || answering >= server->queue_size)
			return false;
		STORE(record->flight[answering].order, 0);
		STORE(record->answered, used);
	}
	queue->used_index = used;
	queue->next_available = (uint16_t)(used + in_flight(queue, server->queue_size));
	queue->taken = queue->again_end = LOAD(record->taken);
	return true;
}

static bool size_valid(const struct virtio_kind *kind, uint64_t size)
{
	return size >= 2 && size <= kind->queue_size && size <= VIRTIO_QUEUE_SIZE_MAX &&
	       !(size & (size - 1));
}

/* Memory of an earlier life has to have the shape that life gave it. */
static bool shape_matches(const struct virtio_control *control, const struct virtio_kind *kind,
			  uint64_t features, uint64_t size)
{
	return LOAD(control->state) == VIRTIO_STATE_NEW ||
	       (LOAD(control->type) == kind->type && LOAD(control->features) == features &&
		LOAD(control->queue_size) == size);
}

int64_t virtio_server_start(struct virtio_server *server, const struct virtio_kind *kind,
			    void *memory, uint64_t pages, uint64_t features, uint64_t queue_size)
{
	struct virtio_control *control = memory;
	bool sane = true;

	if ((features & ~kind->features) || !(features & VIRTIO_FEATURE_VERSION_1) ||
	    !size_valid(kind, queue_size) || pages > ~0ull / 0x1000 ||
	    pages * 0x1000 <= VIRTIO_POOL(queue_size, kind->queues) ||
	    !shape_matches(control, kind, features, queue_size))
		return PURLIN_BAD_ARGUMENT;
	server->memory = memory;
	server->bytes = pages * 0x1000;
	server->pool = VIRTIO_POOL(queue_size, kind->queues);
	server->features = features;
	server->queue_size = (uint16_t)queue_size;
	server->queues = kind->queues;
	/* A session that its client has broken stays broken: a new server mends nothing. */
	server->broken = LOAD(control->state) == VIRTIO_STATE_BROKEN;
	for (unsigned int i = 0; i < kind->queues; i++) {
		queue_place(server, i);
		sane = queue_resume(server, &server->queue[i]) && sane;
	}
	STORE(control->type, kind->type);
	STORE(control->features, features);
	STORE(control->queue_size, (uint32_t)queue_size);
	STORE(control->lives, control->lives + 1);
	if (server->broken)
		return PURLIN_OK;
	STORE(control->state, VIRTIO_STATE_RUNNING);
	if (!sane)
		session_break(server, 0, VIRTIO_BROKEN_INDEX);
	return PURLIN_OK;
}

/* The oldest request of earlier lives that has not been looked at again; queue_size: none. */
static unsigned int again_find(struct virtio_server *server, struct virtio_server_queue *queue)
{
	uint64_t best = queue->again_end + 1;
	unsigned int found = server->queue_size;

	if (queue->again == queue->again_end)
		return found;
	for (unsigned int i = 0; i < server->queue_size; i++) {
		uint64_t order = LOAD(queue->record->flight[i].order);

		if (order > queue->again && order < best) {
			best = order;
			found = i;
		}
	}
	queue->again = found < server->queue_size ? best : queue->again_end;
	return found;
}

/*
 * Take the next number from the available ring. It is marked before anything is done for it, since
 * from the mark on it is the record that remembers it, not the ring.
 */
static uint32_t number_take(struct virtio_server *server, struct virtio_server_queue *queue,
			    unsigned int *head)
{
	uint16_t ready = (uint16_t)(LOAD(queue->available->index) - queue->next_available);

	*head = server->queue_size;
	if (!ready)
		return 0;
	if (ready > server->queue_size)
		return VIRTIO_BROKEN_INDEX;
	*head = LOAD(queue->available->ring[queue->next_available % server->queue_size]);
	if (*head >= server->queue_size || LOAD(queue->record->flight[*head].order))
		return VIRTIO_BROKEN_HEAD;
	/*
	 * Counted before it is marked: no order is given twice, if the server ends in between.
	 * The number is then found in the ring again.
	 */
	queue->next_available++;
	queue->taken++;
	STORE(queue->record->taken, queue->taken);
	STORE(queue->record->flight[*head].order, queue->taken);
	return 0;
}

bool virtio_server_next(struct virtio_server *server, unsigned int index,
			struct virtio_chain *chain)
{
	struct virtio_server_queue *queue = &server->queue[index];
	uint32_t broken = 0;
	unsigned int head;

	if (server->broken)
		return false;
	head = again_find(server, queue);
	chain->again = head < server->queue_size;
	if (!chain->again)
		broken = number_take(server, queue, &head);
	if (!broken && head < server->queue_size)
		broken = virtio_chain_parse(server, queue->descriptors, (uint16_t)head, chain);
	if (broken)
		session_break(server, index, broken);
	return !broken && head < server->queue_size;
}

bool virtio_server_answer(struct virtio_server *server, unsigned int index, uint16_t head,
			  uint32_t written)
{
	struct virtio_server_queue *queue = &server->queue[index];
	struct virtio_record *record = queue->record;
	struct virtio_used_element *element =
		&queue->used->ring[queue->used_index % server->queue_size];

	/* An answer to nothing would let the client free a request that is still being done. */
	if (server->broken || head >= server->queue_size || !LOAD(record->flight[head].order))
		return false;
	STORE(record->answering, head);
	STORE(element->id, (uint32_t)head);
	STORE(element->length, written);
	/* From here on it is answered, whatever happens to the server. */
	STORE(queue->used->index, (uint16_t)(queue->used_index + 1));
	queue->used_index++;
	STORE(record->flight[head].order, 0);
	STORE(record->answered, queue->used_index);
	/* The client sets its wish before it looks at the index: so one of the two is seen. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return !(LOAD(queue->available->flags) & VIRTIO_QUIET);
}

/*
 * Callers look at the queue once more after they have asked for signals: what came before was not
 * told.
 */
void virtio_server_signals(struct virtio_server *server, unsigned int queue, bool wanted)
{
	STORE(server->queue[queue].used->flags, (uint16_t)(wanted ? 0 : VIRTIO_QUIET));
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void virtio_server_config(struct virtio_server *server, const void *config, size_t bytes)
{
	struct virtio_control *control = control_of(server);
	uint32_t generation = LOAD(control->config_generation);

	/*
	 * Odd while it changes: a client that reads meanwhile sees two numbers that differ, and
	 * reads again.
	 */
	STORE(control->config_generation, generation | 1);
	memcpy(control->config, config, bytes < VIRTIO_CONFIG_BYTES ? bytes : VIRTIO_CONFIG_BYTES);
	STORE(control->config_generation, (generation | 1) + 1);
}
