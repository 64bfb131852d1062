// SPDX-License-Identifier: MIT
/*
 * Which speculation faults a processor has and which of them the kernel can close (SDM 4,
 * IA32_SPEC_CTRL and IA32_ARCH_CAPABILITIES; APM 2, 3.2.9 and APM 3, E.4). Where a processor says
 * neither that it is open nor that it is not, it is taken to be open. No state: tests bring CPUID
 * values.
 */
#include "arch/speculation.h"

#define BIT(n) (1ull << (n))

/* CPUID 7.0: EBX, EDX. 7.2: EDX. */
#define RTM BIT(11)
#define MD_CLEAR BIT(10)
#define IBRS_IBPB BIT(26)
#define L1D_FLUSH BIT(28)
#define ARCH_CAPABILITIES BIT(29)
#define BHI_CTRL BIT(4)
/* CPUID 0x80000008: EBX. */
#define AMD_IBPB BIT(12)
/* CPUID 0x80000021: EAX, ECX. */
#define VERW_CLEAR BIT(5)
#define AUTOMATIC_IBRS BIT(8)
#define IBPB_BRTYPE BIT(28)
#define SRSO_NO BIT(29)
#define SRSO_USER_KERNEL_NO BIT(30)
#define TSA_SQ_NO BIT(1)
#define TSA_L1_NO BIT(2)
/* IA32_ARCH_CAPABILITIES. */
#define RDCL_NO BIT(0)
#define IBRS_ALL BIT(1)
#define MDS_NO BIT(5)
#define TSX_CTRL BIT(7)
#define TAA_NO BIT(8)
#define MMIO_NO (BIT(13) | BIT(14) | BIT(15)) /* SBDR_SSDP_NO, FBSDP_NO, PSDP_NO */
#define FB_CLEAR BIT(17)
#define BHI_NO BIT(20)
#define GDS_CTRL BIT(25)
#define GDS_NO BIT(26)
#define RFDS_NO BIT(27)
#define RFDS_CLEAR BIT(28)
/* IA32_SPEC_CTRL. */
#define CONTROL_IBRS BIT(0)
#define CONTROL_BHI_DIS_S BIT(10)

#define FAMILY_ZEN 0x17
#define FAMILY_DHYANA 0x18 /* Zen, by Hygon */
#define FAMILY_ZEN3 0x19

/* Answers of leaves that do not exist are 0. */
static struct cpuid ask(cpuid_source source, uint32_t leaf, uint32_t subleaf)
{
	uint32_t highest = source(leaf & 0x80000000u, 0).eax;

	/* Leaf 7 says in EAX how many subleaves it has. */
	if (highest < leaf || (leaf == 7 && source(7, 0).eax < subleaf))
		return (struct cpuid){ 0 };
	return source(leaf, subleaf);
}

bool speculation_has_capabilities(cpuid_source source)
{
	return ask(source, 7, 0).edx & ARCH_CAPABILITIES;
}

static void leave_open(struct speculation_plan *plan, bool open, enum speculation_open kind)
{
	if (open)
		plan->open |= 1u << kind;
}

/*
 * What VERW overwrites depends on microcode: MD_CLEAR all that MDS and TAA reach; FB_CLEAR the fill
 * buffers (MMIO stale data), which MD_CLEAR covers too where L1D_FLUSH is there; RFDS_CLEAR the
 * register files. With MDS_NO it overwrites nothing for MD_CLEAR alone: for TAA the microcode that
 * brought TSX_CTRL made it do so again.
 */
static void decide_buffers(struct speculation_plan *plan, cpuid_source source,
			   uint64_t capabilities)
{
	struct cpuid leaf = ask(source, 7, 0);
	bool md_clear = leaf.edx & MD_CLEAR;
	bool mds = !(capabilities & MDS_NO);
	bool taa = (leaf.ebx & RTM) && !(capabilities & TAA_NO);
	bool mmio = (capabilities & MMIO_NO) != MMIO_NO;
	bool tsx_cleared = md_clear && (mds || (capabilities & TSX_CTRL));
	bool fills_cleared =
		(capabilities & FB_CLEAR) || (md_clear && mds && (leaf.edx & L1D_FLUSH));
	/* Only some Atoms have it, and those know RFDS_CLEAR with the microcode that helps. */
	bool rfds = (capabilities & RFDS_CLEAR) && !(capabilities & RFDS_NO);

	plan->clear_buffers =
		(md_clear && mds) || (taa && tsx_cleared) || (mmio && fills_cleared) || rfds;
	leave_open(plan, mds && !md_clear, SPECULATION_MDS);
	leave_open(plan, taa && !tsx_cleared, SPECULATION_TAA);
	leave_open(plan, mmio && !fills_cleared, SPECULATION_MMIO);
	leave_open(plan, !(capabilities & (RFDS_NO | RFDS_CLEAR)), SPECULATION_RFDS);
}

static void decide_intel(struct speculation_plan *plan, cpuid_source source, uint64_t capabilities)
{
	bool enhanced = (ask(source, 7, 0).edx & IBRS_IBPB) && (capabilities & IBRS_ALL);
	bool history = ask(source, 7, 2).edx & BHI_CTRL;

	plan->predictor_barrier = ask(source, 7, 0).edx & IBRS_IBPB;
	if (enhanced)
		plan->control = CONTROL_IBRS | (history ? CONTROL_BHI_DIS_S : 0);
	decide_buffers(plan, source, capabilities);
	leave_open(plan, !(capabilities & RDCL_NO), SPECULATION_MELTDOWN);
	leave_open(plan, !enhanced, SPECULATION_BRANCHES);
	leave_open(plan, !(capabilities & BHI_NO) && !(enhanced && history), SPECULATION_HISTORY);
	leave_open(plan, !(capabilities & (GDS_NO | GDS_CTRL)), SPECULATION_GDS);
}

/* AuthenticAMD and HygonGenuine. */
static bool amd_or_hygon(cpuid_source source)
{
	uint32_t vendor = source(0, 0).ebx;

	return vendor == 0x68747541 || vendor == 0x6f677948;
}

static uint32_t family(cpuid_source source)
{
	uint32_t version = source(1, 0).eax, base = version >> 8 & 0xf;

	return base == 0xf ? base + (version >> 20 & 0xff) : base;
}

static void decide_amd(struct speculation_plan *plan, cpuid_source source)
{
	struct cpuid leaf = ask(source, 0x80000021, 0);
	uint32_t which = family(source);
	bool zen = which == FAMILY_ZEN || which == FAMILY_DHYANA || which == FAMILY_ZEN3;
	bool returns = zen && !(leaf.eax & (SRSO_NO | SRSO_USER_KERNEL_NO));
	bool tsa = which == FAMILY_ZEN3 && (~leaf.ecx & (TSA_SQ_NO | TSA_L1_NO));

	plan->predictor_barrier = ask(source, 0x80000008, 0).ebx & AMD_IBPB;
	plan->automatic_ibrs = leaf.eax & AUTOMATIC_IBRS;
	plan->clear_buffers = tsa && (leaf.eax & VERW_CLEAR);
	leave_open(plan, !plan->automatic_ibrs, SPECULATION_BRANCHES);
	leave_open(plan, returns, SPECULATION_RETURNS);
	leave_open(plan, tsa && !plan->clear_buffers, SPECULATION_TSA);
	/* There IBPB forgets returns only with this microcode. */
	leave_open(plan, which == FAMILY_ZEN3 && !(leaf.eax & (SRSO_NO | IBPB_BRTYPE)),
		   SPECULATION_BRANCHES_BETWEEN);
}

struct speculation_plan speculation_decide(cpuid_source source, uint64_t capabilities)
{
	struct speculation_plan plan = { 0 };
	if (amd_or_hygon(source))
		decide_amd(&plan, source);
	else /* others are taken to have what Intel's have */
		decide_intel(&plan, source, capabilities);
	leave_open(&plan, !plan.predictor_barrier, SPECULATION_BRANCHES_BETWEEN);
	return plan;
}

#define SPECULATION_NAME(id, name) name,

const char *speculation_name(enum speculation_open kind)
{
	static const char *const names[] = { SPECULATION_FAULTS(SPECULATION_NAME) };

	return names[kind];
}
