// SPDX-License-Identifier: GPL-2.0
/* The compiler of BPF: x86's own code, with what it asks of arch/x86. */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/memory.h>
#include <linux/netdevice.h>
#include <linux/set_memory.h>
#include <asm/entry.h>
#include <asm/extable.h>
#include <asm/ibt.h>
#include <asm/nops.h>
#include <asm/nospec-branch.h>
#include <asm/text-patching.h>
#include <uapi/asm/vsyscall.h>

/* Indirect calls are not checked. */
enum { CFI_FINEIBT, CFI_KCFI, CFI_NONE };
#define cfi_mode		CFI_NONE
#define cfi_bpf_hash		0U
#define cfi_bpf_subprog_hash	0U

static inline u32 cfi_get_func_hash(void *function)
{
	return 0;
}

/* x86's header has made the name a function that does nothing: its 64-bit form is not asked for. */
#define ex_handler_bpf	purlin_bpf_fixup

#include "../../x86/net/bpf_jit_comp.c"
