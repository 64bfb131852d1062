/* SPDX-License-Identifier: MIT */
/* A processor of a test: the CPUID answers that it gives, all others as real ones do. */
#ifndef CPUID_TABLE_H
#define CPUID_TABLE_H

#include "arch/features.h"

struct cpuid_row {
	uint32_t leaf, subleaf;
	struct cpuid answer;
};

static const struct cpuid_row *cpuid_rows;
static size_t cpuid_count;

/* Beyond the highest basic leaf Intel's answer as for that one (SDM 2A, CPUID). */
static struct cpuid cpuid_table(uint32_t leaf, uint32_t subleaf)
{
	const struct cpuid_row *highest = cpuid_rows;

	for (size_t i = 0; i < cpuid_count; i++) {
		if (cpuid_rows[i].leaf == leaf && cpuid_rows[i].subleaf == subleaf)
			return cpuid_rows[i].answer;
		if (cpuid_rows[i].leaf < 0x80000000 && cpuid_rows[i].leaf > highest->leaf)
			highest = &cpuid_rows[i];
	}
	if (leaf > cpuid_rows[0].answer.eax && leaf < 0x80000000)
		return highest->answer;
	return (struct cpuid){ 0 };
}

/* The first row is leaf 0. */
#define CPUID_USE(rows) (cpuid_rows = (rows), cpuid_count = sizeof(rows) / sizeof((rows)[0]))

#define INTEL 0x756e6547, 0x6c65746e, 0x49656e69
#define AMD 0x68747541, 0x444d4163, 0x69746e65

#endif
