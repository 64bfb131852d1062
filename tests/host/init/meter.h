/* SPDX-License-Identifier: MIT */
/* Meter: a session that exists for service_test.c only, as any other that a Linux gets. */
#ifndef HOST_INIT_METER_H
#define HOST_INIT_METER_H

#include "session/ring.h"

#define METER_PAGES 3

/* As TERMINAL_START. */
#define METER_START 7

#endif
