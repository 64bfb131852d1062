/* SPDX-License-Identifier: MIT */
/* The side of each Linux: what it offers, and sessions that it takes (session/offer.h). */
#ifndef BROKER_OFFERS_H
#define BROKER_OFFERS_H

#include "devices.h"

/* The timer, which notifies `signal` as `bit`. */
purlin_s64 offers_prepare(purlin_u64 signal, purlin_u64 bit);

/* From init. Of each Linux the latest session counts. */
purlin_s64 offers_open(struct request *request, purlin_u64 endpoint, purlin_u64 badge);
purlin_s64 offers_close(const struct request *request);
purlin_s64 offers_request(struct linux *linux, struct request *request);

/* A session has begun: whose device is away waits for it as long as others do. */
void offers_wait_for(struct device *device);
/* The timer: sessions of devices that have not come back in time are over. */
void offers_late(void);
/* Clients may open sessions: all devices are known, or the time for that is over. */
bool offers_complete(void);

#endif
