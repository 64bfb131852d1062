// SPDX-License-Identifier: GPL-2.0
/* x86's decoder of instructions; without the symbol it would take Linux's own for 32-bit ones. */
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/inat.h>
#include <asm/insn.h>

#define CONFIG_X86_64 1
#include "../../x86/lib/insn.c"
