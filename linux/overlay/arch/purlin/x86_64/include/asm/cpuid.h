/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_CPUID_H
#define _ASM_PURLIN_CPUID_H

#include <linux/types.h>

struct seq_operations;

/* /proc/cpuinfo, by x86_64/cpuinfo.c. */
extern const struct seq_operations cpuinfo_op;

/* out: EAX, EBX, ECX, EDX. */
static inline void cpuid(u32 leaf, u32 subleaf, u32 *out)
{
	asm volatile("cpuid"
		     : "=a" (out[0]), "=b" (out[1]), "=c" (out[2]), "=d" (out[3])
		     : "0" (leaf), "2" (subleaf) : "memory");
}

#endif
