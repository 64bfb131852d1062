/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_FRAME_H
#define _ASM_PURLIN_FRAME_H

/* x86's header has the registers' 64-bit names behind this symbol. */
#define CONFIG_X86_64 1
#include "../../../../x86/include/asm/frame.h"
#undef CONFIG_X86_64

#endif
