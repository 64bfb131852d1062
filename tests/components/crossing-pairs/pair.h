/* SPDX-License-Identifier: MIT */
/* What the guest image and the component that runs two of them share. */
#ifndef CROSSING_PAIRS_PAIR_H
#define CROSSING_PAIRS_PAIR_H

#include "turns.h"

#define PAIR_RAM_PAGES 384
#define PAIR_IMAGE_ADDRESS 0x100000ull /* guest-physical, as guest.lds has it */
#define PAIR_IMAGE_BASE 0xffffffff80000000ull
#define PAIR_LINEAR_BASE 0xffff888000000000ull
/* Guest-physical pages that the component reads and writes. */
#define PAIR_REPORT_ADDRESS 0x20000ull
#define PAIR_WORD_ADDRESS 0x40000000ull /* the page both guests have */

enum pair_end { PAIR_RUNS, PAIR_DONE, PAIR_UPCALL };

struct pair_report {
	struct turns turns;
	struct seen first;	       /* the registers at the vCPU's start */
	purlin_u64 end;		       /* enum pair_end */
	purlin_u64 vector;	       /* of an upcall that should not have come */
	purlin_u64 kernel_gs, user_gs; /* after the process's system call */
};
#define PAIR_REPORT_PAGES 3
_Static_assert(sizeof(struct pair_report) <= PAIR_REPORT_PAGES * 4096, "report");

/* The bases that a guest kernel gives to vcpu_configure and to its process: `odd` tells two apart.
 */
#define PAIR_KERNEL_GS(odd) (0xffff888000020000ull + 0x1000 * (odd))
#define PAIR_NUMBER(odd) (5 + (odd)) /* of the vCPU, in its state page */
#define PAIR_USER_GS(odd) (0x7000dead0000ull + 0x1000 * (odd))

#endif
