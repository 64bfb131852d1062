// SPDX-License-Identifier: MIT
/*
 * The processor a thread runs on: the vDSO's getcpu agrees with the system call and the affinity,
 * makes no system call itself, and a thread that moves is told at once.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "check.h"

#define ROUNDS 200

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_OFF 0
#define PR_SYS_DISPATCH_ON 1
#endif
#define DISPATCH_ALLOW 0
#define DISPATCH_BLOCK 1

typedef long (*getcpu_function)(unsigned int *cpu, unsigned int *node, void *unused);

static const Elf64_Dyn *dynamic_find(const Elf64_Dyn *at, Elf64_Sxword tag)
{
	for (; at->d_tag != DT_NULL; at++)
		if (at->d_tag == tag)
			return at;
	return NULL;
}

/* A function of the vDSO, by the names in its symbol table. */
static getcpu_function vdso_find(const char *name)
{
	const char *base = (const char *)getauxval(AT_SYSINFO_EHDR);
	const Elf64_Ehdr *header = (const void *)base;
	const Elf64_Phdr *program = (const void *)(base + header->e_phoff);
	const Elf64_Dyn *dynamic = NULL;
	const Elf64_Sym *symbols;
	const char *names;
	const uint32_t *hash;
	unsigned long bias = 0;

	for (int i = 0; i < header->e_phnum; i++) {
		if (program[i].p_type == PT_LOAD)
			bias = (unsigned long)base + program[i].p_offset - program[i].p_vaddr;
		if (program[i].p_type == PT_DYNAMIC)
			dynamic = (const void *)(base + program[i].p_offset);
	}
	REQUIRE(dynamic && dynamic_find(dynamic, DT_HASH));
	symbols = (const void *)(bias + dynamic_find(dynamic, DT_SYMTAB)->d_un.d_ptr);
	names = (const void *)(bias + dynamic_find(dynamic, DT_STRTAB)->d_un.d_ptr);
	hash = (const void *)(bias + dynamic_find(dynamic, DT_HASH)->d_un.d_ptr);
	for (uint32_t i = 0; i < hash[1]; i++)
		if (!strcmp(names + symbols[i].st_name, name))
			return (getcpu_function)(bias + symbols[i].st_value);
	return NULL;
}

static getcpu_function by_vdso;

static void move_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	REQUIRE(sched_setaffinity(0, sizeof(set), &set) == 0);
}

static void agreement(int processors)
{
	int wrong = 0;

	for (int i = 0; i < ROUNDS; i++) {
		unsigned int cpu = ~0u, node = ~0u, called = ~0u;

		move_to(i % processors);
		by_vdso(&cpu, &node, NULL);
		syscall(SYS_getcpu, &called, NULL, NULL);
		wrong += cpu != (unsigned int)(i % processors) || cpu != called || node != 0;
	}
	CHECK(wrong == 0);
	/* Either may be NULL. */
	CHECK(by_vdso(NULL, NULL, NULL) == 0);
}

static volatile char selector = DISPATCH_ALLOW;
static volatile sig_atomic_t blocked;

static void on_system_call(int number)
{
	(void)number;
	selector = DISPATCH_ALLOW;
	blocked++;
}

/* Any system call raises a signal meanwhile. */
static void no_system_call(void)
{
	struct sigaction action = { .sa_handler = on_system_call };
	unsigned int cpu = ~0u;

	sigaction(SIGSYS, &action, NULL);
	REQUIRE(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0, &selector) == 0);
	selector = DISPATCH_BLOCK;
	by_vdso(&cpu, NULL, NULL);
	selector = DISPATCH_ALLOW;
	CHECK(blocked == 0 && cpu != ~0u);

	/* That it would be noticed. */
	selector = DISPATCH_BLOCK;
	syscall(SYS_getcpu, &cpu, NULL, NULL);
	selector = DISPATCH_ALLOW;
	CHECK(blocked == 1);
	prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0, 0, 0);
}

int main(void)
{
	by_vdso = vdso_find("__vdso_getcpu");
	REQUIRE(by_vdso != NULL);
	agreement((int)sysconf(_SC_NPROCESSORS_ONLN));
	no_system_call();
	return checks_done();
}
