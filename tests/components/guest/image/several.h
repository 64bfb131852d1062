/* SPDX-License-Identifier: MIT */
/* What several-entry.S and several.c share: what each vCPU has at its GS base. */
#ifndef GUEST_IMAGE_SEVERAL_H
#define GUEST_IMAGE_SEVERAL_H

#include "purlin/vcpu.h"

#define AREA_RSP 0x2000
#define AREA_RIP 0x2008
#define AREA_VECTOR 0x2010
#define REACH_VALUE 0
#define REACH_COUNT 8
#define REACH_WRITTEN 4713

#ifndef __ASSEMBLER__
struct area {
	struct purlin_vcpu_state state;
	purlin_u64 kernel_rsp;
	purlin_u64 rip, vector; /* of user mode: the frame may change when it is copied */
	purlin_u64 slot;	/* of the vCPU */
	/* Whoever conducts sets the job last; the vCPU does it, and sets it to 0. */
	purlin_u64 job, space, address, result;
	purlin_u64 alerts, stop;
} __attribute__((aligned(4096)));
_Static_assert(__builtin_offsetof(struct area, kernel_rsp) == AREA_RSP, "several-entry.S");
_Static_assert(__builtin_offsetof(struct area, rip) == AREA_RIP, "several-entry.S");
_Static_assert(__builtin_offsetof(struct area, vector) == AREA_VECTOR, "several-entry.S");

/* What a program that reaches for a page tells about it. */
struct reach {
	purlin_u64 value, count;
};
_Static_assert(__builtin_offsetof(struct reach, count) == REACH_COUNT, "several-entry.S");
#endif

#endif
