/* SPDX-License-Identifier: MIT */
/*
 * Speculation (SDM 4, IA32_SPEC_CTRL and IA32_PRED_CMD; APM 2, 3.2.9). Whether retpolines would be
 * needed is not asked: processors that neither keep modes apart by themselves nor by a bit are
 * warned of.
 */
#include "arch/speculation.h"

#include "arch/frame.h"
#include "arch/instructions.h"
#include "debug/log.h"

#define MSR_SPEC_CTRL 0x48
#define MSR_PRED_CMD 0x49
#define SPEC_CTRL_IBRS 0x1
#define PRED_CMD_IBPB 0x1
#define EFER_AUTOMATIC_IBRS (1u << 21)

/* CPUID 7, EDX. */
#define MD_CLEAR (1u << 10)
#define IBRS_IBPB (1u << 26)
#define ARCH_CAPABILITIES (1u << 29)
/* CPUID 0x80000008, EBX; 0x80000021, EAX. */
#define AMD_IBPB (1u << 12)
#define AMD_AUTOMATIC_IBRS (1u << 8)
/* MSR_ARCH_CAPABILITIES. */
#define RDCL_NO 0x1
#define IBRS_ALL 0x2
#define MDS_NO 0x20

bool domain_barriers;
static bool x87_pointers_stay, predictor_barrier, clear_buffers, enhanced_ibrs, automatic_ibrs;

static void detect_intel(uint32_t features)
{
	uint64_t capabilities = 0;

	if (features & ARCH_CAPABILITIES)
		capabilities = msr_read(MSR_ARCH_CAPABILITIES);
	enhanced_ibrs = (features & IBRS_IBPB) && (capabilities & IBRS_ALL);
	clear_buffers = (features & MD_CLEAR) && !(capabilities & MDS_NO);
	if (!(capabilities & RDCL_NO))
		log_print("warning: processor open to Meltdown: programs can read all memory\n");
	if (!(capabilities & MDS_NO) && !clear_buffers)
		log_print("warning: processor open to MDS: components may spy on each other\n");
}

void speculation_detect(void)
{
	bool intel = cpuid(0, 0).ebx == 0x756e6547; /* "Genu"ineIntel */
	uint32_t features = cpuid(7, 0).edx, extended = cpuid(0x80000000, 0).eax;

	predictor_barrier = features & IBRS_IBPB;
	if (extended >= 0x80000008 && (cpuid(0x80000008, 0).ebx & AMD_IBPB))
		predictor_barrier = true;
	automatic_ibrs = extended >= 0x80000021 && (cpuid(0x80000021, 0).eax & AMD_AUTOMATIC_IBRS);
	if (intel)
		detect_intel(features);
	if (!predictor_barrier || (!enhanced_ibrs && !automatic_ibrs))
		log_print("warning: processor open to Spectre 2: programs may read memory by its "
			  "branch prediction\n");
	domain_barriers = predictor_barrier || clear_buffers || x87_pointers_stay;
}

void speculation_init_cpu(void)
{
	if (enhanced_ibrs)
		msr_write(MSR_SPEC_CTRL, SPEC_CTRL_IBRS);
	if (automatic_ibrs)
		msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_AUTOMATIC_IBRS);
}

/*
 * AMD saves and loads the addresses of the last x87 instruction and of its operand only while an
 * exception waits (APM 2, 11.4.4.3; XSaveErPtr says where that is no longer so). An instruction
 * of ours takes their place.
 */
static void x87_pointers_clear(void)
{
	static const int32_t zero;

	__asm__ volatile("fnclex; emms; fildl %0" : : "m"(zero));
}

void domain_leave(void)
{
	const uint16_t selector = KERNEL_SS;

	if (x87_pointers_stay)
		x87_pointers_clear();
	if (predictor_barrier)
		msr_write(MSR_PRED_CMD, PRED_CMD_IBPB);
	/* VERW overwrites the buffers besides its work, where MD_CLEAR says so. */
	if (clear_buffers)
		__asm__ volatile("verw %0" : : "m"(selector) : "cc");
}
