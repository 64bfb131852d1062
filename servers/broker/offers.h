/* SPDX-License-Identifier: MIT */
/* The side of each Linux: what it offers, and sessions that it takes (session/offer.h). */
#ifndef BROKER_OFFERS_H
#define BROKER_OFFERS_H

#include "devices.h"

/* Start the timer, which notifies `bit` of `signal`. */
purlin_s64 offers_prepare(purlin_u64 signal, purlin_u64 bit);

/* Open a session, for init. The latest session of each Linux counts. */
purlin_s64 offers_open(struct request *request, purlin_u64 endpoint, purlin_u64 badge);
purlin_s64 offers_close(const struct request *request);
purlin_s64 offers_request(struct linux *linux, struct request *request);

/* A session has begun. If its device is away, it waits as long as others do. */
void offers_wait_for(struct device *device);
/* The timer has fired: end sessions whose devices have not come back in time. */
void offers_late(void);
/* Clients may open sessions: all devices are known, or the time for that is over. */
bool offers_complete(void);

#endif
