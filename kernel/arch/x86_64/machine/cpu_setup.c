// SPDX-License-Identifier: MIT
/* What the processor can do, and the control registers that make it do so. */
#include "arch/boot.h"
#include "arch/frame.h"
#include "arch/instructions.h"
#include "arch/machine.h"
#include "arch/speculation.h"
#include "base/string.h"
#include "debug/console.h"
#include "debug/log.h"

#define ADDRESS_BITS 52 /* of page-table entries */
#define XCR0_AVX 0x4ull
#define XCR0_AVX512 0xe0ull

/* Write back, write combining, uncached unless MTRRs say otherwise, uncached; twice. */
#define PAT_VALUE 0x0007010600070106ull

/* Flags that SYSCALL clears: TF IF DF IOPL NT RF VM AC. */
#define SYSCALL_FLAGS_CLEARED 0x77700ull

struct cpu_features cpu_features;
struct cpu cpus[CPU_MAX];
unsigned int cpu_count = 1;

static bool has(enum feature feature)
{
	return cpu_features.found & FEATURE_BIT(feature);
}

/* Whoever reads it has to look for another machine, not for a fault: no panic. */
_Noreturn void cpu_refuse(const struct cpu *cpu, features missing)
{
	char names[160];

	features_list(missing, names, sizeof(names));
	if (cpu->id == 0)
		log_print("Purlin cannot run on this processor: it lacks %s\n", names);
	else
		log_print(
			"Purlin cannot run on processor %u: it lacks %s, which the first one has\n",
			cpu->id, names);
	arch_halt();
}

features cpu_missing(void)
{
	/* Those that came up use all that the first one has. */
	return (cpu_features.found ? cpu_features.found : FEATURES_ALL_REQUIRED) &
	       ~features_found(cpuid);
}

/* XRSTOR loads the x87's pointers always, or Intel's does (APM 3, E.4.7: RstrFpErrPtrs). */
static bool fpu_pointers_stay(void)
{
	bool intel = cpuid(0, 0).ebx == 0x756e6547; /* "Genu"ineIntel */
	bool told = cpuid(0x80000000, 0).eax >= 0x80000008;

	return !intel && !(told && (cpuid(0x80000008, 0).ebx & (1u << 2)));
}

/* The kernel's text is still writable (start.S), and no other processor runs it. */
static void instructions_exchange(bool pointers_stay)
{
	static const uint8_t clac[] = { 0x0f, 0x01, 0xca }, fninit[] = { 0xdb, 0xe3 };

	for (uint8_t *const *site = access_off_sites; site < access_off_end; site++)
		if (has(FEATURE_SMAP))
			memcpy(*site, clac, sizeof(clac));
	for (uint8_t *const *site = fpu_reset_sites; site < fpu_reset_end; site++)
		if (pointers_stay)
			memcpy(*site, fninit, sizeof(fninit));
}

static void detect_extended_state(void)
{
	struct cpuid main = cpuid(0xd, 0);
	uint64_t supported = main.eax | (uint64_t)main.edx << 32;

	/*
	 * Nothing beyond AVX-512: the area of a thread is one page (arch_thread_create), and a
	 * component that the kernel does not save would be shared by all.
	 */
	cpu_features.xcr0 = supported & (XCR0_X87_SSE | XCR0_AVX);
	if (cpu_features.xcr0 & XCR0_AVX && (supported & XCR0_AVX512) == XCR0_AVX512)
		cpu_features.xcr0 |= XCR0_AVX512;
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
	features missing = cpu_missing();

	if (missing)
		cpu_refuse(cpu_this(), missing);
	cpu_features.found = features_found(cpuid);
	/* Both: without INVPCID another root's entries could not be flushed but by loading it. */
	cpu_features.pcid = has(FEATURE_PCID) && has(FEATURE_INVPCID);
	cpu_features.x2apic = has(FEATURE_X2APIC);
	cpu_features.tsc_deadline = has(FEATURE_TSC_DEADLINE);
	cpu_features.pages_1g = has(FEATURE_PAGES_1G);
	cpu_features.xsaveopt = has(FEATURE_XSAVEOPT);
	cpu_features.rdtscp = has(FEATURE_RDTSCP);
	instructions_exchange(fpu_pointers_stay());
	detect_extended_state();
	reserve_unreachable(cpuid(0x80000000, 0).eax);
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
	return CR4_PAE | CR4_MCE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_FSGSBASE |
	       CR4_OSXSAVE | (has(FEATURE_UMIP) ? CR4_UMIP : 0) |
	       (has(FEATURE_SMEP) ? CR4_SMEP : 0) | (has(FEATURE_SMAP) ? CR4_SMAP : 0) |
	       (cpu_features.pcid ? CR4_PCIDE : 0);
}

void cpu_registers_init(void)
{
	msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_SCE | EFER_NXE);
	speculation_init_cpu();
	/* Firmware's or the loader's could make an entry that says uncached mean something else. */
	msr_write(MSR_PAT, PAT_VALUE);
	cr0_write(CR0_PG | CR0_AM | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE);
	/* CR3 bits 11..0 are zero here, as setting PCIDE demands. */
	cr4_write(cr4_bits());
	xcr0_write(cpu_features.xcr0);
	cpu_features.xsave_bytes = cpuid(0xd, 0).ebx;

	/* SYSCALL takes KERNEL_CS and adds 8 for SS; SYSRET adds 16 for CS and 8 for SS. */
	_Static_assert(KERNEL_SS == KERNEL_CS + 8 && USER_CS == USER32_CS + 16 &&
			       USER_SS == USER32_CS + 8,
		       "SDM 2B, SYSCALL and SYSRET");
	msr_write(MSR_STAR, (uint64_t)USER32_CS << 48 | (uint64_t)KERNEL_CS << 32);
	msr_write(MSR_LSTAR, (uint64_t)entry_syscall);
	msr_write(MSR_CSTAR, (uint64_t)entry_syscall); /* for 32-bit code, of which there is none */
	/* IF: entry.S has no stack at first. TF: no #DB in there. AC: SMAP. DF: as C wants it. */
	msr_write(MSR_FMASK, SYSCALL_FLAGS_CLEARED);
	msr_write(MSR_SYSENTER_CS, 0); /* SYSENTER faults */
	if (cpu_features.rdtscp)
		msr_write(MSR_TSC_AUX, 0);
	msr_write(MSR_FS_BASE, 0);
	msr_write(MSR_KERNEL_GS_BASE, 0);
}
