/* SPDX-License-Identifier: MIT */
#include "disk_prey.h"

#include "../check.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/slots.h"

_Static_assert(DISK_QUEUE == CRIMES_QUEUE, "one size of queues");

struct disk_client disk;
uint64_t pool;
const struct prey prey = { .link = &disk.link, .begin = session_begin, .end = session_end };

void prey_begin(purlin_u64 lent, purlin_u64 pages)
{
	disk = (struct disk_client){
		.link = { .label = "prey",
			  .features = PREY_FEATURES | (pages ? VIRTIO_FEATURE_LENT : 0),
			  .lent = lent,
			  .lent_pages = pages },
	};
	check_status("start", disk_begin(&disk), PURLIN_OK);
	pool = device_link_pool(&disk.link);
}

void session_begin(void)
{
	prey_begin(0, 0);
}

void session_end(void)
{
	memory_unmap(disk.link.mapped);
	purlin_object_destroy(disk.link.memory);
	slot_delete(disk.link.memory);
	slot_delete(disk.link.endpoint);
	slot_delete(disk.link.server_signal);
	slot_delete(disk.link.signal);
	slot_delete(disk.link.answers);
}
