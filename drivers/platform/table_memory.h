/* SPDX-License-Identifier: MIT */
/*
 * Memory that an IOMMU reads and writes: tables and queues. It is pinned with core like what
 * devices reach, so that it stays when this component ends, until the next one has taken the IOMMU
 * over. No domain ever maps it: devices cannot reach it.
 */
#ifndef PLATFORM_TABLE_MEMORY_H
#define PLATFORM_TABLE_MEMORY_H

#include <stddef.h>

#include "pin.h"

#define TABLE_PAGE 0x1000u

struct table_memory {
	struct table_memory *next; /* whoever asked for it keeps a list */
	purlin_u64 slot;
	struct pin pin;
	uint64_t *words;
	uint64_t physical; /* of the same */
};

/* Zeroed and in one piece. NULL: no memory. */
struct table_memory *table_memory_new(unsigned int pages);
/* Free it, which is allowed only after the IOMMU has confirmed that it does not use it any more. */
void table_memory_free(struct table_memory *memory);

/* Bring what was written to memory, where an IOMMU reads past the caches. */
void table_memory_flush(const volatile void *from, size_t bytes);

#endif
