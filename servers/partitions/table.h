/* SPDX-License-Identifier: MIT */
/* Which partitions there are, and whose: by the disk's table and the description's rules. */
#ifndef PARTITIONS_TABLE_H
#define PARTITIONS_TABLE_H

#include "partitions.h"
#include "runtime/block_disk.h"
#include "runtime/serves.h"

#define RULES 15

struct share {
	char rule[PARENT_SERVES_BYTES]; /* "NAME NUMBER COMPONENT", taken apart in place */
	const char *name, *owner;
	unsigned int number;
	bool read_only;
	uint64_t first, sectors;
	char identity[VIRTIO_IDENTITY_BYTES + 1];
};

/* Read the rules; which disk they are about. A sentence if they make no sense. */
const char *shares_read(const char **disk_label);
/* Read the disk's table and find the partitions of the rules there. A sentence if one is not. */
const char *shares_find(void);
/* The partition of that name that is for that component, or NULL. */
const struct share *share_of(const char *component, const char *name);

#endif
