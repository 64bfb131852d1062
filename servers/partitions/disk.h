/* SPDX-License-Identifier: MIT */
/* The disk behind the partitions: a Block session of which this server is the client. */
#ifndef PARTITIONS_DISK_H
#define PARTITIONS_DISK_H

#include "runtime/block_disk.h"
#include "runtime/device_link.h"

/*
 * How many requests can be on their way to the disk, and how much data one can have: clients are
 * told both limits.
 */
#define DISK_JOBS 16
#define DISK_SEGMENTS 16
#define DISK_SEGMENT_BYTES 0x1000
#define DISK_DATA_BYTES (DISK_SEGMENTS * DISK_SEGMENT_BYTES)

#define DISK_ANSWERS DEVICE_FIRST_BIT	   /* bits of the signal */
#define DISK_ENDED (DEVICE_FIRST_BIT << 1) /* the server of the disk, or another */

/* Open the session of that label, and wait until it is there. */
purlin_s64 disk_open(const char *label, purlin_u64 signal);
const char *disk_identity(void);
purlin_u64 disk_sectors(void);
bool disk_writable(void);
/* Which of these BLOCK_FEATURE_* the disk has. */
purlin_u64 disk_offers(purlin_u64 features);
/* The disk will not answer any more: another one is in its place, or none. */
bool disk_lost(void);

/* The data of job `job`. */
uint8_t *disk_data(unsigned int job);
/* Send the job, with `out` bytes of data or for `in` bytes. */
void disk_send(unsigned int job, uint32_t type, purlin_u64 sector, uint32_t out, uint32_t in);
void disk_notify(void);
/* A job that is answered, its status, and how many bytes of data there are; false: none. */
bool disk_answer(unsigned int *job, uint8_t *status, uint32_t *bytes);
/* The disk's server has ended: go on with its next life. */
void disk_again(void);
/* Read a sector and wait: before there are clients. For partitions_read(). */
bool disk_read(void *context, uint64_t sector, void *to);

#endif
