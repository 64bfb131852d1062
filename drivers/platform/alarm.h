/* SPDX-License-Identifier: MIT */
/* A signal with a timer of its own that notifies it. */
#ifndef PLATFORM_ALARM_H
#define PLATFORM_ALARM_H

#include <stdint.h>

#include "purlin/types.h"

#define ALARM_NEVER (~0ull)

struct alarm {
	purlin_u64 timer;
	purlin_u64 signal; /* others may notify it, too */
};

/* On an error nothing is left behind. */
purlin_s64 alarm_create(struct alarm *alarm);
/*
 * Notify `bits` at this time of hardware_time_ns(), at once if it has passed. Replaces the time set
 * before, but ALARM_NEVER leaves that as it is: whoever waits must be ready to find nothing due.
 */
void alarm_set(struct alarm *alarm, uint64_t time, purlin_u64 bits);
/* Notify `bits` after that much time from now. */
void alarm_set_after(struct alarm *alarm, uint64_t nanoseconds, purlin_u64 bits);

#endif
