/* SPDX-License-Identifier: MIT */
/* Something to do at a time: one heap for each processor, one hardware timer below it. */
#ifndef BASE_TIMEOUT_H
#define BASE_TIMEOUT_H

#include "base/types.h"

#define TIMEOUT_NEVER (~0ull)

/* Embedded in what it is for; zeroed memory is a timeout that is not set. */
struct timeout {
	uint64_t deadline; /* arch_time() */
	void (*function)(struct timeout *timeout);
	/* Leftist heap, by deadline. */
	struct timeout *parent, *left, *right;
	uint32_t rank;
	uint16_t cpu;
	bool set;
};

/* On the processor this runs on; replaces an earlier setting. TIMEOUT_NEVER cancels. */
void timeout_set(struct timeout *timeout, uint64_t deadline);
void timeout_cancel(struct timeout *timeout);

/* From the timer interrupt of this processor: run what is due, arm the next. */
void timeout_expired(void);

#endif
