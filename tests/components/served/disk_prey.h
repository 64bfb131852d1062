/* SPDX-License-Identifier: MIT */
/* The session of a disk whose rules are broken. */
#ifndef SERVED_DISK_PREY_H
#define SERVED_DISK_PREY_H

#include "../device-sessions/disk.h"
#include "crimes.h"

#define INDIRECT VIRTIO_DESCRIPTOR_INDIRECT
#define NEXT VIRTIO_DESCRIPTOR_NEXT
#define WRITE VIRTIO_DESCRIPTOR_WRITE
#define PREY_FEATURES (VIRTIO_FEATURE_VERSION_1 | VIRTIO_FEATURE_INDIRECT)

extern struct disk_client disk;
extern uint64_t pool; /* offset */
extern const struct prey prey;

/* A new session; one that lends `pages` of the memory object `lent` besides, if there are any. */
void prey_begin(purlin_u64 lent, purlin_u64 pages);
void session_begin(void);
void session_end(void);

#endif
