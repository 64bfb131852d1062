/* SPDX-License-Identifier: GPL-2.0 */
/*
 * x86's alternative instructions, chosen when assembling instead of at boot:
 * guest text is not patched for processor features. The baseline below is
 * what every processor with FSGSBASE has, which the port needs anyway.
 */
#ifndef _ASM_PURLIN_ALTERNATIVE_H
#define _ASM_PURLIN_ALTERNATIVE_H

#include <linux/stringify.h>
#include <asm/asm.h>
#include <asm/cpufeatures.h>

#define ALT_NOT(feature)	(0x80000000 | (feature))

#ifndef __ASSEMBLY__

#include <linux/types.h>

#ifdef CONFIG_SMP
#define LOCK_PREFIX_HERE
#define LOCK_PREFIX		"lock "
#else
#define LOCK_PREFIX_HERE
#define LOCK_PREFIX		""
#endif

#if __has_include(<linux/annotate.h>)
#include <linux/annotate.h>
#else
#define ANNOTATE_IGNORE_ALTERNATIVE
#endif
#define ALT_CALL_INSTR		"call BUG_func"
#define ALT_OUTPUT_SP(...)	ASM_CALL_CONSTRAINT, ## __VA_ARGS__
#define ASM_OUTPUT2(a...)	a
#define ASM_NO_INPUT_CLOBBER(clbr...)	"i" (0) : clbr

#define __ALT_IS(feature, one)	"((" __stringify(feature) ")==(" __stringify(one) "))"
#define __ALT_BASELINE(feature)				\
	__ALT_IS(feature, X86_FEATURE_ALWAYS) "|"	\
	__ALT_IS(feature, X86_FEATURE_CX8) "|"		\
	__ALT_IS(feature, X86_FEATURE_CX16) "|"		\
	__ALT_IS(feature, X86_FEATURE_XMM2) "|"		\
	__ALT_IS(feature, X86_FEATURE_POPCNT) "|"	\
	__ALT_IS(feature, X86_FEATURE_REP_GOOD) "|"	\
	__ALT_IS(feature, X86_FEATURE_LFENCE_RDTSC) "|"	\
	__ALT_IS(feature, ALT_NOT(X86_FEATURE_FSRM)) "|"	\
	__ALT_IS(feature, ALT_NOT(X86_FEATURE_FSRS))

#define ALTERNATIVE(old, new, feature)			\
	".if " __ALT_BASELINE(feature) "\n\t" new	\
	"\n\t.else\n\t" old "\n\t.endif\n\t"

#define ALTERNATIVE_2(old, new1, feature1, new2, feature2) \
	ALTERNATIVE(ALTERNATIVE(old, new1, feature1), new2, feature2)
#define ALTERNATIVE_3(old, new1, feature1, new2, feature2, new3, feature3) \
	ALTERNATIVE(ALTERNATIVE_2(old, new1, feature1, new2, feature2), new3, feature3)
#define ALTERNATIVE_TERNARY(old, feature, yes, no)	\
	ALTERNATIVE_2(old, no, X86_FEATURE_ALWAYS, yes, feature)

#define alternative(old, new, feature)			\
	asm_inline volatile(ALTERNATIVE(old, new, feature) : : : "memory")
#define alternative_2(old, new1, feature1, new2, feature2) \
	asm_inline volatile(ALTERNATIVE_2(old, new1, feature1, new2, feature2) : : : "memory")
#define alternative_input(old, new, feature, input...)	\
	asm_inline volatile(ALTERNATIVE(old, new, feature) : : "i" (0), ## input)
#define alternative_io(old, new, feature, output, input...) \
	asm_inline volatile(ALTERNATIVE(old, new, feature) : output : "i" (0), ## input)

#else /* __ASSEMBLY__ */

#ifdef CONFIG_SMP
#define LOCK_PREFIX lock
#else
#define LOCK_PREFIX
#endif

.macro ALT_CHOOSE feature
	.set .L_alt_chosen, ((\feature) == X86_FEATURE_ALWAYS)
	.set .L_alt_chosen, .L_alt_chosen | ((\feature) == X86_FEATURE_CX8)
	.set .L_alt_chosen, .L_alt_chosen | ((\feature) == X86_FEATURE_CX16)
	.set .L_alt_chosen, .L_alt_chosen | ((\feature) == X86_FEATURE_XMM2)
	.set .L_alt_chosen, .L_alt_chosen | ((\feature) == X86_FEATURE_POPCNT)
	.set .L_alt_chosen, .L_alt_chosen | ((\feature) == X86_FEATURE_REP_GOOD)
	.set .L_alt_chosen, .L_alt_chosen | ((\feature) == X86_FEATURE_LFENCE_RDTSC)
.endm

.macro ALTERNATIVE old, new, feature
	ALT_CHOOSE \feature
	.if .L_alt_chosen
	\new
	.else
	\old
	.endif
.endm

.macro ALTERNATIVE_2 old, new1, feature1, new2, feature2
	ALT_CHOOSE \feature2
	.if .L_alt_chosen
	\new2
	.else
	ALTERNATIVE "\old", "\new1", \feature1
	.endif
.endm

#endif /* __ASSEMBLY__ */
#endif
