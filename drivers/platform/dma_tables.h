/* SPDX-License-Identifier: MIT */
/*
 * Second-level page tables of VT-d (4.1, 9.7): from addresses that devices use to memory. Nothing
 * here flushes what an IOMMU has cached; that is the domain's business.
 */
#ifndef PLATFORM_DMA_TABLES_H
#define PLATFORM_DMA_TABLES_H

#include "table_memory.h"

struct dma_tables {
	unsigned int levels; /* 3 or 4 */
	bool large;	     /* entries of 2 MiB, too */
	bool incoherent;     /* the IOMMU reads past the caches */
	uint64_t leaf_bits;  /* in each entry that leads to memory */
	unsigned int pages;  /* of tables, ... */
	uint64_t most;	     /* ... and how many there may be */
	struct table_memory *memory;
	struct table_memory *root;
};

/* The fields above `pages` are set, and `most`. NO_MEMORY. */
purlin_s64 dma_tables_start(struct dma_tables *tables);
/* The IOMMU knows nothing of them any more. */
void dma_tables_end(struct dma_tables *tables);

/* One past the last address. */
static inline uint64_t dma_tables_limit(const struct dma_tables *tables)
{
	return 1ull << (12 + 9 * tables->levels);
}

/* Nothing is mapped there, and it ends below the limit. NO_MEMORY: nothing has been mapped. */
purlin_s64 dma_tables_map(struct dma_tables *tables, uint64_t address, uint64_t physical,
			  uint64_t pages, bool writable);
/* All that one call mapped. The tables stay for the next. */
void dma_tables_unmap(struct dma_tables *tables, uint64_t address, uint64_t pages);

#endif
