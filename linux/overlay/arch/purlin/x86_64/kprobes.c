// SPDX-License-Identifier: GPL-2.0
/*
 * Probes of the kernel: x86's own code in its 64-bit form, with what it asks of arch/x86. The
 * breakpoint comes as an upcall (purlin_do_event); entry code, where none may come, is excluded by
 * arch_populate_kprobe_blacklist().
 */
#include <linux/cfi.h>
#include <linux/ftrace.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/objtool.h>
#include <linux/perf_event.h>
#include <linux/ptrace.h>
#include <linux/set_memory.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <asm/alternative.h>
#include <asm/cacheflush.h>
#include <asm/debugreg.h>
#include <asm/frame.h>
#include <asm/insn.h>
#include <asm/nops.h>
#include <asm/sections.h>
#include <asm/text-patching.h>

/* Alternatives are chosen when assembling. */
static inline int alternatives_text_reserved(void *start, void *end)
{
	return 0;
}

#define CONFIG_X86_64 1
#include "../../x86/kernel/kprobes/core.c"
