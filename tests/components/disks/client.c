/* SPDX-License-Identifier: MIT */
/*
 * Reads a disk with many requests in flight and compares all it gets with the boot module behind
 * it, while its server ends again and again.
 */
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session.h"
#include "session/parent.h"
#include "session/rom.h"

#define READS 4000
#define SLOTS 8
#define MOST_SECTORS 15
#define SLOT_BYTES 0x2000 /* header, status, data */
#define DATA 512
#define SERVER_ENDED 2 /* bit, beside DISK_ANSWERS */

static struct slot {
	purlin_u64 sector;
	unsigned int sectors;
	bool busy;
} slots[SLOTS];

static struct device_link disk;
static struct virtio_client_queue queue;
static struct virtio_client_entry entries[DISK_QUEUE];
static const unsigned char *contents;
static unsigned int sent, received, wrong;
static purlin_u64 sectors;

static purlin_u64 slot_offset(const struct slot *slot)
{
	return DISK_POOL + (purlin_u64)(slot - slots) * SLOT_BYTES;
}

/* Any sectors: told by the number of the request. */
static void sectors_choose(struct slot *slot)
{
	purlin_u64 random = (sent + 1) * 0x9e3779b97f4a7c15ull;

	slot->sectors = 1 + (unsigned int)(random >> 60) % MOST_SECTORS;
	slot->sector = (random >> 20) % (sectors - slot->sectors + 1);
}

static void send(struct slot *slot)
{
	purlin_u64 at = slot_offset(slot);
	unsigned char *base = (unsigned char *)disk.mapped + at;
	struct virtio_buffer buffer[3] = {
		{ at, 16, false },
		{ at + DATA, 0, true },
		{ at + 16, 1, true },
	};

	sectors_choose(slot);
	buffer[1].length = slot->sectors * 512;
	memset(base, 0, SLOT_BYTES);
	memcpy(base + 8, &slot->sector, sizeof(slot->sector));
	base[16] = 0xff;
	if (!virtio_client_add(&queue, buffer, 3, slot))
		component_panic("the queue is full");
	slot->busy = true;
	sent++;
}

static void check(struct slot *slot, unsigned int written)
{
	const unsigned char *base = (unsigned char *)disk.mapped + slot_offset(slot);

	if (!slot->busy || base[16] || written != slot->sectors * 512 + 1 ||
	    memcmp(base + DATA, contents + slot->sector * 512, slot->sectors * 512))
		wrong++;
	slot->busy = false;
	received++;
}

static void work(void)
{
	struct slot *slot;
	unsigned int written;

	while ((slot = virtio_client_answer(&queue, &written)))
		check(slot, written);
	for (unsigned int i = 0; i < SLOTS && sent < READS; i++) {
		if (!slots[i].busy)
			send(&slots[i]);
	}
	if (virtio_client_signal(&queue))
		device_link_notify(&disk);
}

static void watch_refused(void)
{
	purlin_u64 deaf = 0;

	check_status("no signal", rpc(PURLIN_SLOT_PARENT, PARENT_WATCH, 0), PURLIN_BAD_CAPABILITY);
	check_status("copy", slot_copy(disk.signal, PURLIN_RIGHT_READ, 0, &deaf), PURLIN_OK);
	check_status("signal without WRITE", rpc_send(PURLIN_SLOT_PARENT, PARENT_WATCH, 0, deaf),
		     PURLIN_NO_RIGHT);
	slot_delete(deaf);
}

/* What the disk is: mapped, to compare with. */
static purlin_s64 module_map(void)
{
	purlin_u64 rom, module;
	void *mapped = NULL;
	purlin_s64 status = session_open("ROM", "", &rom);

	message_put_text(0, PURLIN_NAME_BYTES, DISK_LABEL);
	if (!status)
		status = rpc_receive(rom, ROM_MODULE, PURLIN_NAME_BYTES / 8, &module);
	if (!status)
		status = memory_map(module, 0, PAGES_OF(message()->word[0]), PURLIN_MAP_READ,
				    &mapped);
	contents = mapped;
	return status;
}

int component_main(purlin_u64 argument)
{
	purlin_u64 bits;

	(void)argument;
	check_status("memory", disk_prepare(&disk), PURLIN_OK);
	watch_refused();
	check_status("watch", device_links_watch(disk.signal, SERVER_ENDED), PURLIN_OK);
	check_status("module", module_map(), PURLIN_OK);
	check_status("start", device_link_start(&disk), PURLIN_OK);
	memcpy(&sectors, disk.config, sizeof(sectors));
	check_equal("identity", (purlin_u64)strcmp(disk.identity, DISK_LABEL), 0);
	virtio_client_open(&queue, disk.mapped, 0, DISK_QUEUE, entries);
	work();
	while (received < READS && !wrong && !queue.broken) {
		if (purlin_signal_wait(disk.signal, &bits))
			break;
		if (bits & SERVER_ENDED) {
			purlin_s64 status = device_link_start(&disk);

			if (status)
				component_panic("the server does not go on: %ld", status);
		}
		work();
	}
	check_equal("answers", received, READS);
	check_equal("wrong", wrong, 0);
	check_equal("broken", queue.broken, 0);
	printf("%u reads, %lu servers outlived\n", received,
	       (unsigned long)((struct virtio_control *)disk.mapped)->lives - 1);
	return check_sum();
}
