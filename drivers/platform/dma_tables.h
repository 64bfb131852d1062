/* SPDX-License-Identifier: MIT */
/*
 * Page tables of IOMMUs, 512 entries to a page: from addresses that devices use to memory. Nothing
 * here flushes what an IOMMU has cached; that is the domain's business.
 */
#ifndef PLATFORM_DMA_TABLES_H
#define PLATFORM_DMA_TABLES_H

#include "table_memory.h"

/* Bits of an entry beside the address, which all kinds have in bits 12 to 51. */
struct dma_table_format {
	uint64_t read, write;
	uint64_t table; /* in an entry that leads to another table, ... */
	uint64_t level; /* ... and this times the level of that one (1: the last) */
	uint64_t kind;	/* these bits, above the last level, ... */
	uint64_t large; /* ... are like this in an entry that leads to memory */
	uint64_t absent;
};

struct dma_tables {
	const struct dma_table_format *format;
	unsigned int levels; /* 1 to 6 */
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
/* Free the tables, of which the IOMMU knows nothing any more. */
void dma_tables_end(struct dma_tables *tables);

/* One past the last address. */
static inline uint64_t dma_tables_limit(const struct dma_tables *tables)
{
	return 1ull << (12 + 9 * tables->levels);
}

/* Nothing is mapped there, and it ends below the limit. NO_MEMORY: nothing has been mapped. */
purlin_s64 dma_tables_map(struct dma_tables *tables, uint64_t address, uint64_t physical,
			  uint64_t pages, bool writable);
/* Unmap everything that one call mapped. The tables stay for the next mapping. */
void dma_tables_unmap(struct dma_tables *tables, uint64_t address, uint64_t pages);

#endif
