// SPDX-License-Identifier: MIT
/* What processors have and lack, by the CPUID values of some. */
#include "test.h"

#include "cpuid_table.h"

static void expect_missing(const char *expected)
{
	char names[160];

	features_list(FEATURES_ALL_REQUIRED & ~features_found(cpuid_table), names, sizeof(names));
	assert_string_equal(names, expected);
}

/* Highest leaf 0xb, whose answer has bits where others have FSGSBASE and XSAVEOPT. */
static void nehalem(void **state)
{
	static const struct cpuid_row rows[] = {
		{ 0, 0, { 0xb, INTEL } },
		{ 1, 0, { 0x106a5, 0x800, 0x009ce3bd, 0xbfebfbff } },
		{ 0xb, 0, { 1, 2, 0x100, 0 } },
		{ 0xb, 1, { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff } },
		{ 0x80000000, 0, { 0x80000008, 0, 0, 0 } },
		{ 0x80000001, 0, { 0, 0, 1, 0x28100800 } },
	};

	(void)state;
	CPUID_USE(rows);
	expect_missing("FSGSBASE, XSAVE");
	assert_false(features_found(cpuid_table) & FEATURE_BIT(FEATURE_XSAVEOPT));
	assert_false(features_found(cpuid_table) & FEATURE_BIT(FEATURE_AVX));
}

/* XSAVE, but no leaf that says what it saves; or one that says nothing. */
static void xsave_without_states(void **state)
{
	static const struct cpuid_row no_leaf[] = {
		{ 0, 0, { 0xb, INTEL } },
		{ 1, 0, { 0x106a5, 0x800, 0x049ce3bd, 0xbfebfbff } },
		{ 7, 0, { 0, 1, 0, 0 } },
		{ 0xd, 0, { 3, 0x240, 0x240, 0 } },
		{ 0x80000000, 0, { 0x80000008, 0, 0, 0 } },
		{ 0x80000001, 0, { 0, 0, 1, 0x28100800 } },
	};
	static const struct cpuid_row no_states[] = {
		{ 0, 0, { 0xd, INTEL } },
		{ 1, 0, { 0x106a5, 0x800, 0x049ce3bd, 0xbfebfbff } },
		{ 7, 0, { 0, 1, 0, 0 } },
		{ 0xd, 0, { 1, 0x240, 0x240, 0 } },
		{ 0x80000000, 0, { 0x80000008, 0, 0, 0 } },
		{ 0x80000001, 0, { 0, 0, 1, 0x28100800 } },
	};

	(void)state;
	CPUID_USE(no_leaf);
	expect_missing("XSAVE");
	CPUID_USE(no_states);
	expect_missing("XSAVE");
}

/* As QEMU's qemu64: leaves up to 0xd, mostly 0. */
static void qemu64(void **state)
{
	static const struct cpuid_row rows[] = {
		{ 0, 0, { 0xd, AMD } },
		{ 1, 0, { 0x60fb1, 0x800, 0x80002001, 0x078bfbfd } },
		{ 0x80000000, 0, { 0x8000000a, AMD } },
		{ 0x80000001, 0, { 0, 0, 0, 0x20100800 } },
	};

	(void)state;
	CPUID_USE(rows);
	expect_missing("FSGSBASE, XSAVE");
}

static void no_extended_leaves(void **state)
{
	static const struct cpuid_row rows[] = { { 0, 0, { 1, INTEL } } };

	(void)state;
	CPUID_USE(rows);
	expect_missing("TSC, APIC, PGE, PAT, SYSCALL, NX, FSGSBASE, XSAVE");
}

static void skylake(void **state)
{
	static const struct cpuid_row rows[] = {
		{ 0, 0, { 0x16, INTEL } },
		{ 1, 0, { 0x506e3, 0x800, 0x7ffafbff, 0xbfebfbff } },
		{ 7, 0, { 0, 0x029c6fbf, 0, 0x9c000000 } },
		{ 0xd, 0, { 0x1f, 0x440, 0x440, 0 } },
		{ 0xd, 1, { 0xf, 0x440, 0x100, 0 } },
		{ 0x80000000, 0, { 0x80000008, 0, 0, 0 } },
		{ 0x80000001, 0, { 0, 0, 0x121, 0x2c100800 } },
	};
	char names[160];

	(void)state;
	CPUID_USE(rows);
	expect_missing("");
	features_list(features_found(cpuid_table) & ~FEATURES_ALL_REQUIRED, names, sizeof(names));
	assert_string_equal(names, "PCID, INVPCID, x2APIC, TSC-deadline, SMEP, SMAP, 1G-pages, "
				   "XSAVEOPT, AVX, RDTSCP");
}

static void long_lists_are_cut(void **state)
{
	char names[8];

	(void)state;
	features_list(~(features)0 & (FEATURE_BIT(FEATURES) - 1), names, sizeof(names));
	assert_string_equal(names, "TSC, AP");
}

TEST_MAIN(TEST(nehalem), TEST(xsave_without_states), TEST(qemu64), TEST(no_extended_leaves),
	  TEST(skylake), TEST(long_lists_are_cut))
