/* SPDX-License-Identifier: MIT */
/*
 * Asks a Console for what makes no sense, in front of nobody: labels of others, buffers of the
 * wrong direction, far more than is kept, and an index that cannot be, which ends this session
 * only.
 */
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/device_link.h"
#include "runtime/session.h"
#include "runtime/slots.h"

#define SIZE 16
#define LARGE_PAGES 1024
#define LARGE (LARGE_PAGES * PURLIN_PAGE_SIZE)

static struct device_link link = {
	.service = "Console",
	.label = "odd",
	.features = VIRTIO_FEATURE_VERSION_1,
	.queues = 2,
	.queue_size = SIZE,
	.pages = VIRTIO_POOL(SIZE, 2) / PURLIN_PAGE_SIZE + LARGE_PAGES,
	.bit = 1,
};
static struct virtio_client_queue receive, transmit;
static struct virtio_client_entry receive_entries[SIZE], transmit_entries[SIZE];

static uint32_t ask(struct virtio_client_queue *queue, const struct virtio_buffer *buffer,
		    unsigned int count)
{
	uint32_t written = ~0u;
	purlin_u64 bits;

	if (!virtio_client_add(queue, buffer, count, queue))
		component_panic("the queue is full");
	device_link_notify(&link);
	while (!virtio_client_answer(queue, &written))
		if (queue->broken || purlin_signal_wait(link.signal, &bits))
			component_panic("no answer");
	return written;
}

static void directions(void)
{
	purlin_u64 at = device_link_pool(&link);
	struct virtio_buffer to_write = { at, 64, true };
	struct virtio_buffer both[2] = { { at, 64, false }, { at + 64, 64, true } };

	memset((char *)link.mapped + at, 'o', 128);
	check_equal("only to write", ask(&transmit, &to_write, 1), 0);
	check_equal("both", ask(&transmit, both, 2), 0);
	check_equal("left alone", ((unsigned char *)link.mapped)[at + 64], 'o');
}

/* Nobody looks at this console: it is taken at once, and the oldest of it are lost. */
static void large(void)
{
	struct virtio_buffer buffer = { device_link_pool(&link), LARGE, false };

	for (unsigned int i = 0; i < 4; i++)
		check_equal("large", ask(&transmit, &buffer, 1), 0);
}

/* Buffers to receive in that hold nothing: taken when there is input, which never comes here. */
static void nothing_to_receive(void)
{
	struct virtio_buffer buffer = { device_link_pool(&link), 64, false };
	uint32_t written;

	while (virtio_client_add(&receive, &buffer, 1, &receive))
		;
	device_link_notify(&link);
	check_true("no input", !virtio_client_answer(&receive, &written));
}

static void index_of_too_many(void)
{
	const volatile struct virtio_control *control = link.mapped;

	__atomic_store_n(&transmit.available->index,
			 (uint16_t)(transmit.available_index + SIZE + 1), __ATOMIC_RELEASE);
	device_link_notify(&link);
	while (control->state != VIRTIO_STATE_BROKEN)
		purlin_thread_yield();
	check_equal("reason", control->reason, VIRTIO_BROKEN_INDEX);
	check_equal("queue", control->reason_queue, 1);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 session;

	(void)argument;
	check_status("of another", session_open("Console", "lines", &session), PURLIN_NO_DEVICE);
	check_status("of nobody", session_open("Console", "none", &session), PURLIN_NO_DEVICE);
	link.signal = slot_reserve();
	check_status("signal", purlin_signal_create(PURLIN_SLOT_ACCOUNT, link.signal), PURLIN_OK);
	check_status("memory", device_link_prepare(&link), PURLIN_OK);
	check_status("start", device_link_start(&link), PURLIN_OK);
	virtio_client_open(&receive, link.mapped, 0, SIZE, receive_entries);
	virtio_client_open(&transmit, link.mapped, 1, SIZE, transmit_entries);
	directions();
	large();
	nothing_to_receive();
	index_of_too_many();
	return check_sum();
}
