/* SPDX-License-Identifier: MIT */
/*
 * Meter: a kind of session that exists in tests only, as any other that a Linux gets before it
 * starts. All there is of it besides this header is a line in a copy of session/services.h
 * (module.mk), a server and a client.
 */
#ifndef COMPONENTS_METER_H
#define COMPONENTS_METER_H

#include "session/ring.h"

#define METER_PAGES 3

/* As TERMINAL_START. */
#define METER_START 7

/* The shared memory. The client writes what it reads off, the server the bill for it. */
struct meter_shared {
	purlin_u64 reading; /* 0: none yet */
	purlin_u64 bill;    /* by the server: METER_BILL() of the reading; 0: none yet */
	purlin_u64 paid;    /* by the client, when it has seen the bill */
};
#define METER_BILL(reading) ((reading)*3 + 1)

#endif
