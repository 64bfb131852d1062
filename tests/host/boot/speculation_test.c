// SPDX-License-Identifier: MIT
/* What is done about speculation, and what is called open, on processors made up of CPUID values.
 */
#include "test.h"

#include "arch/speculation.h"
#include "cpuid_table.h"

#define OPEN(kind) (1u << SPECULATION_##kind)

#define RTM (1u << 11)
#define MD_CLEAR (1u << 10)
#define IBPB (1u << 26)
#define L1D_FLUSH (1u << 28)
#define HAS_CAPABILITIES (1u << 29)
#define RDCL_NO (1ull << 0)
#define IBRS_ALL (1ull << 1)
#define MDS_NO (1ull << 5)
#define TSX_CTRL (1ull << 7)
#define TAA_NO (1ull << 8)
#define MMIO_NO (7ull << 13)
#define FB_CLEAR (1ull << 17)
#define BHI_NO (1ull << 20)
#define GDS_CTRL (1ull << 25)
#define GDS_NO (1ull << 26)
#define RFDS_NO (1ull << 27)
#define RFDS_CLEAR (1ull << 28)
#define CONTROL_IBRS 1u
#define CONTROL_BHI 0x400u

/* Nothing is wrong with it. */
#define PERFECT (RDCL_NO | IBRS_ALL | MDS_NO | TAA_NO | MMIO_NO | BHI_NO | GDS_NO | RFDS_NO)

static struct speculation_plan intel(uint32_t ebx, uint32_t edx, uint32_t history,
				     uint64_t capabilities)
{
	struct cpuid_row rows[] = {
		{ 0, 0, { 0x20, INTEL } },	     { 7, 0, { 2, ebx, 0, edx } },
		{ 7, 2, { 0, 0, 0, history } },	     { 0x80000000, 0, { 0x80000008, 0, 0, 0 } },
		{ 0x80000008, 0, { 0, ~0u, 0, 0 } },
	};

	CPUID_USE(rows);
	assert_int_equal(speculation_has_capabilities(cpuid_table), !!(edx & HAS_CAPABILITIES));
	return speculation_decide(cpuid_table, capabilities);
}

static struct speculation_plan amd(uint32_t family, uint32_t ebx, uint32_t eax, uint32_t ecx)
{
	struct cpuid_row rows[] = {
		{ 0, 0, { 0x10, AMD } },
		{ 1, 0, { 0xf00 | (family - 0xf) << 20, 0, 0, 0 } },
		{ 0x80000000, 0, { 0x80000021, AMD } },
		{ 0x80000008, 0, { 0, ebx, 0, 0 } },
		{ 0x80000021, 0, { eax, 0, ecx, 0 } },
	};

	CPUID_USE(rows);
	return speculation_decide(cpuid_table, 0);
}

static void nothing_known(void **state)
{
	struct speculation_plan plan = intel(0, 0, 0, 0);

	(void)state;
	assert_int_equal(plan.control, 0);
	assert_false(plan.predictor_barrier || plan.clear_buffers || plan.automatic_ibrs);
	assert_int_equal(plan.open, OPEN(MELTDOWN) | OPEN(BRANCHES) | OPEN(BRANCHES_BETWEEN) |
					    OPEN(HISTORY) | OPEN(MDS) | OPEN(MMIO) | OPEN(RFDS) |
					    OPEN(GDS));
}

static void perfect(void **state)
{
	struct speculation_plan plan = intel(0, IBPB | HAS_CAPABILITIES | MD_CLEAR, 0, PERFECT);

	(void)state;
	assert_int_equal(plan.control, CONTROL_IBRS);
	assert_true(plan.predictor_barrier);
	assert_false(plan.clear_buffers);
	/* BHI_NO without the bit that forbids it. */
	assert_int_equal(plan.open, 0);
}

/* Cascade Lake: MDS_NO, but TSX, and fill buffers that VERW clears. */
static void mds_no_is_not_all(void **state)
{
	const uint64_t older = PERFECT & ~(TAA_NO | MMIO_NO), known = older | TSX_CTRL;

	(void)state;
	/* Microcode from before TAA was known: with MDS_NO, VERW overwrites nothing. */
	assert_false(intel(RTM, IBPB | MD_CLEAR, 0, older | MMIO_NO).clear_buffers);
	assert_int_equal(intel(RTM, IBPB | MD_CLEAR, 0, older | MMIO_NO).open, OPEN(TAA));
	assert_true(intel(RTM, IBPB | MD_CLEAR, 0, known | MMIO_NO).clear_buffers);
	assert_int_equal(intel(RTM, IBPB | MD_CLEAR, 0, known | MMIO_NO).open, 0);
	assert_false(intel(0, IBPB | MD_CLEAR, 0, known | MMIO_NO).clear_buffers);
	assert_int_equal(intel(RTM, IBPB, 0, known | MMIO_NO).open, OPEN(TAA));

	assert_true(intel(0, IBPB | MD_CLEAR, 0, known | FB_CLEAR).clear_buffers);
	assert_int_equal(intel(0, IBPB | MD_CLEAR, 0, known | FB_CLEAR).open, 0);
	assert_false(intel(0, IBPB | MD_CLEAR, 0, known).clear_buffers);
	assert_int_equal(intel(0, IBPB | MD_CLEAR, 0, known).open, OPEN(MMIO));
	/* One of three is not enough. */
	assert_int_equal(intel(0, IBPB | MD_CLEAR, 0, known | 1ull << 13).open, OPEN(MMIO));
}

/* Skylake: open to MDS, VERW clears all. */
static void mds(void **state)
{
	struct speculation_plan plan = intel(RTM, IBPB | MD_CLEAR | L1D_FLUSH | HAS_CAPABILITIES, 0,
					     RFDS_NO | GDS_CTRL | BHI_NO);

	(void)state;
	assert_true(plan.clear_buffers && plan.predictor_barrier);
	assert_int_equal(plan.control, 0);
	assert_int_equal(plan.open, OPEN(MELTDOWN) | OPEN(BRANCHES));
	/* Fill buffers need L1D_FLUSH beside it. */
	plan = intel(RTM, IBPB | MD_CLEAR | HAS_CAPABILITIES, 0, RFDS_NO | GDS_CTRL | BHI_NO);
	assert_int_equal(plan.open, OPEN(MELTDOWN) | OPEN(BRANCHES) | OPEN(MMIO));
	plan = intel(RTM, IBPB | HAS_CAPABILITIES, 0, RFDS_NO | GDS_CTRL | BHI_NO);
	assert_int_equal(plan.open,
			 OPEN(MELTDOWN) | OPEN(BRANCHES) | OPEN(MDS) | OPEN(TAA) | OPEN(MMIO));
}

static void register_files(void **state)
{
	(void)state;
	assert_true(intel(0, IBPB, 0, (PERFECT & ~RFDS_NO) | RFDS_CLEAR).clear_buffers);
	assert_int_equal(intel(0, IBPB, 0, (PERFECT & ~RFDS_NO) | RFDS_CLEAR).open, 0);
	assert_int_equal(intel(0, IBPB, 0, PERFECT & ~RFDS_NO).open, OPEN(RFDS));
	assert_false(intel(0, IBPB, 0, PERFECT | RFDS_CLEAR).clear_buffers);
}

static void branch_history(void **state)
{
	(void)state;
	assert_int_equal(intel(0, IBPB, 0x10, PERFECT & ~BHI_NO).control,
			 CONTROL_IBRS | CONTROL_BHI);
	assert_int_equal(intel(0, IBPB, 0x10, PERFECT & ~BHI_NO).open, 0);
	assert_int_equal(intel(0, IBPB, 0, PERFECT & ~BHI_NO).open, OPEN(HISTORY));
	/* The bit lies in the register that only enhanced IBRS makes worth writing once. */
	assert_int_equal(intel(0, IBPB, 0x10, PERFECT & ~(BHI_NO | IBRS_ALL)).control, 0);
	assert_int_equal(intel(0, IBPB, 0x10, PERFECT & ~(BHI_NO | IBRS_ALL)).open,
			 OPEN(HISTORY) | OPEN(BRANCHES));
	assert_int_equal(intel(0, 0, 0x10, PERFECT).open, OPEN(BRANCHES) | OPEN(BRANCHES_BETWEEN));
}

static void gathering(void **state)
{
	(void)state;
	assert_int_equal(intel(0, IBPB, 0, (PERFECT & ~GDS_NO) | GDS_CTRL).open, 0);
	assert_int_equal(intel(0, IBPB, 0, PERFECT & ~GDS_NO).open, OPEN(GDS));
}

#define AMD_IBPB (1u << 12)
#define VERW_CLEAR (1u << 5)
#define AUTOMATIC_IBRS (1u << 8)
#define BRTYPE (1u << 28)
#define SRSO_NO (1u << 29)
#define SRSO_USER_KERNEL_NO (1u << 30)
#define TSA_NO 6u

static void amd_generations(void **state)
{
	struct speculation_plan zen2 = amd(0x17, AMD_IBPB, 0, 0);
	struct speculation_plan zen4 = amd(0x19, AMD_IBPB, AUTOMATIC_IBRS | BRTYPE | VERW_CLEAR, 0);
	struct speculation_plan zen5 = amd(0x1a, AMD_IBPB, AUTOMATIC_IBRS | SRSO_USER_KERNEL_NO, 0);

	(void)state;
	assert_int_equal(zen2.open, OPEN(BRANCHES) | OPEN(RETURNS));
	assert_true(zen2.predictor_barrier);
	assert_false(zen2.clear_buffers);
	assert_int_equal(zen4.open, OPEN(RETURNS));
	assert_true(zen4.automatic_ibrs && zen4.clear_buffers && zen4.predictor_barrier);
	assert_int_equal(zen4.control, 0);
	assert_int_equal(zen5.open, 0);
	assert_false(zen5.clear_buffers);
}

static void amd_without_microcode(void **state)
{
	(void)state;
	assert_int_equal(amd(0x19, AMD_IBPB, AUTOMATIC_IBRS, 0).open,
			 OPEN(RETURNS) | OPEN(TSA) | OPEN(BRANCHES_BETWEEN));
	assert_int_equal(amd(0x19, AMD_IBPB, AUTOMATIC_IBRS | SRSO_NO, TSA_NO).open, 0);
	assert_int_equal(amd(0x19, AMD_IBPB, AUTOMATIC_IBRS | SRSO_NO, 2).open, OPEN(TSA));
	assert_int_equal(amd(0x17, 0, 0, 0).open,
			 OPEN(BRANCHES) | OPEN(RETURNS) | OPEN(BRANCHES_BETWEEN));
}

static void names(void **state)
{
	(void)state;
	for (unsigned int kind = 0; kind < SPECULATION_KINDS; kind++)
		assert_non_null(speculation_name((enum speculation_open)kind));
}

TEST_MAIN(TEST(nothing_known), TEST(perfect), TEST(mds_no_is_not_all), TEST(mds),
	  TEST(register_files), TEST(branch_history), TEST(gathering), TEST(amd_generations),
	  TEST(amd_without_microcode), TEST(names))
