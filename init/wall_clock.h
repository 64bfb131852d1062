/* SPDX-License-Identifier: MIT */
/* Date and time at the start. */
#ifndef INIT_WALL_CLOCK_H
#define INIT_WALL_CLOCK_H

#include "purlin/types.h"

/* Nanoseconds since 1970 at a time stamp; 0 when the machine has no clock. */
extern purlin_u64 wall_clock_ns, wall_clock_tsc;

void wall_clock_read(void);

#endif
