/* SPDX-License-Identifier: MIT */
/* A server that plays foul against its client: once for each request. */
#include "foul.h"

#include <string.h>

static struct virtio_used_element *last_answer(struct virtio_server *server)
{
	struct virtio_server_queue *queue = &server->queue[0];

	return &queue->used->ring[(uint16_t)(queue->used_index - 1) % server->queue_size];
}

static void garbage(uint8_t *bytes, uint64_t count)
{
	static uint32_t state = 1;

	for (uint64_t i = 0; i < count; i++) {
		state = state * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(state >> 24);
	}
}

static void config_foul(struct virtio_server *server)
{
	struct virtio_control *control = (struct virtio_control *)server->memory;

	control->config_generation++;
	garbage(control->config, sizeof(control->config));
}

/* All but the control page and what answers lie in. */
static void rings_foul(struct virtio_server *server)
{
	struct virtio_server_queue *queue = &server->queue[0];

	garbage((uint8_t *)queue->descriptors,
		(uint64_t)((uint8_t *)queue->used - (uint8_t *)queue->descriptors));
	garbage(server->memory + server->pool, server->bytes - server->pool);
}

void foul_before(struct virtio_server *server, const struct virtio_chain *chain, int how,
		 uint32_t *written)
{
	uint8_t status = 0xee;

	if (how == FOUL_LENGTH)
		*written = chain->writable + 1;
	if (how == FOUL_SHORT)
		*written = 0;
	if (how == FOUL_CONFIG)
		config_foul(server);
	if (how == FOUL_RINGS)
		rings_foul(server);
	if (how == FOUL_NO_STATUS)
		virtio_chain_write(server, chain, chain->writable - 1, &status, 1);
}

void foul_after(struct virtio_server *server, int how)
{
	struct virtio_server_queue *queue = &server->queue[0];
	struct virtio_control *control = (struct virtio_control *)server->memory;

	if (how == FOUL_INDEX)
		queue->used->index += 1000;
	if (how == FOUL_NUMBER)
		last_answer(server)->id = 0xffffffff;
	if (how == FOUL_TWICE) {
		queue->used->ring[queue->used_index % server->queue_size] = *last_answer(server);
		queue->used->index++;
	}
	if (how == FOUL_BROKEN)
		control->state = control->state == VIRTIO_STATE_BROKEN ? VIRTIO_STATE_RUNNING :
									 VIRTIO_STATE_BROKEN;
}
