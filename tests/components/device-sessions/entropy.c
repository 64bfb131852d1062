/* SPDX-License-Identifier: MIT */
/* Asks for random numbers: they are as many as told, and look like such. */
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/device_link.h"
#include "runtime/slots.h"

#define SIZE 8
#define NUMBERS 4096 /* words in all */
#define MOST_BYTES 4096
#define AREA 0x8000 /* bytes of an answer, and what nobody may write */

static struct device_link link = {
	.service = "Entropy",
	.label = "numbers",
	.features = VIRTIO_FEATURE_VERSION_1,
	.queues = 1,
	.queue_size = SIZE,
	.pages = 16,
	.bit = 1,
};
static struct virtio_client_queue queue;
static struct virtio_client_entry entries[SIZE];
static purlin_u64 numbers[NUMBERS];

/* Ask for so many bytes; how many came. */
static uint32_t ask(uint32_t bytes)
{
	struct virtio_buffer buffer = { device_link_pool(&link), bytes, true };
	uint32_t written = 0;
	purlin_u64 bits;

	if (!virtio_client_add(&queue, &buffer, 1, &queue))
		component_panic("the queue is full");
	if (virtio_client_signal(&queue))
		device_link_notify(&link);
	while (!virtio_client_answer(&queue, &written)) {
		if (queue.broken || purlin_signal_wait(link.signal, &bits))
			component_panic("no answer");
	}
	return written;
}

static unsigned char *area(void)
{
	return (unsigned char *)link.mapped + device_link_pool(&link);
}

/* Of any length: what is told is written, and nothing else. */
static void lengths(void)
{
	static const uint32_t asked[] = { 1, 7, 8, 9, 255, 256, 257, 4095, 4096, 4097, AREA };

	for (unsigned int i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		uint32_t wanted = asked[i] < MOST_BYTES ? asked[i] : MOST_BYTES, got, same = 0;

		memset(area(), 0x5a, AREA);
		got = ask(asked[i]);
		check_equal("length", got, wanted);
		for (uint32_t at = got; at < AREA; at++)
			same += area()[at] == 0x5a;
		check_equal("left alone", same, AREA - got);
	}
}

static void collect(void)
{
	for (unsigned int at = 0; at < NUMBERS; at += 512) {
		if (ask(4096) != 4096)
			component_panic("short of numbers");
		memcpy(&numbers[at], area(), 4096);
	}
}

/* No two are the same, and ones are as many as zeros within six standard deviations (256 each). */
static void statistics(void)
{
	unsigned int twice = 0, ones = 0;

	for (unsigned int i = 0; i < NUMBERS; i++) {
		for (unsigned int bit = 0; bit < 64; bit++)
			ones += numbers[i] >> bit & 1;
		for (unsigned int j = 0; j < i; j++)
			twice += numbers[i] == numbers[j];
	}
	check_equal("twice", twice, 0);
	check_equal("ones", ones > NUMBERS * 32 - 1536 && ones < NUMBERS * 32 + 1536, 1);
}

int component_main(purlin_u64 argument)
{
	(void)argument;
	link.signal = slot_reserve();
	check_status("signal", purlin_signal_create(PURLIN_SLOT_ACCOUNT, link.signal), PURLIN_OK);
	check_status("memory", device_link_prepare(&link), PURLIN_OK);
	check_status("start", device_link_start(&link), PURLIN_OK);
	check_equal("type", link.type, VIRTIO_TYPE_ENTROPY);
	virtio_client_open(&queue, link.mapped, 0, SIZE, entries);
	lengths();
	collect();
	statistics();
	printf("random numbers from %s\n", link.identity);
	return check_sum();
}
