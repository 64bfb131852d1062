// SPDX-License-Identifier: GPL-2.0
/* User mode has nothing to read the processor's number from: ask. */
#include <linux/getcpu.h>
#include <asm/unistd.h>
#include <asm/vdso/calls.h>

long __vdso_getcpu(unsigned int *cpu, unsigned int *node,
		   struct getcpu_cache *unused)
{
	long result;

	asm volatile("syscall"
		     : "=a" (result)
		     : "0" (__NR_getcpu), "D" (cpu), "S" (node), "d" (0)
		     : "rcx", "r11", "memory");
	return result;
}

long getcpu(unsigned int *cpu, unsigned int *node, struct getcpu_cache *unused)
	__weak __alias(__vdso_getcpu);
