// SPDX-License-Identifier: GPL-2.0
/* Probes of returns from the kernel's functions: x86's own code in its 64-bit form. */
#include <linux/bug.h>
#include <linux/kprobes.h>
#include <linux/objtool.h>
#include <linux/rethook.h>
#include <asm/asm.h>
#include <asm/frame.h>
#include <asm/insn.h>
#include <asm/linkage.h>

/* For objtool, which knows no such architecture. */
#define UNWIND_HINT_FUNC

#define CONFIG_X86_64 1
#include "../../x86/kernel/rethook.c"
