/* SPDX-License-Identifier: MIT */
/* What the guest image and the component that runs it share: the last page of guest RAM. */
#ifndef GUEST_TEST_REPORT_H
#define GUEST_TEST_REPORT_H

#include "purlin/types.h"

#define GUEST_RAM_PAGES 1024
#define GUEST_IMAGE_ADDRESS 0x100000ull /* guest-physical */
#define GUEST_IMAGE_BASE 0xffffffff80000000ull
#define GUEST_LINEAR_BASE 0xffff888000000000ull
#define GUEST_REPORT_ADDRESS ((GUEST_RAM_PAGES - 4) * 4096ull)

#define REPORT_LINES 120
#define REPORT_NAME 40

/* Which part the image plays: the first argument of vcpu_start. */
enum guest_mode {
	GUEST_CHECKS,
	GUEST_MEASURE,
	GUEST_BAD_BATCH_OPERATION,
	GUEST_BAD_BATCH_ADDRESS,
	GUEST_BAD_BATCH_RANGE,
	GUEST_BAD_BATCH_COUNT,
	GUEST_BAD_BATCH_SPACE,
	GUEST_FAULT_IN_CRITICAL_RANGE,
	GUEST_FAULT_UNCONFIGURED,
	GUEST_MODES,
};

struct report {
	purlin_u32 lines;
	purlin_u32 done;
	struct {
		char name[REPORT_NAME];
		purlin_u64 got, want; /* equal: passed */
	} line[REPORT_LINES];
};

#endif
