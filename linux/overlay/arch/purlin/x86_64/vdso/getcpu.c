// SPDX-License-Identifier: GPL-2.0
/* User mode has nothing to read the processor's number from: ask. */
#include <asm/unistd.h>
#include <asm/vdso/processor.h>

/* x86's header declares the call; older trees give the third argument this type. */
#if __has_include(<linux/getcpu.h>)
#include <linux/getcpu.h>
#define getcpu_unused struct getcpu_cache
#else
#define getcpu_unused void
#endif

long __vdso_getcpu(unsigned int *cpu, unsigned int *node,
		   getcpu_unused *unused)
{
	long result;

	asm volatile("syscall"
		     : "=a" (result)
		     : "0" (__NR_getcpu), "D" (cpu), "S" (node), "d" (0)
		     : "rcx", "r11", "memory");
	return result;
}

long getcpu(unsigned int *cpu, unsigned int *node, getcpu_unused *unused)
	__weak __alias(__vdso_getcpu);
