/* SPDX-License-Identifier: MIT */
/* Virtual address ranges in use, in order of address; a new one takes the first gap that fits. */
#include <string.h>

#include "internal.h"
#include "runtime/addresses.h"

#define MOST_RANGES 1024

struct range {
	purlin_u64 start;
	purlin_u64 end; /* including the free page after it */
};

static struct range ranges[MOST_RANGES];
static unsigned int count;

/* Where a range would begin in the gap before ranges[index]; 0 when it does not fit. */
static purlin_u64 fit(unsigned int index, purlin_u64 bytes, purlin_u64 align)
{
	purlin_u64 low = index ? ranges[index - 1].end : ADDRESSES_START;
	purlin_u64 high = index < count ? ranges[index].start : ADDRESSES_END;

	low = (low + align - 1) & ~(align - 1);
	return low < high && high - low >= bytes ? low : 0;
}

static purlin_u64 insert(purlin_u64 bytes, purlin_u64 align)
{
	/* A table of fixed size: the heap needs addresses to grow, so it cannot hold them. */
	if (count == MOST_RANGES)
		return 0;
	for (unsigned int i = 0; i <= count; i++) {
		purlin_u64 start = fit(i, bytes, align);

		if (!start)
			continue;
		memmove(&ranges[i + 1], &ranges[i], (count - i) * sizeof(ranges[0]));
		ranges[i].start = start;
		ranges[i].end = start + bytes;
		count++;
		return start;
	}
	return 0;
}

purlin_u64 addresses_reserve(purlin_u64 pages, purlin_u64 align)
{
	purlin_u64 start;

	if (!pages || pages > (ADDRESSES_END - ADDRESSES_START) / PURLIN_PAGE_SIZE)
		return 0;
	if (align < PURLIN_PAGE_SIZE)
		align = PURLIN_PAGE_SIZE;
	lock_acquire(&runtime_lock);
	/*
	 * One page more stays unmapped: running past the end faults rather than meets the next.
	 */
	start = insert((pages + 1) * PURLIN_PAGE_SIZE, align);
	lock_release(&runtime_lock);
	return start;
}

/* What is not there is ignored: callers release what they may not have got (0). */
void addresses_release(purlin_u64 start)
{
	lock_acquire(&runtime_lock);
	for (unsigned int i = 0; i < count; i++) {
		if (ranges[i].start != start)
			continue;
		count--;
		memmove(&ranges[i], &ranges[i + 1], (count - i) * sizeof(ranges[0]));
		break;
	}
	lock_release(&runtime_lock);
}

unsigned int address_ranges_in_use(void)
{
	unsigned int taken;

	lock_acquire(&runtime_lock);
	taken = count;
	lock_release(&runtime_lock);
	return taken;
}
