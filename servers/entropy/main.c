/* SPDX-License-Identifier: MIT */
/* The processor's random numbers as Entropy sessions (VIRTIO 1.2, 5.4). */
#include <stdio.h>
#include <string.h>

#include "runtime/arch/random.h"
#include "runtime/component.h"
#include "runtime/device_service.h"

/* An answer may be shorter than what was asked for: the processor makes numbers slowly. */
#define MOST_BYTES 4096
#define WORDS 32 /* at a time */

static struct device_client clients[DEVICE_CLIENTS];
static struct random_source source;

static const struct virtio_kind kind = {
	.type = VIRTIO_TYPE_ENTROPY,
	.features = VIRTIO_FEATURE_VERSION_1 | VIRTIO_FEATURE_INDIRECT,
	.queues = 1,
	.queue_size = 64,
};

static purlin_s64 open(struct device_client *client, const char *component, const char *label)
{
	(void)component;
	(void)label;
	client->session.kind = &kind;
	strncpy(client->session.identity, source.rdseed ? "rdseed" : "rdrand",
		VIRTIO_IDENTITY_BYTES);
	client->session.config = "";
	return PURLIN_OK;
}

/*
 * A broken generator may give the same number for ever; most of those that did gave 0 or ~0. A
 * working one gives such a number, and has it refused here, less often than anybody will ever see.
 */
static bool number_next(purlin_u64 *number)
{
	static purlin_u64 last;

	if (!random_word(source, number) || *number == last || !*number || !~*number)
		return false;
	last = *number;
	return true;
}

/* How many of the words could be had. */
static unsigned int numbers_get(purlin_u64 *numbers, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (!number_next(&numbers[i]))
			return i;
	return count;
}

static uint32_t request(struct device_client *client, struct virtio_chain *chain)
{
	uint32_t most = chain->writable < MOST_BYTES ? chain->writable : MOST_BYTES, done = 0;
	purlin_u64 numbers[WORDS];

	while (done < most) {
		uint32_t some = most - done < sizeof(numbers) ? most - done : sizeof(numbers);
		unsigned int words = (some + 7) / 8, got = numbers_get(numbers, words);

		if (got < words)
			some = got * 8;
		virtio_chain_write(&client->session.server, chain, done, numbers, some);
		done += some;
		if (got < words)
			break;
	}
	/*
	 * What one client got is nobody else's business. Volatile, since a compiler leaves out
	 * stores that nothing reads.
	 */
	for (unsigned int i = 0; i < WORDS; i++)
		((volatile purlin_u64 *)numbers)[i] = 0;
	return done;
}

int component_main(purlin_u64 argument)
{
	struct device_service service = {
		.name = "Entropy",
		.clients = clients,
		.client_bytes = sizeof(*clients),
		.open = open,
		.request = request,
	};

	(void)argument;
	source = random_source();
	if (!source.rdseed && !source.rdrand)
		component_panic("this processor has no generator of random numbers");
	if (!device_service_prepare(&service))
		device_service_run(&service);
	return 1;
}
