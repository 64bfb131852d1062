// SPDX-License-Identifier: GPL-2.0
/* The vCPU's number, by a register that the microkernel loads with it, or by asking. */
#include <linux/compiler.h>
#include <asm/unistd.h>
#include <asm/vdso.h>
#include <asm/vdso/processor.h>

/* x86's header declares the call; older trees give the third argument this type. */
#if __has_include(<linux/getcpu.h>)
#include <linux/getcpu.h>
#define getcpu_unused struct getcpu_cache
#else
#define getcpu_unused void
#endif

/* Behind the program headers, where Linux finds it and sets bits (x86_64/vdso.c). */
const u32 vdso_switches __section(".switches") __attribute__((visibility("hidden"))) = 0;

static long ask(unsigned int *cpu, unsigned int *node)
{
	long result;

	asm volatile("syscall"
		     : "=a" (result)
		     : "0" (__NR_getcpu), "D" (cpu), "S" (node), "d" (0)
		     : "rcx", "r11", "memory");
	return result;
}

long __vdso_getcpu(unsigned int *cpu, unsigned int *node,
		   getcpu_unused *unused)
{
	unsigned int number;

	if (!(READ_ONCE(vdso_switches) & VDSO_HAS_NUMBER))
		return ask(cpu, node);
	/* RDPID, which is younger, reads the same word. */
	asm volatile("rdtscp" : "=c" (number) : : "rax", "rdx");
	if (cpu)
		*cpu = number;
	if (node)
		*node = 0;
	return 0;
}

long getcpu(unsigned int *cpu, unsigned int *node, getcpu_unused *unused)
	__weak __alias(__vdso_getcpu);
