/* SPDX-License-Identifier: MIT */
/* What the guest and the component that runs it share; the report is the last page of its memory.
 */
#ifndef KERNEL_BENCH_REPORT_H
#define KERNEL_BENCH_REPORT_H

#include "purlin/types.h"

#define GUEST_PAGES 1024
#define GUEST_IMAGE_ADDRESS 0x100000ull /* guest-physical; the image is linked for it */
#define GUEST_IMAGE_BASE 0xffffffff80000000ull
#define GUEST_REPORT_ADDRESS ((GUEST_PAGES - 1) * 4096ull)
#define GUEST_SLOT_CLOCK 20 /* ports of the clock */
#define GUEST_EVENT_WORD 1  /* of the clock's interrupt */

/* Ticks, and of how many operations. */
struct report {
	purlin_u64 calls, call_ticks;
	purlin_u64 entries, map_ticks, unmap_ticks;
	purlin_u64 pages, map_many_ticks, unmap_many_ticks, table_ticks;
	purlin_u64 events, event_ticks;
	purlin_u64 done;
};

#endif
