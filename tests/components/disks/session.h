/* SPDX-License-Identifier: MIT */
/* A Block session from the client's end, as the tests here use it. */
#ifndef DISKS_SESSION_H
#define DISKS_SESSION_H

#include "runtime/virtio_client.h"

#define DISK_LABEL "test.disk"
#define DISK_QUEUE 32
#define DISK_PAGES 68 /* of memory: control page, queue, pool */
#define DISK_POOL VIRTIO_POOL(DISK_QUEUE, 1)
#define DISK_FEATURES (VIRTIO_FEATURE_VERSION_1 | VIRTIO_FEATURE_INDIRECT)

#define DISK_ANSWERS 1 /* bit of the signal */

struct disk_session {
	purlin_u64 endpoint, memory, signal, server_signal; /* slots */
	purlin_u64 answers; /* slot: the signal as the server gets it */
	void *mapped;
	purlin_u64 capacity; /* sectors */
	char identity[VIRTIO_IDENTITY_BYTES + 1];
};

/* Memory and signal: once. */
purlin_s64 disk_prepare(struct disk_session *session);
/* Open and start, or go on with the memory at the server's next life. */
purlin_s64 disk_start(struct disk_session *session);

#endif
