/* SPDX-License-Identifier: MIT */
/* Virtual address ranges in use, in order of address; a new one takes the first gap that fits. */
#include <string.h>

#include "internal.h"
#include "runtime/regions.h"

#define MOST_REGIONS 1024

struct region {
	purlin_u64 start;
	purlin_u64 end; /* the free page behind it included */
};

static struct region regions[MOST_REGIONS];
static unsigned int count;

/* Where a range would begin in the gap before regions[index]; 0 when it does not fit. */
static purlin_u64 fit(unsigned int index, purlin_u64 bytes, purlin_u64 align)
{
	purlin_u64 low = index ? regions[index - 1].end : REGIONS_START;
	purlin_u64 high = index < count ? regions[index].start : REGIONS_END;

	low = (low + align - 1) & ~(align - 1);
	return low < high && high - low >= bytes ? low : 0;
}

static purlin_u64 insert(purlin_u64 bytes, purlin_u64 align)
{
	if (count == MOST_REGIONS)
		return 0;
	for (unsigned int i = 0; i <= count; i++) {
		purlin_u64 start = fit(i, bytes, align);

		if (!start)
			continue;
		memmove(&regions[i + 1], &regions[i], (count - i) * sizeof(regions[0]));
		regions[i].start = start;
		regions[i].end = start + bytes;
		count++;
		return start;
	}
	return 0;
}

purlin_u64 region_reserve(purlin_u64 pages, purlin_u64 align)
{
	purlin_u64 start;

	if (!pages || pages > (REGIONS_END - REGIONS_START) / PURLIN_PAGE_SIZE)
		return 0;
	if (align < PURLIN_PAGE_SIZE)
		align = PURLIN_PAGE_SIZE;
	lock_acquire(&runtime_lock);
	start = insert((pages + 1) * PURLIN_PAGE_SIZE, align);
	lock_release(&runtime_lock);
	return start;
}

void region_release(purlin_u64 start)
{
	lock_acquire(&runtime_lock);
	for (unsigned int i = 0; i < count; i++) {
		if (regions[i].start != start)
			continue;
		count--;
		memmove(&regions[i], &regions[i + 1], (count - i) * sizeof(regions[0]));
		break;
	}
	lock_release(&runtime_lock);
}
