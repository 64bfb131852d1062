// SPDX-License-Identifier: MIT
/* Which features a processor has, and what they are called. No state: tests bring CPUID values. */
#include "arch/features.h"

#define EXTENDED 0x80000000u

enum word { EAX, EBX, ECX, EDX };

#define FEATURE_ROW(id, name, leaf, subleaf, word, bit) { name, leaf, subleaf, word, bit },
static const struct {
	const char *name;
	uint32_t leaf;
	uint8_t subleaf, word, bit;
} table[FEATURES] = { FEATURES_REQUIRED(FEATURE_ROW) FEATURES_OPTIONAL(FEATURE_ROW) };
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
	/* Nor is it of use without leaf 0xd, or if that has no x87 and SSE state (SDM 1, 13.2). */
	if (!leaf_exists(source, 0xd) || (source(0xd, 0).eax & XCR0_X87_SSE) != XCR0_X87_SSE)
		found &= ~FEATURE_BIT(FEATURE_XSAVE);
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
