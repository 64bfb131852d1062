/* SPDX-License-Identifier: MIT */
/* The side of Linux: what it offers, and sessions that it takes (session/offer.h). */
#ifndef BROKER_OFFERS_H
#define BROKER_OFFERS_H

#include "devices.h"

/* So long a device may be away before its session is over; and its clients wait for it at first. */
#define OFFERS_SECONDS 60

/* The timer, which notifies `signal` as `bit`. */
purlin_s64 offers_prepare(purlin_u64 signal, purlin_u64 bit);

/* From init. There is one Linux: the latest session counts. */
purlin_s64 offers_open(struct request *request, purlin_u64 endpoint, purlin_u64 badge);
purlin_s64 offers_close(const struct request *request);
/* Whether the badge is that of its session. */
bool offers_badge(purlin_u64 badge);
purlin_s64 offers_request(struct request *request);

/* Linux has to look at the sessions. */
void offers_tell(void);
/* The timer: sessions of devices that have not come back in time are over. */
void offers_late(void);
/* Clients may open sessions: all devices are known, or the time for that is over. */
bool offers_complete(void);

#endif
