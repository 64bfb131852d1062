/* SPDX-License-Identifier: MIT */
/* Between any two stores of lib/virtio a server can end: the test ends there. */
#ifndef TESTS_VIRTIO_STEP_H
#define TESTS_VIRTIO_STEP_H

void virtio_step(void);
#define VIRTIO_STEP() virtio_step()

#endif
