/* SPDX-License-Identifier: MIT */
/* What the parts of the component share: one measurement, and objects to measure with. */
#ifndef LATENCY_H
#define LATENCY_H

#include "purlin/types.h"

#define NATIVE 0x10000001000ull /* not at a multiple of 2 MiB: small pages, each with an entry */

/* Begin to watch; end: say how late the more urgent thread was, which must be less than the limit.
 */
void begin(void);
void end(const char *name, purlin_s64 status);

purlin_u64 pd_new(purlin_u64 slots, purlin_u64 flags);

/* Objects that many threads wait for are destroyed. */
void many_waiters(void);

#endif
