/* SPDX-License-Identifier: MIT */
/* The other side of the tests: two threads in a protection domain of their own. */
#ifndef KERNEL_BENCH_PARTNER_H
#define KERNEL_BENCH_PARTNER_H

#include "purlin/types.h"

/* A page both sides see. */
struct partner {
	purlin_u64 woken; /* when the waiter ran again */
};

extern struct partner *partner;
extern purlin_u64 partner_endpoint; /* its replier answers with as many words as came */
extern purlin_u64 partner_signal;   /* its waiter waits for it */

void partner_start(void);

#endif
