/* SPDX-License-Identifier: MIT */
/*
 * What has to leave the TLBs: collected while tables change, then flushed at once. More than fits
 * means everything that the tables map.
 */
#ifndef BASE_TLB_BATCH_H
#define BASE_TLB_BATCH_H

#include "base/types.h"

#define TLB_BATCH_PAGES 32

struct tlb_batch {
	unsigned int count;
	bool everything;
	uint64_t page[TLB_BATCH_PAGES];
};

static inline void tlb_batch_add(struct tlb_batch *batch, uint64_t virtual_address)
{
	if (batch->count == TLB_BATCH_PAGES)
		batch->everything = true;
	else
		batch->page[batch->count++] = virtual_address;
}

#endif
