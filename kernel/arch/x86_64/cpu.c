// SPDX-License-Identifier: MIT
/* What the processor can do, and the control registers that make it do so. */
#include "arch/boot.h"
#include "arch/frame.h"
#include "arch/instructions.h"
#include "arch/machine.h"
#include "arch/speculation.h"
#include "core/string.h"
#include "debug/console.h"
#include "debug/log.h"

#define ADDRESS_BITS 52 /* of page-table entries */
#define XCR0_X87_SSE 0x3ull
#define XCR0_AVX 0x4ull
#define XCR0_AVX512 0xe0ull

/* Write back, write combining, uncached unless MTRRs say otherwise, uncached; twice. */
#define PAT_VALUE 0x0007010600070106ull

/* Flags that SYSCALL clears: TF IF DF IOPL NT RF VM AC. */
#define SYSCALL_FLAGS_CLEARED 0x77700ull

struct cpu_requirement {
	bool present;
	const char *name;
};

struct cpu_features cpu_features;
struct cpu cpus[CPU_MAX];
unsigned int cpu_count = 1;

/*
 * One line with all that is missing, then the end: whoever reads it has to look for another
 * machine, not for a fault.
 */
static void require(const struct cpu_requirement *needed, unsigned int count)
{
	bool complete = true;

	for (unsigned int i = 0; i < count; i++) {
		if (needed[i].present)
			continue;
		log_print("%s%s",
			  complete ? "Purlin cannot run on this processor: it lacks " : ", ",
			  needed[i].name);
		complete = false;
	}
	if (complete)
		return;
	log_print("\n");
	arch_halt();
}

/* The kernel's text is still writable (start.S), and no other processor runs it. */
static void access_off_enable(void)
{
	static const uint8_t clac[] = { 0x0f, 0x01, 0xca };

	for (uint8_t *const *site = access_off_sites; site < access_off_end; site++)
		memcpy(*site, clac, sizeof(clac));
}

static void detect_extended_state(void)
{
	struct cpuid main = cpuid(0xd, 0);
	uint64_t supported = main.eax | (uint64_t)main.edx << 32;

	cpu_features.xcr0 = supported & (XCR0_X87_SSE | XCR0_AVX);
	if (cpu_features.xcr0 & XCR0_AVX && (supported & XCR0_AVX512) == XCR0_AVX512)
		cpu_features.xcr0 |= XCR0_AVX512;
	cpu_features.xsaveopt = cpuid(0xd, 1).eax & 1;
}

/* Page tables must not hold addresses the processor does not have: bits it reserves would fault. */
static void reserve_unreachable(uint32_t extended_leaves)
{
	uint32_t bits = extended_leaves >= 0x80000008 ? cpuid(0x80000008, 0).eax & 0xff : 36;

	if (bits < ADDRESS_BITS)
		reserved_add(1ull << bits, (1ull << ADDRESS_BITS) - (1ull << bits));
}

static bool hypervisor(void)
{
	return cpuid(1, 0).ecx & (1u << 31);
}

void cpu_detect(void)
{
	uint32_t leaves = cpuid(0, 0).eax, extended_leaves = cpuid(0x80000000, 0).eax;
	struct cpuid basic = cpuid(1, 0), extended = cpuid(0x80000001, 0), features = { 0 };

	if (leaves >= 7)
		features = cpuid(7, 0);
	cpu_features.pcid = basic.ecx & (1u << 17) && features.ebx & (1u << 10);
	cpu_features.invpcid = features.ebx & (1u << 10);
	cpu_features.x2apic = basic.ecx & (1u << 21);
	cpu_features.tsc_deadline = basic.ecx & (1u << 24);
	cpu_features.xsave = basic.ecx & (1u << 26) && leaves >= 0xd;
	cpu_features.fsgsbase = features.ebx & (1u << 0);
	cpu_features.smep = features.ebx & (1u << 7);
	cpu_features.smap = features.ebx & (1u << 20);
	cpu_features.umip = features.ecx & (1u << 2);
	cpu_features.nx = extended.edx & (1u << 20);
	cpu_features.pages_1g = extended.edx & (1u << 26);

	const struct cpu_requirement needed[] = {
		{ cpu_features.nx, "NX" },
		{ extended.edx & (1u << 11), "SYSCALL" },
		{ cpu_features.fsgsbase, "FSGSBASE" },
		{ cpu_features.xsave, "XSAVE" },
		{ basic.edx & (1u << 4), "TSC" },
		{ basic.edx & (1u << 9), "APIC" },
	};

	require(needed, sizeof(needed) / sizeof(needed[0]));
	if (cpu_features.smap)
		access_off_enable();
	detect_extended_state();
	reserve_unreachable(extended_leaves);
}

void cpu_warn(void)
{
	uint32_t extended_leaves = cpuid(0x80000000, 0).eax;

	speculation_detect();
	if (!hypervisor() &&
	    (extended_leaves < 0x80000007 || !(cpuid(0x80000007, 0).edx & (1u << 8))))
		log_print("warning: time stamp counter changes with power states: clocks will "
			  "drift\n");
}

static uint64_t cr4_bits(void)
{
	uint64_t bits = CR4_PAE | CR4_MCE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_FSGSBASE |
			CR4_OSXSAVE;

	if (cpu_features.umip)
		bits |= CR4_UMIP;
	if (cpu_features.smep)
		bits |= CR4_SMEP;
	if (cpu_features.smap)
		bits |= CR4_SMAP;
	if (cpu_features.pcid)
		bits |= CR4_PCIDE;
	return bits;
}

void cpu_registers_init(void)
{
	msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_SCE | EFER_NXE);
	speculation_init_cpu();
	msr_write(MSR_PAT, PAT_VALUE);
	cr0_write(CR0_PG | CR0_AM | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE);
	/* CR3 bits 11..0 are zero here, as setting PCIDE demands. */
	cr4_write(cr4_bits());
	xcr0_write(cpu_features.xcr0);
	cpu_features.xsave_bytes = cpuid(0xd, 0).ebx;

	/* SYSRET adds 16 for CS and 8 for SS: USER_CS, USER_SS. */
	msr_write(MSR_STAR, (uint64_t)USER32_CS << 48 | (uint64_t)KERNEL_CS << 32);
	msr_write(MSR_LSTAR, (uint64_t)entry_syscall);
	msr_write(MSR_CSTAR, (uint64_t)entry_syscall); /* for 32-bit code, of which there is none */
	msr_write(MSR_FMASK, SYSCALL_FLAGS_CLEARED);
	msr_write(MSR_SYSENTER_CS, 0); /* SYSENTER faults */
	msr_write(MSR_FS_BASE, 0);
	msr_write(MSR_KERNEL_GS_BASE, 0);
}
