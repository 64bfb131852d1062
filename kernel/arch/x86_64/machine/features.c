// SPDX-License-Identifier: MIT
/* Which features a processor has, and what they are called. No state: tests bring CPUID values. */
#include "arch/features.h"

#define EXTENDED 0x80000000u

enum word { EAX, EBX, ECX, EDX };

static const struct {
	const char *name;
	uint32_t leaf;
	uint8_t subleaf, word, bit;
} table[FEATURES] = {
	[FEATURE_TSC] = { "TSC", 1, 0, EDX, 4 },
	[FEATURE_APIC] = { "APIC", 1, 0, EDX, 9 },
	[FEATURE_PGE] = { "PGE", 1, 0, EDX, 13 },
	[FEATURE_PAT] = { "PAT", 1, 0, EDX, 16 },
	[FEATURE_SYSCALL] = { "SYSCALL", EXTENDED + 1, 0, EDX, 11 },
	[FEATURE_NX] = { "NX", EXTENDED + 1, 0, EDX, 20 },
	[FEATURE_FSGSBASE] = { "FSGSBASE", 7, 0, EBX, 0 },
	[FEATURE_XSAVE] = { "XSAVE", 1, 0, ECX, 26 },
	[FEATURE_PCID] = { "PCID", 1, 0, ECX, 17 },
	[FEATURE_INVPCID] = { "INVPCID", 7, 0, EBX, 10 },
	[FEATURE_X2APIC] = { "x2APIC", 1, 0, ECX, 21 },
	[FEATURE_TSC_DEADLINE] = { "TSC-deadline", 1, 0, ECX, 24 },
	[FEATURE_SMEP] = { "SMEP", 7, 0, EBX, 7 },
	[FEATURE_SMAP] = { "SMAP", 7, 0, EBX, 20 },
	[FEATURE_UMIP] = { "UMIP", 7, 0, ECX, 2 },
	[FEATURE_PAGES_1G] = { "1G-pages", EXTENDED + 1, 0, EDX, 26 },
	[FEATURE_XSAVEOPT] = { "XSAVEOPT", 0xd, 1, EAX, 0 },
	[FEATURE_AVX] = { "AVX", 0xd, 0, EAX, 2 },
	[FEATURE_AVX512] = { "AVX-512", 0xd, 0, EAX, 5 },
	[FEATURE_RDTSCP] = { "RDTSCP", EXTENDED + 1, 0, EDX, 27 },
};
_Static_assert(FEATURES <= 32, "one word");

/* Above the highest leaf a processor answers with anything. */
static bool leaf_exists(cpuid_source source, uint32_t leaf)
{
	uint32_t highest = source(leaf & EXTENDED, 0).eax;

	return highest >= leaf && (highest & EXTENDED) == (leaf & EXTENDED);
}

features features_found(cpuid_source source)
{
	features found = 0;

	for (unsigned int i = 0; i < FEATURES; i++) {
		if (!leaf_exists(source, table[i].leaf))
			continue;
		struct cpuid answer = source(table[i].leaf, table[i].subleaf);
		const uint32_t words[] = { answer.eax, answer.ebx, answer.ecx, answer.edx };
		if (words[table[i].word] & 1u << table[i].bit)
			found |= FEATURE_BIT(i);
	}
	/* Leaf 0xd means nothing without XSAVE. */
	if (!(found & FEATURE_BIT(FEATURE_XSAVE)))
		found &= ~(FEATURE_BIT(FEATURE_XSAVEOPT) | FEATURE_BIT(FEATURE_AVX) |
			   FEATURE_BIT(FEATURE_AVX512));
	return found;
}

static size_t append(char *text, size_t at, size_t size, const char *more)
{
	while (*more && at + 1 < size)
		text[at++] = *more++;
	text[at] = '\0';
	return at;
}

void features_list(features which, char *text, size_t size)
{
	size_t at = append(text, 0, size, "");

	for (unsigned int i = 0; i < FEATURES; i++) {
		if (!(which & FEATURE_BIT(i)))
			continue;
		at = append(text, at, size, at ? ", " : "");
		at = append(text, at, size, table[i].name);
	}
}
