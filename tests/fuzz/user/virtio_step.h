/* SPDX-License-Identifier: MIT */
/* Between any two stores of lib/virtio a server can end: the target decides where. */
#ifndef FUZZ_VIRTIO_STEP_H
#define FUZZ_VIRTIO_STEP_H

void virtio_step(void);
#define VIRTIO_STEP() virtio_step()

#endif
