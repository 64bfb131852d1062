/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_UPROBES_H
#define _ASM_PURLIN_UPROBES_H

/* x86's header has what a 64-bit program needs behind this symbol. */
#define CONFIG_X86_64 1
#include "../../../../x86/include/asm/uprobes.h"
#undef CONFIG_X86_64

#endif
