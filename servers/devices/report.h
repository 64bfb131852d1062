/* SPDX-License-Identifier: MIT */
/* One report, from a session of Devices. */
#ifndef DEVICES_REPORT_H
#define DEVICES_REPORT_H

#include "purlin/types.h"

/* Write a report to the log. DEAD: the server has ended, and the report is incomplete. */
purlin_s64 report_write(purlin_u64 session);

#endif
