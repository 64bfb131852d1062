/* SPDX-License-Identifier: MIT */
/*
 * Writes a disk with many requests in flight, and reads it back, while its server ends again and
 * again: what was acknowledged is there, each request is answered once.
 */
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "disk.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/rpc.h"
#include "session/parent.h"

#define REQUESTS 3000
#define AREAS 8
#define MOST_SECTORS 8
#define SECTORS 1024 /* of the disk, as the description says */
#define ENDED 2	     /* bit: a server has ended */
#ifndef LIVES
#define LIVES 1 /* of the server, in which it writes at least */
#endif
#ifndef PATIENCE
#define PATIENCE 0 /* lives of a server in which a request may stay unanswered; 0: any number */
#endif
#ifndef FORGETS
#define FORGETS 0 /* the record of what is in flight is lost: requests must get lost, too */
#endif

/* What must be on the disk: the number of the request that wrote a sector, 0: zeroes. */
static unsigned int wrote[SECTORS];

static struct area {
	bool busy;
	uint32_t type;
	unsigned int sector, sectors, number;
	unsigned int life; /* in which it was sent */
} areas[AREAS];

static struct disk_client disk = {
	.link = { .label = "work", .features = DISK_FEATURES },
};
static unsigned int sent, received, wrong, lost, lives;

static void sector_fill(unsigned char *to, unsigned int sector, unsigned int number)
{
	unsigned int words[128] = { 0 };

	for (unsigned int i = 0; i < 128 && number; i++)
		words[i] = number * 2654435761u + sector * 40503u + i;
	memcpy(to, words, sizeof(words));
}

/* No two requests in flight are about one sector: they are done in any order. */
static bool in_flight(unsigned int sector, unsigned int sectors)
{
	for (unsigned int i = 0; i < AREAS; i++)
		if (areas[i].busy && sector < areas[i].sector + areas[i].sectors &&
		    areas[i].sector < sector + sectors)
			return true;
	return false;
}

static void choose(struct area *area)
{
	static purlin_u64 random = 1;

	do {
		random = random * 6364136223846793005ull + 1442695040888963407ull;
		area->sectors = 1 + (unsigned int)(random >> 60) % MOST_SECTORS;
		area->sector = (unsigned int)(random >> 33) % (SECTORS - area->sectors + 1);
	} while (in_flight(area->sector, area->sectors));
	switch (random >> 24 & 7) {
	case 0:
		area->type = BLOCK_FLUSH;
		break;
	case 1:
		area->type = BLOCK_WRITE_ZEROES;
		break;
	case 2:
	case 3:
		area->type = BLOCK_READ;
		break;
	default:
		area->type = BLOCK_WRITE;
	}
}

/* By the servers' own count: a broker keeps the session while its Linux is started anew. */
static unsigned int servers_started(void)
{
	return ((const volatile struct virtio_control *)disk.link.mapped)->lives;
}

static void send(struct area *area)
{
	unsigned int index = (unsigned int)(area - areas);
	unsigned char *data = disk_data(&disk, index);
	struct block_range range;
	uint32_t bytes = 0;

	choose(area);
	area->number = ++sent;
	range = (struct block_range){ area->sector, area->sectors, 0 };
	if (area->type == BLOCK_WRITE || area->type == BLOCK_READ)
		bytes = area->sectors * BLOCK_SECTOR;
	for (unsigned int i = 0; i < area->sectors && bytes; i++)
		sector_fill(data + i * BLOCK_SECTOR, area->sector + i,
			    area->type == BLOCK_WRITE ? area->number : ~0u);
	if (area->type == BLOCK_WRITE_ZEROES) {
		memcpy(data, &range, sizeof(range));
		bytes = sizeof(range);
	}
	area->busy = true;
	area->life = servers_started();
	disk_send(&disk, index, area->type, area->sector, bytes, area);
}

static bool read_right(const struct area *area)
{
	const unsigned char *data = disk_data(&disk, (unsigned int)(area - areas));
	unsigned char wanted[BLOCK_SECTOR];

	for (unsigned int i = 0; i < area->sectors; i++) {
		sector_fill(wanted, area->sector + i, wrote[area->sector + i]);
		if (memcmp(wanted, data + i * BLOCK_SECTOR, BLOCK_SECTOR))
			return false;
	}
	return true;
}

static void receive(struct area *area)
{
	if (!area->busy || disk_status(&disk, (unsigned int)(area - areas)) != BLOCK_OK ||
	    (area->type == BLOCK_READ && !read_right(area)))
		wrong++;
	for (unsigned int i = 0; i < area->sectors; i++) {
		if (area->type == BLOCK_WRITE)
			wrote[area->sector + i] = area->number;
		else if (area->type == BLOCK_WRITE_ZEROES)
			wrote[area->sector + i] = 0;
	}
	area->busy = false;
	received++;
}

static void record_forget(void)
{
	struct virtio_record *record =
		(void *)((char *)disk.link.mapped + VIRTIO_QUEUE(DISK_QUEUE, 0) +
			 VIRTIO_RECORD(DISK_QUEUE));

	for (unsigned int i = 0; i < DISK_QUEUE; i++)
		record->flight[i].order = 0;
}

static void count_lost(void)
{
	for (unsigned int i = 0; i < AREAS; i++)
		lost += PATIENCE && areas[i].busy && servers_started() > areas[i].life + PATIENCE;
}

/* So many requests, and in so many lives of the server: a fast machine makes more of them. */
static bool more(void)
{
	return sent < REQUESTS || servers_started() < LIVES;
}

static void work(void)
{
	struct area *area;
	uint32_t written;

	while ((area = virtio_client_answer(&disk.queue, &written)))
		receive(area);
	for (unsigned int i = 0; i < AREAS && more(); i++)
		if (!areas[i].busy)
			send(&areas[i]);
	if (FORGETS)
		record_forget();
	count_lost();
	if (virtio_client_signal(&disk.queue))
		device_link_notify(&disk.link);
}

static void start_again(void)
{
	purlin_s64 status = device_link_start(&disk.link);

	if (status)
		component_panic("the server does not go on: %ld", status);
}

/* What the description gives a server is that server's. */
static void nothing_of_its_own(void)
{
	message()->word[0] = 0;
	check_status("it serves nothing", rpc(PURLIN_SLOT_PARENT, PARENT_SERVES, 1),
		     PURLIN_NO_DEVICE);
	check_status("it keeps nothing", rpc(PURLIN_SLOT_PARENT, PARENT_KEPT, 0), PURLIN_NO_DEVICE);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 bits;

	(void)argument;
	nothing_of_its_own();
	check_status("start", disk_begin(&disk), PURLIN_OK);
	check_status("watch", device_links_watch(disk.link.signal, ENDED), PURLIN_OK);
	check_equal("capacity", disk.capacity, SECTORS);
	work();
	while ((received < sent || more()) && !wrong && !lost && !disk.queue.broken) {
		if (purlin_signal_wait(disk.link.signal, &bits))
			break;
		if (bits & ENDED)
			start_again();
		work();
	}
	lives = servers_started();
	check_equal("answers", received, sent);
	check_equal("wrong", wrong, 0);
	check_equal("lost", lost, 0);
	check_equal("broken", disk.queue.broken, 0);
	check_true("servers ended", lives > 1);
	printf("%u requests, %u servers outlived\n", received, lives);
	return check_sum();
}
