/* SPDX-License-Identifier: MIT */
/*
 * Stores that a successor may find done only in part. A server can end between any two of them:
 * tests define VIRTIO_STEP, and end there.
 */
#ifndef VIRTIO_STEP_H
#define VIRTIO_STEP_H

#ifndef VIRTIO_STEP
#define VIRTIO_STEP() ((void)0)
#endif

/* In this order, for whoever looks from another processor or later. */
#define STORE(place, value)                                            \
	do {                                                           \
		__atomic_store_n(&(place), (value), __ATOMIC_RELEASE); \
		VIRTIO_STEP();                                         \
	} while (0)
#define LOAD(place) __atomic_load_n(&(place), __ATOMIC_ACQUIRE)

#endif
