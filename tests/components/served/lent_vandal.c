/* SPDX-License-Identifier: MIT */
/*
 * A client of a Linux that lends more memory than its session lies in, and uses it wrongly, or
 * takes it away while it is served.
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

#define DEATHS 6

#define LENT_PAGES 4
#define LENT_END (VIRTIO_LENT + LENT_PAGES * PURLIN_PAGE_SIZE)
static unsigned char *lent;

static void lent_begin(void)
{
	purlin_u64 slot;

	check_status("memory to lend", memory_new_mapped(LENT_PAGES, 0, &slot, (void **)&lent),
		     PURLIN_OK);
	prey_begin(slot, LENT_PAGES);
}

static void lent_end(void)
{
	memory_unmap(lent);
	purlin_object_destroy(disk.link.lent);
	slot_delete(disk.link.lent);
	session_end();
}

/* Read sectors 0 and 1 to `at`: the one request of the session. */
static void lent_read(uint64_t at)
{
	memset((char *)disk.link.mapped + pool, 0, 16);
	crime_put(&prey, 0, pool, 16, NEXT, 1);
	crime_put(&prey, 1, at, 2 * BLOCK_SECTOR, WRITE | NEXT, 2);
	crime_put(&prey, 2, pool + 16, 1, WRITE, 0);
	((char *)disk.link.mapped)[pool + 16] = 77;
	crime_available(&prey, 0, 1);
}

/* What was read to the end of what is lent is what a read to the pool gives, and nothing else is
 * changed. */
static void lent_honest(void)
{
	static unsigned char sectors[2 * BLOCK_SECTOR];
	const volatile unsigned char *status;
	purlin_u64 bits;

	lent_begin();
	memset(lent, 0x55, LENT_PAGES * PURLIN_PAGE_SIZE);
	lent_read(LENT_END - sizeof(sectors));
	status = (unsigned char *)disk.link.mapped + pool + 16;
	while (*status == 77 && !purlin_signal_wait(disk.link.signal, &bits))
		;
	check_equal("read to what is lent", *status, BLOCK_OK);
	memcpy(sectors, lent + LENT_PAGES * PURLIN_PAGE_SIZE - sizeof(sectors), sizeof(sectors));
	check_equal("nothing before", lent[LENT_PAGES * PURLIN_PAGE_SIZE - sizeof(sectors) - 1],
		    0x55);
	lent_end();
	session_begin();
	check_equal("read to the pool", disk_do(&disk, BLOCK_READ, 0, sizeof(sectors)), BLOCK_OK);
	check_true("the same", !memcmp(disk_data(&disk, 0), sectors, sizeof(sectors)));
	session_end();
}

static void lent_crime(const char *what, uint64_t address, uint32_t length, unsigned int flags)
{
	lent_begin();
	crime_put(&prey, 0, address, length, flags, 0);
	crime_available(&prey, 0, 1);
	crime_broken_await(&prey, what, VIRTIO_BROKEN_ADDRESS);
	lent_end();
}

/* What is lent goes while the disk reads for it. */
static void lent_die(void)
{
	lent_begin();
	lent_read(VIRTIO_LENT);
	purlin_thread_yield();
	lent_end();
}

int component_main(purlin_u64 argument)
{
	(void)argument;
	lent_honest();
	lent_crime("over its end", LENT_END - 8, 16, WRITE);
	lent_crime("over its beginning", VIRTIO_LENT - 8, 16, WRITE);
	lent_crime("behind it", LENT_END, 16, WRITE);
	lent_crime("far behind it", ~0ull - 8, 16, WRITE);
	lent_crime("all addresses", VIRTIO_LENT, ~0u, WRITE);
	lent_crime("a table in it", VIRTIO_LENT, 16, INDIRECT);
	for (unsigned int i = 0; i < DEATHS; i++)
		lent_die();
	session_begin();
	check_equal("it is still served", disk_do(&disk, BLOCK_READ, 0, BLOCK_SECTOR), BLOCK_OK);
	session_end();
	return check_sum();
}
