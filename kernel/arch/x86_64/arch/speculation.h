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

/* F(id, name): SPECULATION_id. BRANCHES: kernel against components; BETWEEN: among those. */
/* clang-format off */
#define SPECULATION_FAULTS(F) \
	F(MELTDOWN, "Meltdown") \
	F(BRANCHES, "Spectre 2 (kernel)") \
	F(BRANCHES_BETWEEN, "Spectre 2 (between components)") \
	F(HISTORY, "BHI") \
	F(RETURNS, "SRSO (kernel)") \
	F(MDS, "MDS") \
	F(TAA, "TAA") \
	F(MMIO, "MMIO stale data") \
	F(RFDS, "RFDS") \
	F(GDS, "GDS") \
	F(TSA, "TSA")
/* clang-format on */

#define SPECULATION_ID(id, name) SPECULATION_##id,
enum speculation_open { SPECULATION_FAULTS(SPECULATION_ID) SPECULATION_KINDS };

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
