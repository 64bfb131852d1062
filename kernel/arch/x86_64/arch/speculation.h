/* SPDX-License-Identifier: MIT */
/* What processors leak while they speculate, and what is done about it: docs/architecture.md. */
#ifndef ARCH_SPECULATION_H
#define ARCH_SPECULATION_H

#include "core/types.h"

/* Once, on the boot processor: find out, warn of what stays open. */
void speculation_detect(void);
/* On each processor: ring 0 does not follow predictions trained in ring 3. */
void speculation_init_cpu(void);

/* This machine needs domain_leave(). */
extern bool domain_barriers;
/*
 * Between two PDs, with the registers of the first one saved: predictions and buffers that it
 * filled are useless to the other, and so are pointers of the x87 that XRSTOR leaves alone.
 */
void domain_leave(void);

#endif
