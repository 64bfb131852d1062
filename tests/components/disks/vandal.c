/* SPDX-License-Identifier: MIT */
/* A client of a disk that fills the rings with garbage, and destroys its memory while it is served.
 */
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/device_service.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session.h"

#define ROUNDS 10 /* each takes one of the server's sessions for good, as the checks before do */
#define READS 10

static struct virtio_client_entry entries[DISK_QUEUE];

/* Requests for a lot of data: they are under way when the memory goes. */
static void reads_send(const struct device_link *disk, struct virtio_client_queue *queue)
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

static void garbage_send(const struct device_link *disk, unsigned int round)
{
	unsigned char *bytes = disk->mapped;

	for (unsigned int i = 0x1000; i < DISK_POOL; i++)
		bytes[i] = (unsigned char)(i * (round + 7));
}

static void round_do(unsigned int round)
{
	struct device_link disk;
	struct virtio_client_queue queue;

	check_status("memory", disk_prepare(&disk), PURLIN_OK);
	if (round == 1)
		garbage_send(&disk, round);
	check_status("start", device_link_start(&disk), PURLIN_OK);
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

/* What VIRTIO_START refuses, and what it gets: words and capabilities. */
static purlin_s64 start_with(purlin_u64 endpoint, purlin_u64 features, purlin_u64 size,
			     purlin_u64 pages, purlin_u64 memory, purlin_u64 signal)
{
	purlin_u64 send[2] = { memory, signal }, received;

	message()->word[0] = features;
	message()->word[1] = size;
	message()->word[2] = pages;
	return rpc_exchange(endpoint, VIRTIO_START, 3,
			    signal ? 2 :
			    memory ? 1 :
				     0,
			    send, 1, &received);
}

static purlin_u64 reduced(purlin_u64 slot, purlin_u64 rights)
{
	purlin_u64 copy = 0;

	check_status("copy", slot_copy(slot, rights, 0, &copy), PURLIN_OK);
	return copy;
}

static void starts_refused(const struct device_link *disk)
{
	purlin_u64 endpoint, memory = disk->memory, signal = disk->answers;

	check_status("open", session_open("Block", DISK_LABEL, &endpoint), PURLIN_OK);
#define START(name, status, ...) check_status(name, start_with(endpoint, __VA_ARGS__), status)
	START("start: no memory", PURLIN_BAD_CAPABILITY, DISK_FEATURES, 32, DISK_PAGES, 0, 0);
	START("start: no signal", PURLIN_BAD_CAPABILITY, DISK_FEATURES, 32, DISK_PAGES, memory, 0);
	START("start: a signal for memory", PURLIN_BAD_CAPABILITY, DISK_FEATURES, 32, DISK_PAGES,
	      signal, signal);
	START("start: memory for a signal", PURLIN_BAD_CAPABILITY, DISK_FEATURES, 32, DISK_PAGES,
	      memory, memory);
	START("start: memory to read only", PURLIN_NO_RIGHT, DISK_FEATURES, 32, DISK_PAGES,
	      reduced(memory, PURLIN_RIGHT_READ), signal);
	START("start: signal without WRITE", PURLIN_NO_RIGHT, DISK_FEATURES, 32, DISK_PAGES, memory,
	      reduced(disk->signal, PURLIN_RIGHT_READ));
	START("start: features", PURLIN_BAD_ARGUMENT, DISK_FEATURES | 1, 32, DISK_PAGES, memory,
	      signal);
	START("start: queue size", PURLIN_BAD_ARGUMENT, DISK_FEATURES, 31, DISK_PAGES, memory,
	      signal);
	START("start: more pages than there are", PURLIN_BAD_ARGUMENT, DISK_FEATURES, 32,
	      DISK_PAGES + 1, memory, signal);
	START("start: no room for the layout", PURLIN_BAD_ARGUMENT, DISK_FEATURES, 256, 4, memory,
	      signal);
	check_status("no such disk", session_open("Block", "disk-vandal", &endpoint),
		     PURLIN_NO_DEVICE);
}

/* So far it has opened most of what one component gets. */
static void sessions_take(void)
{
	purlin_u64 endpoint;
	unsigned int opened = 0;
	purlin_s64 status = PURLIN_OK;

	while (!status && opened < DEVICE_CLIENTS) {
		status = session_open("Block", DISK_LABEL, &endpoint);
		opened += !status;
	}
	check_status("sessions without end", status, PURLIN_NO_MEMORY);
	check_true("others find room", opened + ROUNDS <= DEVICE_SESSIONS);
}

int component_main(purlin_u64 argument)
{
	struct device_link disk, again;

	(void)argument;
	check_status("memory", disk_prepare(&disk), PURLIN_OK);
	starts_refused(&disk);
	check_status("start", device_link_start(&disk), PURLIN_OK);
	check_status("started",
		     start_with(disk.endpoint, DISK_FEATURES, 32, DISK_PAGES, disk.memory,
				disk.answers),
		     PURLIN_BUSY);
	/* The memory has been started with: other features or sizes are refused from now on. */
	again = disk;
	again.endpoint = again.server_signal = 0;
	check_status("started once more", device_link_start(&again), PURLIN_OK);
	check_equal("lives", ((struct virtio_control *)disk.mapped)->lives, 2);
	slot_delete(again.endpoint);
	check_status("open", session_open("Block", DISK_LABEL, &again.endpoint), PURLIN_OK);
	check_status("other features",
		     start_with(again.endpoint, VIRTIO_FEATURE_VERSION_1, 32, DISK_PAGES,
				disk.memory, disk.answers),
		     PURLIN_BAD_ARGUMENT);
	for (unsigned int round = 0; round < ROUNDS; round++)
		round_do(round);
	sessions_take();
	return check_sum();
}
