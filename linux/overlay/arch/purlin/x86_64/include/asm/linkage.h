/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_LINKAGE_H
#define _ASM_PURLIN_LINKAGE_H

#include <linux/stringify.h>

#define __ALIGN		.balign 16, 0x90;
#define __ALIGN_STR	__stringify(__ALIGN)
#define ASM_FUNC_ALIGN	__ALIGN_STR
#define SYM_F_ALIGN	__ALIGN
#define SYM_FUNC_ALIAS_MEMFUNC	SYM_FUNC_ALIAS
/* Code that runs before relocation has names of its own on x86; none is needed here. */
#define SYM_PIC_ALIAS(symbol)

/* No mitigation needs another return instruction. */
#ifdef __ASSEMBLY__
#define RET		ret
#define ENDBR
#if !__has_include(<linux/annotate.h>)
#define ANNOTATE_NOENDBR
#endif
#else
#define ASM_RET		"ret\n\t"
#define ASM_ENDBR
#endif

#endif
