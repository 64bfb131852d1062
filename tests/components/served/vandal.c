/* SPDX-License-Identifier: MIT */
/*
 * A client of a Linux that breaks all rules of queues, one after the other: each session ends with
 * the reason that session/virtio.h has for it, or its memory goes while it is served. After each,
 * the next session of the same client is served as if nothing had happened.
 */
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "../device-sessions/disk.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/slots.h"

#define LABEL "prey"
#define INDIRECT VIRTIO_DESCRIPTOR_INDIRECT
#define NEXT VIRTIO_DESCRIPTOR_NEXT
#define WRITE VIRTIO_DESCRIPTOR_WRITE
#define FEATURES (VIRTIO_FEATURE_VERSION_1 | VIRTIO_FEATURE_INDIRECT)
#define DEATHS 6 /* each takes two sessions, of which init has 32 for a component */
#define FLIPS 2000

static struct disk_client disk;
static volatile struct virtio_descriptor *descriptor;
static volatile struct virtio_available *available;
static uint64_t pool, end;

static void session_begin(void)
{
	disk = (struct disk_client){ .link = { .label = LABEL, .features = FEATURES } };
	check_status("start", disk_begin(&disk), PURLIN_OK);
	descriptor = (void *)((char *)disk.link.mapped + VIRTIO_QUEUE(DISK_QUEUE, 0));
	available = (void *)((char *)descriptor + VIRTIO_AVAILABLE(DISK_QUEUE));
	pool = device_link_pool(&disk.link);
	end = DISK_PAGES * PURLIN_PAGE_SIZE;
}

static void session_end(void)
{
	memory_unmap(disk.link.mapped);
	purlin_object_destroy(disk.link.memory);
	slot_delete(disk.link.memory);
	slot_delete(disk.link.endpoint);
	slot_delete(disk.link.server_signal);
	slot_delete(disk.link.signal);
	slot_delete(disk.link.answers);
}

static void put(unsigned int number, uint64_t address, uint32_t length, unsigned int flags,
		unsigned int next)
{
	descriptor[number].address = address;
	descriptor[number].length = length;
	descriptor[number].flags = (uint16_t)flags;
	descriptor[number].next = (uint16_t)next;
}

/* One more made available, at `head`, or a jump of the index by `count`. */
static void make_available(unsigned int head, unsigned int count)
{
	available->ring[available->index % DISK_QUEUE] = (uint16_t)head;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	available->index = (uint16_t)(available->index + count);
	device_link_notify(&disk.link);
}

static void broken_await(const char *what, unsigned int reason)
{
	const volatile struct virtio_control *control = disk.link.mapped;
	purlin_u64 bits;

	while (control->state != VIRTIO_STATE_BROKEN)
		if (purlin_signal_wait(disk.link.signal, &bits))
			break;
	check_equal(what, control->reason, reason);
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
	{ "index", VIRTIO_BROKEN_INDEX, { { 0, 16, 0, 0 } }, 0, DISK_QUEUE + 1 },
	{ "index far", VIRTIO_BROKEN_INDEX, { { 0, 16, 0, 0 } }, 0, 0x8000 },
	{ "head", VIRTIO_BROKEN_HEAD, { { 0, 16, 0, 0 } }, DISK_QUEUE, 1 },
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

static void commit(const struct crime *crime)
{
	session_begin();
	for (unsigned int i = 0; i < 2; i++) {
		int64_t address = crime->descriptor[i].address;

		put(i, address < 0 ? end + (uint64_t)address : pool + (uint64_t)address,
		    crime->descriptor[i].length, crime->descriptor[i].flags,
		    crime->descriptor[i].next);
	}
	make_available(crime->head, crime->count);
	broken_await(crime->name, crime->reason);
	session_end();
}

static void table_in_table(void)
{
	struct virtio_descriptor inner = { 0, 16, INDIRECT, 0 };

	session_begin();
	inner.address = pool + 64;
	memcpy((char *)disk.link.mapped + pool, &inner, sizeof(inner));
	put(0, pool, 16, INDIRECT, 0);
	make_available(0, 1);
	broken_await("table in table", VIRTIO_BROKEN_INDIRECT);
	session_end();
}

/* Requests that make no sense to a disk are errors, and nothing is broken. */
static void requests_refused(void)
{
	session_begin();
	check_equal("read beyond", disk_do(&disk, BLOCK_READ, disk.capacity, BLOCK_SECTOR),
		    BLOCK_IO_ERROR);
	check_equal("read far beyond", disk_do(&disk, BLOCK_READ, ~0ull, BLOCK_SECTOR),
		    BLOCK_IO_ERROR);
	check_equal("half a sector", disk_do(&disk, BLOCK_READ, 0, 100), BLOCK_IO_ERROR);
	check_equal("no data", disk_do(&disk, BLOCK_WRITE, 0, 0), BLOCK_IO_ERROR);
	check_equal("unknown", disk_do(&disk, 77, 0, BLOCK_SECTOR), BLOCK_UNSUPPORTED);
	check_equal("range that was not offered in one piece",
		    disk_do(&disk, BLOCK_WRITE_ZEROES, 0, 3), BLOCK_IO_ERROR);
	session_end();
}

/* What a chain says changes all the time. It is done, or it breaks the session: one of the two. */
static void change(void)
{
	const volatile struct virtio_control *control;

	session_begin();
	control = disk.link.mapped;
	memset((char *)disk.link.mapped + pool, 0, 16);
	put(1, pool + 512, BLOCK_SECTOR, WRITE | NEXT, 2);
	put(2, pool + 16, 1, WRITE, 0);
	for (unsigned int i = 0; i < FLIPS && control->state != VIRTIO_STATE_BROKEN; i++) {
		put(0, pool, 16, NEXT, 1);
		make_available(0, 1);
		put(0, i & 1 ? end : pool, i & 2 ? ~0u : 16, i & 4 ? INDIRECT : NEXT, i % 7);
	}
	session_end();
}

/* The memory goes while the disk still reads for it, and while it writes from it. */
static void die(uint32_t type)
{
	session_begin();
	for (unsigned int area = 0; area < 8; area++)
		disk_send(&disk, area, type, area, 8 * BLOCK_SECTOR, &disk);
	device_link_notify(&disk.link);
	purlin_thread_yield();
	session_end();
}

/* All queue memory is garbage when the session starts. */
static void garbage(void)
{
	session_begin();
	for (uint64_t i = PURLIN_PAGE_SIZE; i < pool; i++)
		((unsigned char *)disk.link.mapped)[i] = (unsigned char)(i * 37);
	device_link_notify(&disk.link);
	broken_await("garbage", VIRTIO_BROKEN_INDEX);
	session_end();
}

int component_main(purlin_u64 argument)
{
	(void)argument;
	for (unsigned int i = 0; i < sizeof(crimes) / sizeof(crimes[0]); i++)
		commit(&crimes[i]);
	table_in_table();
	requests_refused();
	garbage();
	for (unsigned int i = 0; i < DEATHS; i++) {
		die(i & 1 ? BLOCK_WRITE : BLOCK_READ);
		change();
	}
	session_begin();
	check_equal("it is still served", disk_do(&disk, BLOCK_READ, 0, BLOCK_SECTOR), BLOCK_OK);
	session_end();
	return check_sum();
}
