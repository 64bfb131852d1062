/* SPDX-License-Identifier: MIT */
/* What a processor can do, as CPUID tells (SDM 2A, CPUID; APM 3, appendix E). */
#ifndef ARCH_FEATURES_H
#define ARCH_FEATURES_H

#include "arch/instructions.h"

/* In the order of features.c. */
enum feature {
	FEATURE_TSC,
	FEATURE_APIC,
	FEATURE_PGE,
	FEATURE_PAT,
	FEATURE_SYSCALL,
	FEATURE_NX,
	FEATURE_FSGSBASE,
	FEATURE_XSAVE,
	FEATURES_REQUIRED,
	/* Used where the first processor has them. */
	FEATURE_PCID = FEATURES_REQUIRED,
	FEATURE_INVPCID,
	FEATURE_X2APIC,
	FEATURE_TSC_DEADLINE,
	FEATURE_SMEP,
	FEATURE_SMAP,
	FEATURE_UMIP,
	FEATURE_PAGES_1G,
	FEATURE_XSAVEOPT,
	FEATURE_AVX,
	FEATURE_AVX512,
	FEATURE_RDTSCP, /* and TSC_AUX, as RDPID has it */
	FEATURES,
};

/* One bit for each. */
typedef uint32_t features;
#define FEATURE_BIT(feature) (1u << (feature))
#define FEATURES_ALL_REQUIRED (FEATURE_BIT(FEATURES_REQUIRED) - 1)

typedef struct cpuid (*cpuid_source)(uint32_t leaf, uint32_t subleaf);

/* Those the processor behind `source` has: cpuid() is the one it is called on. */
features features_found(cpuid_source source);
/* Their names as a list, cut where `text` ends. */
void features_list(features which, char *text, size_t size);

#endif
