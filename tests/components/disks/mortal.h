/* SPDX-License-Identifier: MIT */
/* A server of disks ends between two stores of lib/virtio: each life at another one. */
#ifndef DISKS_MORTAL_H
#define DISKS_MORTAL_H

void mortal_step(void);
#define VIRTIO_STEP() mortal_step()

#endif
