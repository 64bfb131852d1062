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

#define REPORT_LINES 280
#define REPORT_NAME 40

/* Which part the image plays: the first argument of vcpu_start. */
enum guest_mode {
	GUEST_CHECKS,
	GUEST_MEASURE,
	GUEST_BAD_BATCH_OPERATION,
	GUEST_BAD_BATCH_ADDRESS,
	GUEST_BAD_BATCH_RANGE,
	GUEST_BAD_BATCH_LAST_PAGE,
	GUEST_BAD_TABLE_LAST_PAGE,
	GUEST_BAD_BATCH_COUNT,
	GUEST_BAD_TABLE_ADDRESS,
	GUEST_BAD_TABLE_ALIGNMENT,
	GUEST_BAD_TABLE_END,
	GUEST_BAD_TABLE_ENTRY,
	GUEST_BAD_BATCH_SPACE,
	GUEST_BAD_BATCH_NO_SPACE, /* the very first batch maps into no space */
	GUEST_FAULT_IN_CRITICAL_RANGE,
	GUEST_FAULT_UNCONFIGURED,
	GUEST_POOR,	  /* maps until its account is empty, then more */
	GUEST_POOR_STOPS, /* the last resort does not help */
	GUEST_MANY,	  /* maps 100,352 pages in a process */
	GUEST_FUZZ,	  /* second argument: 0 or 1, which of two vCPUs */
	GUEST_SEVERAL,	  /* several vCPUs, on processors 0 and 1 */
	GUEST_RACES,	  /* short batches and switches beside removals */
	GUEST_REGISTERS,  /* general registers on each way out of the kernel */
	GUEST_SPINS,	  /* on processor 1, in no space, and counts in the report */
	GUEST_WAITS,	  /* on processor 1, in no space, for an event that never comes */
	GUEST_MODES,
};

struct report {
	purlin_u32 lines;
	purlin_u32 done;
	struct {
		char name[REPORT_NAME];
		purlin_u64 got, want; /* equal: passed */
	} line[REPORT_LINES];
	char operand[8] __attribute__((aligned(8)));
	/* GUEST_CHECKS: where the component has a word; the guest ends while it watches that. */
	purlin_u64 watched;
	/* GUEST_FUZZ: */
	purlin_u64 seed;
	purlin_u64 steps[2];
	/* GUEST_SPINS, GUEST_WAITS: */
	purlin_u64 turns, state; /* the latter: guest-physical, of its state page */
};

/* What guests get, besides PURLIN_SLOT_*. */
#define GUEST_SLOT_SECOND 4 /* vCPU */
#define GUEST_SLOT_RAM 20
#define GUEST_SLOT_MEMORY 21
#define GUEST_MEMORY_PAGES 16

#endif
