/* SPDX-License-Identifier: MIT */
/* What a processor can do, as CPUID tells (SDM 2A, CPUID; APM 3, appendix E). */
#ifndef ARCH_FEATURES_H
#define ARCH_FEATURES_H

#include "arch/instructions.h"

/*
 * F(id, name, leaf, subleaf, register, bit): FEATURE_id is told by that bit. The first list is
 * required of every processor.
 */
/* clang-format off */
#define FEATURES_REQUIRED(F) \
	F(TSC, "TSC", 1, 0, EDX, 4) \
	F(APIC, "APIC", 1, 0, EDX, 9) \
	F(PGE, "PGE", 1, 0, EDX, 13) \
	F(PAT, "PAT", 1, 0, EDX, 16) \
	F(SYSCALL, "SYSCALL", 0x80000001, 0, EDX, 11) \
	F(NX, "NX", 0x80000001, 0, EDX, 20) \
	F(FSGSBASE, "FSGSBASE", 7, 0, EBX, 0) \
	F(XSAVE, "XSAVE", 1, 0, ECX, 26)
/* Used where the first processor has them; RDTSCP with TSC_AUX, as RDPID has it. */
#define FEATURES_OPTIONAL(F) \
	F(PCID, "PCID", 1, 0, ECX, 17) \
	F(INVPCID, "INVPCID", 7, 0, EBX, 10) \
	F(X2APIC, "x2APIC", 1, 0, ECX, 21) \
	F(TSC_DEADLINE, "TSC-deadline", 1, 0, ECX, 24) \
	F(SMEP, "SMEP", 7, 0, EBX, 7) \
	F(SMAP, "SMAP", 7, 0, EBX, 20) \
	F(UMIP, "UMIP", 7, 0, ECX, 2) \
	F(PAGES_1G, "1G-pages", 0x80000001, 0, EDX, 26) \
	F(XSAVEOPT, "XSAVEOPT", 0xd, 1, EAX, 0) \
	F(AVX, "AVX", 0xd, 0, EAX, 2) \
	F(AVX512, "AVX-512", 0xd, 0, EAX, 5) \
	F(RDTSCP, "RDTSCP", 0x80000001, 0, EDX, 27)
/* clang-format on */

#define FEATURE_ID(id, ...) FEATURE_##id,
enum feature { FEATURES_REQUIRED(FEATURE_ID) FEATURES_OPTIONAL(FEATURE_ID) FEATURES };

/* Of XCR0 (SDM 1, 13.3), as in CPUID 0xd: what XSAVE saves at least. */
#define XCR0_X87_SSE 0x3ull

/* One bit for each. */
typedef uint32_t features;
#define FEATURE_BIT(feature) (1u << (feature))
#define FEATURE_PLUS_BIT(id, ...) +FEATURE_BIT(FEATURE_##id)
#define FEATURES_ALL_REQUIRED (0 FEATURES_REQUIRED(FEATURE_PLUS_BIT))

typedef struct cpuid (*cpuid_source)(uint32_t leaf, uint32_t subleaf);

/* Those the processor behind `source` has: cpuid() is the one it is called on. */
features features_found(cpuid_source source);
/* Their names as a list, cut where `text` ends. */
void features_list(features which, char *text, size_t size);

#endif
