/* SPDX-License-Identifier: MIT */
/* A client of a disk that fills the rings with garbage, and destroys its memory while it is served. */
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"
#include "session.h"

#define ROUNDS 14 /* each takes one of the server's sessions */
#define READS 10

static struct virtio_client_entry entries[DISK_QUEUE];

/* Requests for a lot of data: they are under way when the memory goes. */
static void reads_send(const struct disk_session *disk, struct virtio_client_queue *queue)
{
	struct virtio_buffer buffer[3] = {
		{ DISK_POOL, 16, false },
		{ DISK_POOL + 512, 0x20000, true },
		{ DISK_POOL + 16, 1, true },
	};

	memset((char *)disk->mapped + DISK_POOL, 0, 16);
	for (unsigned int i = 0; i < READS; i++)
		virtio_client_add(queue, buffer, 3, entries);
}

static void garbage_send(const struct disk_session *disk, unsigned int round)
{
	unsigned char *bytes = disk->mapped;

	for (unsigned int i = 0x1000; i < DISK_POOL; i++)
		bytes[i] = (unsigned char)(i * (round + 7));
}

static void round_do(unsigned int round)
{
	struct disk_session disk = { 0 };
	struct virtio_client_queue queue;

	check_status("memory", disk_prepare(&disk), PURLIN_OK);
	if (round == 1)
		garbage_send(&disk, round);
	check_status("start", disk_start(&disk), PURLIN_OK);
	virtio_client_open(&queue, disk.mapped, 0, DISK_QUEUE, entries);
	if (round % 3 == 2)
		garbage_send(&disk, round);
	else
		reads_send(&disk, &queue);
	purlin_signal_notify(disk.server_signal, ~0ull);
	purlin_thread_yield();
	/* Of two capabilities for the object this one may destroy it. */
	check_status("destroy", purlin_object_destroy(disk.memory), PURLIN_OK);
	purlin_signal_notify(disk.server_signal, ~0ull);
}

int component_main(purlin_u64 argument)
{
	struct disk_session disk = { 0 };
	purlin_u64 send[2];

	(void)argument;
	check_status("memory", disk_prepare(&disk), PURLIN_OK);
	check_status("start", disk_start(&disk), PURLIN_OK);
	check_status("twice", disk_start(&(struct disk_session){ .memory = disk.memory, .answers = disk.answers }),
		     PURLIN_OK);
	send[0] = disk.signal;
	send[1] = disk.signal;
	message()->word[0] = DISK_FEATURES;
	message()->word[1] = DISK_QUEUE;
	message()->word[2] = DISK_PAGES;
	check_status("started", rpc_exchange(disk.endpoint, VIRTIO_START, 3, 2, send, 0, NULL),
		     PURLIN_BUSY);
	for (unsigned int round = 0; round < ROUNDS - 2; round++)
		round_do(round);
	return check_sum();
}
