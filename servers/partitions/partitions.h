/* SPDX-License-Identifier: MIT */
/* Partition tables: GPT (UEFI 2.10, 5.3) and MBR (5.2). Safe against any contents of the disk. */
#ifndef PARTITIONS_PARTITIONS_H
#define PARTITIONS_PARTITIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PARTITIONS 128
#define PARTITION_SECTOR 512

struct partition {
	uint64_t first, sectors; /* no sectors: there is none of that number */
};

struct partition_table {
	struct partition partition[PARTITIONS]; /* number 1 is the first */
	bool gpt;
};

/* Read one sector into `to`. */
typedef bool partition_reader(void *context, uint64_t sector, void *to);

/*
 * Read the table of a disk with `capacity` sectors. NULL, or a reason why it is refused; then it is
 * not to be used. In one that is accepted partitions lie on the disk, behind the table, and apart.
 */
const char *partitions_read(struct partition_table *table, uint64_t capacity,
			    partition_reader *read, void *context);

#endif
