// SPDX-License-Identifier: MIT
/* Registers and flags are what they were after system calls, faults, preemption; privileged
 * instructions fault. */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>

#include "check.h"

#define FLAG_CARRY 0x1u
#define FLAG_DIRECTION 0x400u

struct registers {
	uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15;
};

/* getppid with every register it must keep holding a pattern; what they hold afterwards. */
static void system_call_with(struct registers *values)
{
	__asm__ volatile(
		"push %%rbp\n\t"
		"push %0\n\t"
		"mov %0, %%rax\n\t"
		"mov 8(%%rax), %%rbx\n\t mov 24(%%rax), %%rdx\n\t mov 32(%%rax), %%rsi\n\t"
		"mov 40(%%rax), %%rdi\n\t mov 48(%%rax), %%rbp\n\t mov 56(%%rax), %%r8\n\t"
		"mov 64(%%rax), %%r9\n\t mov 72(%%rax), %%r10\n\t mov 88(%%rax), %%r12\n\t"
		"mov 96(%%rax), %%r13\n\t mov 104(%%rax), %%r14\n\t mov 112(%%rax), %%r15\n\t"
		"mov $110, %%eax\n\t" /* getppid */
		"syscall\n\t"
		"1: push %%rax\n\t"
		"lea 1b(%%rip), %%rax\n\t"
		"sub %%rax, %%rcx\n\t" /* 0: RCX held the return address */
		"mov 8(%%rsp), %%rax\n\t"
		"mov %%rbx, 8(%%rax)\n\t mov %%rcx, 16(%%rax)\n\t mov %%rdx, 24(%%rax)\n\t"
		"mov %%rsi, 32(%%rax)\n\t mov %%rdi, 40(%%rax)\n\t mov %%rbp, 48(%%rax)\n\t"
		"mov %%r8, 56(%%rax)\n\t mov %%r9, 64(%%rax)\n\t mov %%r10, 72(%%rax)\n\t"
		"mov %%r11, 80(%%rax)\n\t mov %%r12, 88(%%rax)\n\t mov %%r13, 96(%%rax)\n\t"
		"mov %%r14, 104(%%rax)\n\t mov %%r15, 112(%%rax)\n\t"
		"mov %%rax, %%rbx\n\t"
		"pop %%rax\n\t"
		"mov %%rax, (%%rbx)\n\t"
		"pop %%rax\n\t"
		"pop %%rbp"
		:
		: "c"(values)
		: "rax", "rbx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
		  "r15", "memory", "cc");
}

static void across_system_call(void)
{
	struct registers values;
	uint64_t *word = (uint64_t *)&values;

	for (int round = 0; round < 100; round++) {
		for (int i = 0; i < 15; i++)
			word[i] = 0x0101010101010101ul * (uint64_t)(i + 1) + (uint64_t)round;
		system_call_with(&values);
		for (int i = 0; i < 15; i++) {
			if (i == 0 || i == 2 || i == 10)
				continue;
			if (!CHECK(word[i] ==
				   0x0101010101010101ul * (uint64_t)(i + 1) + (uint64_t)round))
				printf("  register %d after getppid: %lx\n", i, word[i]);
		}
		CHECK(values.rax == (uint64_t)getppid());
		CHECK(values.rcx == 0);
		CHECK((values.r11 & 0x202) == 0x202); /* RFLAGS: interrupts on, the fixed bit */
	}
}

/* Flags a program may set itself survive the kernel. */
static void flags(void)
{
	uint64_t after;

	__asm__ volatile("pushf\n\t orl %1, (%%rsp)\n\t popf\n\t mov $39, %%eax\n\t syscall\n\t "
			 "pushf\n\t pop %0\n\t"
			 "pushf\n\t andl %2, (%%rsp)\n\t popf"
			 : "=&r"(after)
			 : "i"(FLAG_CARRY | FLAG_DIRECTION), "i"(~(FLAG_CARRY | FLAG_DIRECTION))
			 : "rax", "rcx", "r11", "cc", "memory");
	CHECK((after & (FLAG_CARRY | FLAG_DIRECTION)) == (FLAG_CARRY | FLAG_DIRECTION));
}

static volatile sig_atomic_t fault_signal;
static volatile uint64_t fault_address;
static volatile int fault_skip;

static void on_fault(int signal, siginfo_t *info, void *context)
{
	ucontext_t *where = context;

	fault_signal = signal;
	fault_address = (uint64_t)info->si_addr;
	where->uc_mcontext.gregs[REG_RIP] += fault_skip;
}

static void catch_faults(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	for (int signal = SIGILL; signal <= SIGSEGV; signal++)
		if (signal == SIGILL || signal == SIGTRAP || signal == SIGFPE ||
		    signal == SIGSEGV || signal == SIGBUS)
			CHECK(sigaction(signal, &action, NULL) == 0);
}

#define FAULTS(length, signal, ...)                                                       \
	do {                                                                              \
		fault_signal = 0;                                                         \
		fault_skip = (length);                                                    \
		__asm__ volatile(__VA_ARGS__);                                            \
		if (!CHECK(fault_signal == (signal)))                                     \
			printf("  signal %d from %s\n", (int)fault_signal, #__VA_ARGS__); \
	} while (0)

static void privileged_instructions(void)
{
	FAULTS(1, SIGSEGV, "cli" ::: "memory");
	FAULTS(1, SIGSEGV, "sti" ::: "memory");
	FAULTS(1, SIGSEGV, "hlt" ::: "memory");
	FAULTS(2, SIGSEGV, "wrmsr" ::"a"(0), "d"(0), "c"(0x10) : "memory");
	FAULTS(2, SIGSEGV, "rdmsr" : : "c"(0x10) : "rax", "rdx", "memory");
	FAULTS(3, SIGSEGV, "mov %%cr0, %%rax" ::: "rax", "memory");
	FAULTS(3, SIGSEGV, "mov %%rax, %%cr3" ::: "memory");
	FAULTS(3, SIGSEGV, "invlpg (%%rax)" ::"a"(0) : "memory");
	FAULTS(2, SIGSEGV, "wbinvd" ::: "memory");
	FAULTS(1, SIGSEGV, "inb %%dx, %%al" ::"d"(0x80) : "rax", "memory");
	FAULTS(1, SIGSEGV, "outb %%al, %%dx" ::"d"(0x80), "a"(0) : "memory");
	FAULTS(2, SIGSEGV, "int $0x81" ::: "memory");
	FAULTS(2, SIGILL, "ud2" ::: "memory");
	FAULTS(0, SIGTRAP, "int3" ::: "memory");
	FAULTS(2, SIGFPE, "div %%ecx" ::"a"(1), "d"(0), "c"(0) : "memory");
}

static void bad_addresses(void)
{
	/* mov (%rax), %al is two bytes */
	FAULTS(2, SIGSEGV, "mov (%%rax), %%al" ::"a"(16) : "memory");
	CHECK(fault_address == 16);
	FAULTS(2, SIGSEGV, "mov (%%rax), %%al" ::"a"(0xffffffff81000000ul) : "memory");
	CHECK(fault_address == 0xffffffff81000000ul);
	FAULTS(2, SIGSEGV, "mov (%%rax), %%al" ::"a"(0xffff888000000000ul) : "memory");
	FAULTS(2, SIGSEGV, "mov (%%rax), %%al" ::"a"(0xffff800000000000ul) : "memory");
	FAULTS(2, SIGSEGV, "mov %%al, (%%rax)" ::"a"(0xffffffffffffe000ul) : "memory");
	/* Non-canonical: a general protection fault, without an address. */
	FAULTS(2, SIGSEGV, "mov (%%rax), %%al" ::"a"(0x8000000000000000ul) : "memory");
	CHECK(fault_address == 0);
}

static void jump_to_kernel(void)
{
	signal(SIGSEGV, SIG_DFL);
	((void (*)(void))0xffffffff81000000ul)();
}

static void jump_to_non_canonical(void)
{
	signal(SIGSEGV, SIG_DFL);
	((void (*)(void))0x8000000000000000ul)();
}

static void stack_in_kernel(void)
{
	signal(SIGSEGV, SIG_DFL);
	__asm__ volatile("mov %0, %%rsp\n\t push %%rax" ::"r"(0xffffffff82000000ul) : "memory");
}

/* The handler runs on a stack that is not there: the process is killed, nothing else. */
static void handler_without_stack(void)
{
	__asm__ volatile("mov %0, %%rsp\n\t ud2" ::"r"(0x10000ul) : "memory");
}

static volatile sig_atomic_t ticks;

static void on_tick(int signal)
{
	(void)signal;
	ticks++;
}

/* Registers and red zone survive interrupts and the signals they cause. */
static void across_interrupts(void)
{
	struct itimerval every = { { 0, 2000 }, { 0, 2000 } };
	uint64_t bad = 0;

	signal(SIGALRM, on_tick);
	CHECK(setitimer(ITIMER_REAL, &every, NULL) == 0);
	while (ticks < 50) {
		uint64_t wrong;

		__asm__ volatile(
			"mov $0x1111, %%rbx\n\t mov $0x2222, %%r12\n\t mov $0x3333, %%r13\n\t mov "
			"$0x4444, %%r11\n\t"
			"movq $0x5555, -8(%%rsp)\n\t movq $0x6666, -128(%%rsp)\n\t xor %0, %0\n\t"
			"mov $100000, %%ecx\n\t 1: dec %%ecx\n\t jnz 1b\n\t"
			"cmp $0x1111, %%rbx\n\t setne %b0\n\t cmp $0x2222, %%r12\n\t setne "
			"%%cl\n\t or %%cl, %b0\n\t"
			"cmp $0x3333, %%r13\n\t setne %%cl\n\t or %%cl, %b0\n\t"
			"cmp $0x4444, %%r11\n\t setne %%cl\n\t or %%cl, %b0\n\t"
			"cmpq $0x5555, -8(%%rsp)\n\t setne %%cl\n\t or %%cl, %b0\n\t"
			"cmpq $0x6666, -128(%%rsp)\n\t setne %%cl\n\t or %%cl, %b0"
			: "=&a"(wrong)
			:
			: "rbx", "rcx", "r11", "r12", "r13", "memory", "cc");
		bad += wrong & 0xff;
	}
	every = (struct itimerval){ 0 };
	setitimer(ITIMER_REAL, &every, NULL);
	CHECK(bad == 0);
}

static void segment_bases(void)
{
	unsigned long base = 0;

	CHECK(syscall(SYS_arch_prctl, ARCH_SET_GS, 0x123456789000ul) == 0);
	CHECK(syscall(SYS_arch_prctl, ARCH_GET_GS, &base) == 0 && base == 0x123456789000ul);
	CHECK(syscall(SYS_arch_prctl, ARCH_GET_FS, &base) == 0 && base != 0);
	CHECK_ERROR(syscall(SYS_arch_prctl, ARCH_SET_GS, 0x8000000000000000ul), EPERM);
	CHECK(syscall(SYS_arch_prctl, ARCH_GET_GS, &base) == 0 && base == 0x123456789000ul);
	CHECK(syscall(SYS_arch_prctl, ARCH_SET_GS, 0ul) == 0);
}

int main(void)
{
	across_system_call();
	flags();
	catch_faults();
	privileged_instructions();
	bad_addresses();
	CHECK(in_child(jump_to_kernel) == 1000 + SIGSEGV);
	CHECK(in_child(jump_to_non_canonical) == 1000 + SIGSEGV);
	CHECK(in_child(stack_in_kernel) == 1000 + SIGSEGV);
	CHECK(in_child(handler_without_stack) == 1000 + SIGSEGV);
	across_interrupts();
	segment_bases();
	return checks_done();
}
