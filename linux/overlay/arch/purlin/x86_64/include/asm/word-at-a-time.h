/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_WORD_AT_A_TIME_H
#define _ASM_PURLIN_WORD_AT_A_TIME_H

#include <linux/compiler.h>
#include <asm/asm.h>

/* x86's decodes the instruction after a fault; ours has fixed registers. */
#define load_unaligned_zeropad __decoding_load_unaligned_zeropad
#include "../../../../x86/include/asm/word-at-a-time.h"
#undef load_unaligned_zeropad

/* A word whose end may lie on an absent page reads as zeros there (x86_64/extable.c). */
static inline unsigned long load_unaligned_zeropad(const void *addr)
{
	unsigned long word;

	asm volatile("1:	movq (%%rdx), %%rax\n"
		     "2:\n"
		     _ASM_EXTABLE_TYPE(1b, 2b, EX_TYPE_ZEROPAD)
		     : "=a" (word)
		     : "d" (addr), "m" (*(unsigned long *)addr));
	return word;
}

#endif
