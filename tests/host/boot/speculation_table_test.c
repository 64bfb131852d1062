// SPDX-License-Identifier: MIT
/*
 * The table of docs/architecture.md, "Speculation", row by row: what is called open, and when the
 * buffers are overwritten, on processors with every combination of the bits that a row names.
 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "arch/speculation.h"
#include "cpuid_table.h"

#define HYGON 0x6f677948, 0x656e6975, 0x6e65476e
#define ZHAOXIN 0x68532020, 0x20206961, 0x68676e61

/* A processor, bit by bit as the rows name them. */
enum bit {
	/* Intel: what leads to VERW */
	TSX,
	MD_CLEAR,
	L1D_FLUSH,
	MDS_NO,
	TSX_CTRL,
	TAA_NO,
	SBDR_SSDP_NO,
	FBSDP_NO,
	PSDP_NO,
	FB_CLEAR,
	RFDS_NO,
	RFDS_CLEAR,
	/* Intel: predictors and the rest */
	IBRS_IBPB,
	BHI_DIS_S,
	RDCL_NO,
	IBRS_ALL,
	BHI_NO,
	GDS_CTRL,
	GDS_NO,
	/* AMD */
	IBPB,
	AUTOMATIC_IBRS,
	VERW_CLEAR,
	IBPB_BRTYPE,
	SRSO_NO,
	SRSO_USER_KERNEL_NO,
	TSA_SQ_NO,
	TSA_L1_NO,
}; /* clang-format off */
#define FIRST_INTEL TSX
#define FIRST_PREDICTOR IBRS_IBPB
#define FIRST_AMD IBPB
#define BITS (TSA_L1_NO + 1)

static struct { uint32_t leaf, subleaf; int word, bit; } const places[BITS] = {
	[TSX] = { 7, 0, 1, 11 }, [MD_CLEAR] = { 7, 0, 3, 10 }, [L1D_FLUSH] = { 7, 0, 3, 28 },
	[IBRS_IBPB] = { 7, 0, 3, 26 }, [BHI_DIS_S] = { 7, 2, 3, 4 },
	[IBPB] = { 0x80000008, 0, 1, 12 }, [VERW_CLEAR] = { 0x80000021, 0, 0, 5 },
	[AUTOMATIC_IBRS] = { 0x80000021, 0, 0, 8 }, [IBPB_BRTYPE] = { 0x80000021, 0, 0, 28 },
	[SRSO_NO] = { 0x80000021, 0, 0, 29 }, [SRSO_USER_KERNEL_NO] = { 0x80000021, 0, 0, 30 },
	[TSA_SQ_NO] = { 0x80000021, 0, 2, 1 }, [TSA_L1_NO] = { 0x80000021, 0, 2, 2 },
	/* IA32_ARCH_CAPABILITIES */
	[RDCL_NO] = { 0, 0, 4, 0 }, [IBRS_ALL] = { 0, 0, 4, 1 }, [MDS_NO] = { 0, 0, 4, 5 },
	[TSX_CTRL] = { 0, 0, 4, 7 }, [TAA_NO] = { 0, 0, 4, 8 }, [SBDR_SSDP_NO] = { 0, 0, 4, 13 },
	[FBSDP_NO] = { 0, 0, 4, 14 }, [PSDP_NO] = { 0, 0, 4, 15 }, [FB_CLEAR] = { 0, 0, 4, 17 },
	[BHI_NO] = { 0, 0, 4, 20 }, [GDS_CTRL] = { 0, 0, 4, 25 }, [GDS_NO] = { 0, 0, 4, 26 },
	[RFDS_NO] = { 0, 0, 4, 27 }, [RFDS_CLEAR] = { 0, 0, 4, 28 },
};
/* clang-format on */

static uint32_t given;	    /* bits by enum bit */
static unsigned int family; /* of AMD and Hygon; 0: another vendor */

static bool has(enum bit bit)
{
	return given & 1u << bit;
}

static bool zen3_or_4(void)
{
	return family == 0x19;
}

static bool zen_to_zen4(void)
{
	return family == 0x17 || family == 0x18 || family == 0x19;
}

static bool all_mmio(void)
{
	return has(SBDR_SSDP_NO) && has(FBSDP_NO) && has(PSDP_NO);
}

static bool verw_helps_mmio(void)
{
	return has(FB_CLEAR) || (has(MD_CLEAR) && has(L1D_FLUSH) && !has(MDS_NO));
}

static bool tsa(void)
{
	return zen3_or_4() && !(has(TSA_SQ_NO) && has(TSA_L1_NO));
}

#define OTHER (!family) /* neither AMD nor Hygon */

static bool open_meltdown(void)
{
	return OTHER && !has(RDCL_NO);
}
static bool open_kernel(void)
{
	return OTHER ? !(has(IBRS_IBPB) && has(IBRS_ALL)) : !has(AUTOMATIC_IBRS);
}
static bool open_between(void)
{
	return OTHER ? !has(IBRS_IBPB) :
		       !has(IBPB) || (zen3_or_4() && !has(IBPB_BRTYPE) && !has(SRSO_NO));
}
static bool open_history(void)
{
	return OTHER && !has(BHI_NO) && !(has(BHI_DIS_S) && !open_kernel());
}
static bool open_returns(void)
{
	return zen_to_zen4() && !has(SRSO_NO) && !has(SRSO_USER_KERNEL_NO);
}
static bool open_mds(void)
{
	return OTHER && !has(MD_CLEAR) && !has(MDS_NO);
}
static bool open_taa(void)
{
	return OTHER && has(TSX) && !has(TAA_NO) &&
	       (!has(MD_CLEAR) || (has(MDS_NO) && !has(TSX_CTRL)));
}
static bool open_mmio(void)
{
	return OTHER && !verw_helps_mmio() && !all_mmio();
}
static bool open_rfds(void)
{
	return OTHER && !has(RFDS_CLEAR) && !has(RFDS_NO);
}
static bool open_gds(void)
{
	return OTHER && !has(GDS_CTRL) && !has(GDS_NO);
}
static bool open_tsa(void)
{
	return tsa() && !has(VERW_CLEAR);
}

static const struct row {
	enum speculation_open kind;
	const char *fault, *sentence; /* first and last column */
	bool (*open)(void);
} rows[] = {
	{ SPECULATION_MELTDOWN, "Meltdown", "without it, against all memory; AMD's never",
	  open_meltdown },
	{ SPECULATION_BRANCHES, "Spectre 2, kernel", "all others", open_kernel },
	{ SPECULATION_BRANCHES_BETWEEN, "Spectre 2, between PDs",
	  "without IBPB; Zen 3 and 4 without the microcode of IBPB_BRTYPE", open_between },
	{ SPECULATION_HISTORY, "BHI", "without that bit and without BHI_NO", open_history },
	{ SPECULATION_RETURNS, "SRSO (Inception), kernel",
	  "Zen to Zen 4 and Hygon's, unless SRSO_NO or SRSO_USER_KERNEL_NO", open_returns },
	{ SPECULATION_MDS, "MDS", "without MD_CLEAR and without MDS_NO", open_mds },
	{ SPECULATION_TAA, "TAA",
	  "with TSX and without TAA_NO: without MD_CLEAR, or with MDS_NO and without TSX_CTRL",
	  open_taa },
	{ SPECULATION_MMIO, "MMIO stale data", "without that, unless all three NO bits are set",
	  open_mmio },
	{ SPECULATION_RFDS, "RFDS", "where neither RFDS_CLEAR nor RFDS_NO is told", open_rfds },
	{ SPECULATION_TSA, "TSA", "Zen 3 and 4 without it, unless both NO bits are set", open_tsa },
	{ SPECULATION_GDS, "GDS (Downfall)", "without GDS_CTRL and without GDS_NO", open_gds },
};

static bool cleared(void)
{
	bool mds = !has(MDS_NO) && has(MD_CLEAR), taa = has(TSX) && !has(TAA_NO) && !open_taa();

	if (!OTHER)
		return tsa() && has(VERW_CLEAR);
	return mds || taa || (!all_mmio() && verw_helps_mmio()) ||
	       (has(RFDS_CLEAR) && !has(RFDS_NO));
}

static uint64_t word_of(uint32_t leaf, uint32_t subleaf, int word)
{
	uint64_t value = 0;

	for (unsigned int bit = 0; bit < BITS; bit++)
		if (has((enum bit)bit) && places[bit].leaf == leaf &&
		    places[bit].subleaf == subleaf && places[bit].word == word)
			value |= 1ull << places[bit].bit;
	return value;
}

static struct cpuid answer(uint32_t leaf, uint32_t subleaf)
{
	return (struct cpuid){ (uint32_t)word_of(leaf, subleaf, 0),
			       (uint32_t)word_of(leaf, subleaf, 1),
			       (uint32_t)word_of(leaf, subleaf, 2),
			       (uint32_t)word_of(leaf, subleaf, 3) };
}

static void compare(const struct cpuid *vendor)
{
	struct cpuid_row table[] = {
		{ 0, 0, *vendor },
		{ 1, 0, { 0xf00 | (family - 0xf) << 20, 0, 0, 0 } },
		{ 7, 0, answer(7, 0) },
		{ 7, 2, answer(7, 2) },
		{ 0x80000000, 0, { 0x80000021, 0, 0, 0 } },
		{ 0x80000008, 0, answer(0x80000008, 0) },
		{ 0x80000021, 0, answer(0x80000021, 0) },
	};
	struct speculation_plan plan;

	table[2].answer.eax = 2;
	CPUID_USE(table);
	plan = speculation_decide(cpuid_table, word_of(0, 0, 4));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!!(plan.open & 1u << rows[i].kind) != rows[i].open())
			fail_msg("%s: bits %#x, family %#x", rows[i].fault, given, family);
	if (plan.clear_buffers != cleared())
		fail_msg("VERW: bits %#x, family %#x", given, family);
}

static void each(const struct cpuid *vendor, enum bit from, unsigned int to)
{
	for (uint32_t bits = 0; bits < 1u << (to - from); bits++) {
		given = bits << from;
		compare(vendor);
	}
}

static void intel_and_others(void **state)
{
	(void)state;
	family = 0;
	each(&(struct cpuid){ 0x20, INTEL }, FIRST_INTEL, FIRST_PREDICTOR);
	each(&(struct cpuid){ 0x20, INTEL }, FIRST_PREDICTOR, FIRST_AMD);
	each(&(struct cpuid){ 0x20, ZHAOXIN }, FIRST_PREDICTOR, FIRST_AMD);
}

static void amd_and_hygon(void **state)
{
	(void)state;
	for (family = 0x15; family <= 0x1a; family++)
		each(&(struct cpuid){ 0x10, AMD }, FIRST_AMD, BITS);
	family = 0x18;
	each(&(struct cpuid){ 0x10, HYGON }, FIRST_AMD, BITS);
}

/* The page says the same, word by word, of each kind there is. */
static void page(void **state)
{
	FILE *file = fopen("docs/architecture.md", "r");
	uint32_t found = 0;
	char line[400];

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			char begins[80], ends[200];

			snprintf(begins, sizeof(begins), "| %s | ", rows[i].fault);
			snprintf(ends, sizeof(ends), " | %s |\n", rows[i].sentence);
			if (strncmp(line, begins, strlen(begins)) || strlen(line) < strlen(ends))
				continue;
			assert_string_equal(line + strlen(line) - strlen(ends), ends);
			found |= 1u << rows[i].kind;
		}
	fclose(file);
	assert_int_equal(found, (1u << SPECULATION_KINDS) - 1);
}

TEST_MAIN(TEST(intel_and_others), TEST(amd_and_hygon), TEST(page))
