/* SPDX-License-Identifier: MIT */
/* What processors leak while they speculate, and what is done about it: docs/architecture.md. */
#ifndef ARCH_SPECULATION_H
#define ARCH_SPECULATION_H

#include "core/types.h"

/* Once, on the boot processor: find out, warn of what stays open. */
void speculation_detect(void);
/* On each processor: ring 0 does not follow predictions trained in ring 3. */
void speculation_init_cpu(void);

extern bool speculation_barriers; /* this machine needs the following */
/* Between two PDs: predictions and buffers filled by the one are useless to the other. */
void speculation_leave_domain(void);

#endif
