/* SPDX-License-Identifier: MIT */
/* One report, from a session of Devices. */
#ifndef DEVICES_REPORT_H
#define DEVICES_REPORT_H

#include "purlin/types.h"

/* Into the log. DEAD: the server is gone; what was written is no whole report. */
purlin_s64 report_write(purlin_u64 session);

#endif
