/* SPDX-License-Identifier: GPL-2.0 */
/* Generic code of newer trees includes it and asks for nothing of it; x86's code in place does. */
#if defined(CONFIG_JUMP_LABEL) || defined(CONFIG_KPROBES) || defined(CONFIG_BPF_JIT)
#include "../../../../x86/include/asm/text-patching.h"
#endif
