/* SPDX-License-Identifier: MIT */
/*
 * Storms: a device that sends message after message, or an edge-triggered line that never rests,
 * must not keep a processor for itself. Each source has a budget for each stretch of time.
 */
#ifndef BASE_STORM_H
#define BASE_STORM_H

#include "base/types.h"

#define STORM_INTERRUPTS 2000
#define STORM_STRETCH_US 10000
#define STORM_WATCHED_US 1000

/* Of one source; zeroed memory is one that was quiet. */
struct storm {
	uint32_t count; /* in this stretch */
	uint64_t since; /* arch_time() */
};

/*
 * Count one more interrupt. Returns the time until which no other may come, or 0 if the source is
 * within its budget.
 */
uint64_t storm_next(struct storm *storm);

#endif
