/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_PERCPU_H
#define _ASM_PURLIN_PERCPU_H

#ifndef __ASSEMBLY__
#include <linux/kernel.h>
#include <linux/stringify.h>
#include <asm/asm.h>
#endif

/* x86's header has its 8-byte operations behind this symbol. */
#define CONFIG_X86_64 1
#include "../../../../x86/include/asm/percpu.h"
#undef CONFIG_X86_64

#ifndef __ASSEMBLY__
/* Where x86 names per-CPU variables by an address space, operands of asm are made with this. */
#ifndef __my_cpu_var
#define __my_cpu_var(variable)	(variable)
#endif
#endif

#endif
