// SPDX-License-Identifier: MIT
/*
 * SGDT, SIDT, SLDT, STR and SMSW: the answers that Linux gives in the processor's place, to memory
 * by every kind of address and to registers of each size.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "check.h"

#define GDT_BASE 0xfffffffffffe0000
#define IDT_BASE 0xffffffffffff0000
#define TASK_SELECTOR 0x40
#define MACHINE_STATUS 0x80050033
#define UNTOUCHED 0x1111111111111111

struct __attribute__((packed)) table {
	uint16_t limit;
	uint64_t base;
};

static struct table table;
static struct table *volatile pointer = &table;

static void expect_table(uint64_t base)
{
	CHECK(table.limit == 0 && table.base == base);
	memset(&table, 0x55, sizeof(table));
}

static void tables(void)
{
	unsigned long index = 2;

	__asm__ volatile("sgdt %0" : "=m"(table));
	expect_table(GDT_BASE);
	__asm__ volatile("sidt (%0)" : : "r"(pointer) : "memory");
	expect_table(IDT_BASE);
	__asm__ volatile("sgdt table_for_test(%%rip)" : : : "memory");
	expect_table(GDT_BASE);
	__asm__ volatile("sidt -16(%0,%1,8)" : : "r"(pointer), "r"(index) : "memory");
	expect_table(IDT_BASE);
	__asm__ volatile("mov %0, %%r12\n\tsgdt 0x1000(%%r12)"
			 :
			 : "r"((char *)pointer - 0x1000)
			 : "r12", "memory");
	expect_table(GDT_BASE);
	__asm__ volatile("mov %0, %%r13\n\tsidt (%%r13)" : : "r"(pointer) : "r13", "memory");
	expect_table(IDT_BASE);
	/* A program without PIE has its data where 32 bits reach. */
	__asm__ volatile("sgdt (%k0)" : : "r"((unsigned long)pointer) : "memory");
	expect_table(GDT_BASE);
}
__asm__(".set table_for_test, table");

static void relative_to_fs(void)
{
	unsigned long fs = 0;

	syscall(SYS_arch_prctl, 0x1003, &fs);
	__asm__ volatile("sidt %%fs:(%0)" : : "r"((unsigned long)pointer - fs) : "memory");
	expect_table(IDT_BASE);
}

static void words(void)
{
	uint64_t large = UNTOUCHED, middle = UNTOUCHED, small = UNTOUCHED, memory = UNTOUCHED;

	__asm__ volatile("smsw %0" : "+r"(large));
	__asm__ volatile("smsw %k0" : "+r"(middle));
	__asm__ volatile("smsw %w0" : "+r"(small));
	__asm__ volatile("smsw %0" : "+m"(memory));
	CHECK(large == MACHINE_STATUS);
	CHECK((uint32_t)middle == MACHINE_STATUS);
	CHECK(small == ((UNTOUCHED & ~0xfffful) | (MACHINE_STATUS & 0xffff)));
	CHECK(memory == small);
	small = UNTOUCHED;
	__asm__ volatile("str %w0" : "+r"(small));
	CHECK(small == ((UNTOUCHED & ~0xfffful) | TASK_SELECTOR));
	small = memory = UNTOUCHED;
	__asm__ volatile("sldt %w0" : "+r"(small));
	__asm__ volatile("str %0" : "+m"(memory));
	CHECK((small & 0xffff) == 0);
	CHECK(memory == ((UNTOUCHED & ~0xfffful) | TASK_SELECTOR));
}

static sigjmp_buf back;
static volatile uintptr_t fault_address;
static volatile int fault_code;

static void on_fault(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	fault_address = (uintptr_t)info->si_addr;
	fault_code = info->si_code;
	siglongjmp(back, 1);
}

static void nowhere(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
	if (!sigsetjmp(back, 1)) {
		__asm__ volatile("sgdt (%0)" : : "r"(0x1000ul) : "memory");
		CHECK(!"reached");
	}
	CHECK(fault_address == 0x1000 && fault_code == SEGV_MAPERR);
}

int main(void)
{
	tables();
	relative_to_fs();
	words();
	nowhere();
	return checks_done();
}
