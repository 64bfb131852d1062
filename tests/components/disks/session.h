/* SPDX-License-Identifier: MIT */
/* The disk that clients here read, and the session with it. */
#ifndef DISKS_SESSION_H
#define DISKS_SESSION_H

#include "runtime/device_link.h"

#define DISK_LABEL "test.disk"
#define DISK_QUEUE 32
#define DISK_PAGES 68 /* of memory: control page, queue, pool */
#define DISK_POOL VIRTIO_POOL(DISK_QUEUE, 1)
#define DISK_FEATURES (VIRTIO_FEATURE_VERSION_1 | VIRTIO_FEATURE_INDIRECT)

#define DISK_ANSWERS 1 /* bit of the signal */

/* A link with memory and a signal of its own. device_link_start() is next. */
purlin_s64 disk_prepare(struct device_link *link);

#endif
