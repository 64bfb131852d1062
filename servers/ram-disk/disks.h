/* SPDX-License-Identifier: MIT */
/* Which disks there are, whose they are, and where their contents lie: by the description. */
#ifndef RAM_DISK_DISKS_H
#define RAM_DISK_DISKS_H

#include <stdbool.h>

#include "runtime/serves.h"

#define DISKS 16

struct disk {
	char rule[PARENT_SERVES_BYTES]; /* "NAME SIZE COMPONENT ...", taken apart in place */
	const char *name, *owner;
	const char *module; /* what is on it at first; empty: zeroes */
	bool read_only;
	purlin_u8 *contents;
	purlin_u64 sectors;
	char identity[32];
};

/* Read the rules and find the contents of an earlier life; a sentence if that cannot be done. */
const char *disks_find(void);
/* The disk of that name that is for that component, or NULL. */
const struct disk *disk_of(const char *component, const char *name);

#endif
