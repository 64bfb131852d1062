/* SPDX-License-Identifier: MIT */
/* Registers and page tables of the host architecture: what a test wants to look at. */
#ifndef ARCH_FRAME_H
#define ARCH_FRAME_H

#include "base/types.h"

struct host_mapping;

struct page_tables {
	struct host_mapping *mappings; /* a list, one entry for each page */
	struct account *account;
	uint64_t charged; /* pages */
	bool alive;
};

struct arch_thread {
	uint64_t number, argument[6];
	status result;
	uint64_t results[3];
	bool answered;	/* `result` was stored since the call was made */
	bool restarted; /* ... or the call is to be made again */
	uint64_t rip, rsp, start_argument;
	bool created;
};

#endif
