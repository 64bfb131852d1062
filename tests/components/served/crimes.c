/* SPDX-License-Identifier: MIT */
/* Breaks all rules of a queue, one after the other. */
#include "crimes.h"

#include <string.h>

#include "../check.h"
#include "purlin/calls.h"

#define INDIRECT VIRTIO_DESCRIPTOR_INDIRECT
#define NEXT VIRTIO_DESCRIPTOR_NEXT
#define WRITE VIRTIO_DESCRIPTOR_WRITE

static volatile struct virtio_descriptor *descriptors_of(const struct prey *prey)
{
	return (void *)((char *)prey->link->mapped + VIRTIO_QUEUE(CRIMES_QUEUE, prey->queue));
}

void crime_put(const struct prey *prey, unsigned int number, uint64_t address, uint32_t length,
	       unsigned int flags, unsigned int next)
{
	volatile struct virtio_descriptor *descriptor = &descriptors_of(prey)[number];

	descriptor->address = address;
	descriptor->length = length;
	descriptor->flags = (uint16_t)flags;
	descriptor->next = (uint16_t)next;
}

void crime_available(const struct prey *prey, unsigned int head, unsigned int count)
{
	volatile struct virtio_available *available =
		(void *)((char *)descriptors_of(prey) + VIRTIO_AVAILABLE(CRIMES_QUEUE));

	available->ring[available->index % CRIMES_QUEUE] = (uint16_t)head;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	available->index = (uint16_t)(available->index + count);
	device_link_notify(prey->link);
}

void crime_broken_await(const struct prey *prey, const char *what, unsigned int reason)
{
	const volatile struct virtio_control *control = prey->link->mapped;
	purlin_u64 bits;

	while (control->state != VIRTIO_STATE_BROKEN)
		if (prey->provoke)
			prey->provoke();
		else if (purlin_signal_wait(prey->link->signal, &bits))
			break;
	check_equal(what, control->reason, reason);
	check_equal(what, control->reason_queue, prey->queue);
}

/* Chains that cannot be: where they begin, and what is wrong. */
static const struct crime {
	const char *name;
	unsigned int reason;
	struct {
		int64_t address; /* from the pool on; negative: from the end of the memory */
		uint32_t length;
		unsigned int flags, next;
	} descriptor[2];
	unsigned int head, count;
} crimes[] = {
	{ "index", VIRTIO_BROKEN_INDEX, { { 0, 16, 0, 0 } }, 0, CRIMES_QUEUE + 1 },
	{ "index far", VIRTIO_BROKEN_INDEX, { { 0, 16, 0, 0 } }, 0, 0x8000 },
	{ "head", VIRTIO_BROKEN_HEAD, { { 0, 16, 0, 0 } }, CRIMES_QUEUE, 1 },
	{ "next", VIRTIO_BROKEN_HEAD, { { 0, 16, NEXT, 0xffff } }, 0, 1 },
	{ "loop", VIRTIO_BROKEN_LOOP, { { 0, 16, NEXT, 1 }, { 0, 16, NEXT, 0 } }, 0, 1 },
	{ "outside", VIRTIO_BROKEN_ADDRESS, { { -8, 16, 0, 0 } }, 0, 1 },
	{ "beyond", VIRTIO_BROKEN_ADDRESS, { { -0x7fffffffff000000, 16, 0, 0 } }, 0, 1 },
	{ "nothing", VIRTIO_BROKEN_ADDRESS, { { 0, 0, 0, 0 } }, 0, 1 },
	{ "long", VIRTIO_BROKEN_ADDRESS, { { 0, ~0u, 0, 0 } }, 0, 1 },
	{ "order", VIRTIO_BROKEN_ORDER, { { 0, 16, WRITE | NEXT, 1 }, { 0, 16, 0, 0 } }, 0, 1 },
	{ "odd table", VIRTIO_BROKEN_INDIRECT, { { 0, 17, INDIRECT, 0 } }, 0, 1 },
	{ "table and more", VIRTIO_BROKEN_INDIRECT, { { 0, 16, INDIRECT | NEXT, 1 } }, 0, 1 },
	{ "table outside", VIRTIO_BROKEN_ADDRESS, { { -16, 32, INDIRECT, 0 } }, 0, 1 },
};

static void commit(const struct prey *prey, const struct crime *crime)
{
	prey->begin();
	for (unsigned int i = 0; i < 2; i++) {
		int64_t address = crime->descriptor[i].address;
		uint64_t base = address < 0 ? prey->link->pages * PURLIN_PAGE_SIZE :
					      device_link_pool(prey->link);

		crime_put(prey, i, base + (uint64_t)address, crime->descriptor[i].length,
			  crime->descriptor[i].flags, crime->descriptor[i].next);
	}
	crime_available(prey, crime->head, crime->count);
	crime_broken_await(prey, crime->name, crime->reason);
	prey->end();
}

static void table_in_table(const struct prey *prey)
{
	struct virtio_descriptor inner = { 0, 16, INDIRECT, 0 };
	uint64_t pool;

	prey->begin();
	pool = device_link_pool(prey->link);
	inner.address = pool + 64;
	memcpy((char *)prey->link->mapped + pool, &inner, sizeof(inner));
	crime_put(prey, 0, pool, 16, INDIRECT, 0);
	crime_available(prey, 0, 1);
	crime_broken_await(prey, "table in table", VIRTIO_BROKEN_INDIRECT);
	prey->end();
}

void crimes_commit(const struct prey *prey)
{
	for (unsigned int i = 0; i < sizeof(crimes) / sizeof(crimes[0]); i++)
		commit(prey, &crimes[i]);
	table_in_table(prey);
}
