/* SPDX-License-Identifier: MIT */
/*
 * A client of a Linux that breaks all rules of queues, one after the other: each session ends with
 * the reason that session/virtio.h has for it, or its memory goes while it is served. After each,
 * the next session of the same client is served as if nothing had happened.
 */
#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "disk_prey.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/slots.h"

#define DEATHS 6 /* each takes two sessions, of which init has 32 for a component */
#define FLIPS 2000

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
	uint64_t end = DISK_PAGES * PURLIN_PAGE_SIZE;

	session_begin();
	control = disk.link.mapped;
	memset((char *)disk.link.mapped + pool, 0, 16);
	crime_put(&prey, 1, pool + 512, BLOCK_SECTOR, WRITE | NEXT, 2);
	crime_put(&prey, 2, pool + 16, 1, WRITE, 0);
	for (unsigned int i = 0; i < FLIPS && control->state != VIRTIO_STATE_BROKEN; i++) {
		crime_put(&prey, 0, pool, 16, NEXT, 1);
		crime_available(&prey, 0, 1);
		crime_put(&prey, 0, i & 1 ? end : pool, i & 2 ? ~0u : 16, i & 4 ? INDIRECT : NEXT,
			  i % 7);
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
	crime_broken_await(&prey, "garbage", VIRTIO_BROKEN_INDEX);
	session_end();
}

int component_main(purlin_u64 argument)
{
	(void)argument;
	crimes_commit(&prey);
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
