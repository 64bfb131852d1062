/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_CPUFEATURE_H
#define _ASM_PURLIN_CPUFEATURE_H

#include <asm/cpufeatures.h>

/* For code that is shared with x86 and asks at run time: the baseline only. */
#define cpu_feature_enabled(feature)		\
	((feature) == X86_FEATURE_CX16 ||	\
	 (feature) == X86_FEATURE_XMM2 ||	\
	 (feature) == X86_FEATURE_POPCNT ||	\
	 (feature) == X86_FEATURE_FSGSBASE)
#define boot_cpu_has(feature)			cpu_feature_enabled(feature)
#define static_cpu_has(feature)			cpu_feature_enabled(feature)

#endif
