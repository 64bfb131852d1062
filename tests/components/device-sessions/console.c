/* SPDX-License-Identifier: MIT */
/*
 * Writes numbered lines to a Console, each as a request, and goes on when its server has ended. The
 * test counts them at the terminal. With REPEATS, what was in flight is asked once more then, so
 * some come twice.
 */
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/device_link.h"
#include "runtime/slots.h"

#define SIZE 16
#define SENDING 6
#define LINES 2000
#define LINE 32
#define ENDED 2
#ifndef REPEATS
#define REPEATS 0
#endif

static struct device_link link = {
	.service = "Console",
	.label = "lines",
	.features = VIRTIO_FEATURE_VERSION_1,
	.queues = 2,
	.queue_size = SIZE,
	.pages = VIRTIO_POOL(SIZE, 2) / PURLIN_PAGE_SIZE + 1,
	.bit = 1,
};
static struct virtio_client_queue queue;
static struct virtio_client_entry entries[SIZE];
static unsigned int sent, answered, lives;
static unsigned int number[2 * SENDING]; /* of the line in an area; 0: free */

static char *area(unsigned int index)
{
	return (char *)link.mapped + device_link_pool(&link) + index * LINE;
}

static void line_send(unsigned int line)
{
	struct virtio_buffer buffer = { 0, 0, false };
	unsigned int index = 0;

	while (number[index])
		index++;
	number[index] = line;
	buffer.offset = device_link_pool(&link) + index * LINE;
	buffer.length = (uint32_t)snprintf(area(index), LINE, "line %06u\r\n", line);
	if (!virtio_client_add(&queue, &buffer, 1, &number[index]))
		component_panic("the queue is full");
}

static void collect(void)
{
	unsigned int *line;
	uint32_t written;

	while ((line = virtio_client_answer(&queue, &written))) {
		*line = 0;
		answered++;
	}
}

static void again(void)
{
	unsigned int flying[2 * SENDING], count = 0;

	lives++;
	for (unsigned int i = 0; i < 2 * SENDING; i++)
		if (number[i])
			flying[count++] = number[i];
	if (device_link_start(&link))
		component_panic("the server does not go on");
	/* Fewer if some are repeated already: a server can end twice before it answers. */
	for (unsigned int i = 0; REPEATS && i < count && count + i < 2 * SENDING; i++)
		line_send(flying[i]);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 bits;

	(void)argument;
	link.signal = slot_reserve();
	check_status("signal", purlin_signal_create(PURLIN_SLOT_ACCOUNT, link.signal), PURLIN_OK);
	check_status("memory", device_link_prepare(&link), PURLIN_OK);
	check_status("watch", device_links_watch(link.signal, ENDED), PURLIN_OK);
	check_status("start", device_link_start(&link), PURLIN_OK);
	check_equal("type", link.type, VIRTIO_TYPE_CONSOLE);
	check_equal("identity", !strcmp(link.identity, "lines"), 1);
	virtio_client_open(&queue, link.mapped, 1, SIZE, entries);
	while (answered < LINES && !queue.broken) {
		unsigned int flying = 0;

		for (unsigned int i = 0; i < 2 * SENDING; i++)
			flying += number[i] != 0;
		for (; flying < SENDING; flying++)
			line_send(++sent);
		device_link_notify(&link);
		if (purlin_signal_wait(link.signal, &bits))
			component_panic("no signal");
		if (bits & ENDED)
			again();
		collect();
	}
	check_equal("broken", queue.broken, 0);
	printf("%u lives, %u lines\n", lives + 1, answered);
	return check_sum();
}
