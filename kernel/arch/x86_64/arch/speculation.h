/* SPDX-License-Identifier: MIT */
/* What processors leak while they speculate, and what is done about it: docs/architecture.md. */
#ifndef ARCH_SPECULATION_H
#define ARCH_SPECULATION_H

#include "arch/features.h"

/* What speculation.c does, and what stays open all the same. */
struct speculation_plan {
	uint64_t control;	/* IA32_SPEC_CTRL on each processor; 0: leave it alone */
	bool automatic_ibrs;	/* EFER */
	bool predictor_barrier; /* IBPB between domains */
	bool clear_buffers;	/* VERW between domains */
	uint32_t open;		/* bits: SPECULATION_* */
};

enum speculation_open {
	SPECULATION_MELTDOWN,
	SPECULATION_BRANCHES,	      /* kernel against components */
	SPECULATION_BRANCHES_BETWEEN, /* components against each other */
	SPECULATION_HISTORY,
	SPECULATION_RETURNS,
	SPECULATION_MDS,
	SPECULATION_TAA,
	SPECULATION_MMIO,
	SPECULATION_RFDS,
	SPECULATION_GDS,
	SPECULATION_TSA,
	SPECULATION_KINDS,
};

/* By what CPUID and, where it exists, IA32_ARCH_CAPABILITIES say: no state, for tests. */
struct speculation_plan speculation_decide(cpuid_source source, uint64_t capabilities);
/* CPUID says that there is IA32_ARCH_CAPABILITIES. */
bool speculation_has_capabilities(cpuid_source source);
const char *speculation_name(enum speculation_open kind);

/* Once, on the boot processor: find out, warn of what stays open. */
void speculation_detect(void);
/* On each processor: ring 0 does not follow predictions trained in ring 3. */
void speculation_init_cpu(void);

extern bool domain_barriers; /* this machine needs domain_leave() */
/* Between two PDs: predictions and buffers filled by the one are useless to the other. */
void domain_leave(void);

#endif
