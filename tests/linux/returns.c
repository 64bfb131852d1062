// SPDX-License-Identifier: MIT
/*
 * A program asks to go on with registers that nothing may have: by the frame of a signal, by its
 * tracer, or by loading them itself while ticks come. It alone gets a signal, or what it asked for;
 * the registers of others stay theirs.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/user.h>
#include <ucontext.h>

#include "traced.h"

#define TOP 0x7ffffffff000ull /* the last page below it is the last that anybody may have */
#define FLAG_TRAP 0x100ull
#define FLAG_IOPL 0x3000ull
#define FLAG_NESTED 0x4000ull
#define FLAG_ALIGNMENT 0x40000ull
#define FLAGS_VIRTUAL 0x1a0000ull
#define TICK_MICROSECONDS 2000
#define TICKS 3
#define YIELDS 2000
#ifndef HWCAP2_FSGSBASE
#define HWCAP2_FSGSBASE 2
#endif

static const uint64_t nowhere[] = {
	0x800000000000,
	0x7fffffffffff,
	0xffff7fffffffffff,
	0x8000000000000000,
	0xffff800000000000,
	0xffffffff81000000,
	~0ull,
	TOP,
};
#define NOWHERE (sizeof(nowhere) / sizeof(*nowhere))

static int place;	/* in the frame */
static uint64_t wanted; /* there */
static volatile sig_atomic_t ticks;
static uint8_t other_stack[65536];

static void on_user(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	((ucontext_t *)context)->uc_mcontext.gregs[place] = (greg_t)wanted;
}

static void handle(int number, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	REQUIRE(!sigaction(number, &action, NULL));
}

static void return_with(void)
{
	handle(SIGUSR1, on_user);
	raise(SIGUSR1);
}

static int child_returns(int at, uint64_t value)
{
	place = at;
	wanted = value;
	return in_child(return_with);
}

static __attribute__((noreturn)) int endless(void)
{
	for (;;)
		syscall(SYS_getppid);
}

/* Natively a tracer may set it, too, and the child does not survive that. */
static int child_traced(uint64_t rip, uint64_t rsp)
{
	struct user_regs_struct registers;
	pid_t child = traced(endless);
	int stop;

	REQUIRE(!ptrace(PTRACE_GETREGS, child, NULL, &registers));
	registers.rip = rip ? rip : registers.rip;
	registers.rsp = rsp ? rsp : registers.rsp;
	REQUIRE(!ptrace(PTRACE_SETREGS, child, NULL, &registers));
	ptrace(PTRACE_CONT, child, NULL, NULL);
	stop = wait_stop(child);
	ptrace(PTRACE_KILL, child, NULL, NULL);
	(void)wait_stop(child);
	return stop;
}

/* A system call, or nothing, in the last bytes that a program can have. */
static void run_off_the_top(void)
{
	uint8_t *page = mmap((void *)(TOP - 4096), 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (page != (void *)(TOP - 4096))
		_exit(1); /* somebody is there */
	memset(page, 0x90, 4096);
	page[4094] = 0x0f;
	page[4095] = (uint8_t)wanted; /* 05: SYSCALL; 0b: UD2 */
	__asm__ volatile("jmp *%1" ::"a"(SYS_getppid), "r"(page + 4090));
}

static void on_tick(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	(void)context;
	ticks++;
}

static void tick(void)
{
	const struct itimerval often = { { 0, TICK_MICROSECONDS }, { 0, TICK_MICROSECONDS } };
	stack_t stack = { .ss_sp = other_stack, .ss_size = sizeof(other_stack) };

	ticks = 0;
	REQUIRE(!sigaltstack(&stack, NULL));
	handle(SIGALRM, on_tick);
	REQUIRE(!setitimer(ITIMER_REAL, &often, NULL));
}

static void without_a_stack(void)
{
	tick();
	__asm__ volatile("movq %%rsp, %%r15\n\t"
			 "movq %0, %%rsp\n"
			 "1:\tcmpl %2, %1\n\t"
			 "jl 1b\n\t"
			 "movq %%r15, %%rsp"
			 :
			 : "r"(wanted), "m"(ticks), "i"(TICKS)
			 : "r15", "cc", "memory");
}

static uint64_t flags_read(void)
{
	uint64_t flags;

	__asm__ volatile("pushfq\n\tpopq %0" : "=r"(flags));
	return flags;
}

static void flags_write(uint64_t flags)
{
	__asm__ volatile("pushq %0\n\tpopfq" ::"r"(flags) : "cc", "memory");
}

static void with_flags(void)
{
	tick();
	flags_write(flags_read() | wanted);
	while (ticks < TICKS)
		syscall(SYS_getppid);
	flags_write(flags_read() & ~wanted);
}

static void with_base(void)
{
	uint64_t base;

	tick();
	__asm__ volatile("wrgsbase %0" ::"r"(wanted));
	while (ticks < TICKS)
		syscall(SYS_getppid);
	__asm__ volatile("rdgsbase %0" : "=r"(base));
	if (base != wanted)
		_exit(1);
}

/*
 * Null selectors can be told apart, since the processor keeps their lowest bits. Here nobody keeps
 * those of DS and ES while others run; but what is found is not the others'.
 */
static void keep_selectors(uint16_t mine)
{
	uint16_t es, ds;

	for (unsigned int i = 0; i < YIELDS; i++) {
		__asm__ volatile("movw %0, %%es\n\tmovw %0, %%ds" ::"r"(mine));
		sched_yield();
		__asm__ volatile("movw %%es, %0\n\tmovw %%ds, %1" : "=r"(es), "=r"(ds));
		if ((es && es != mine) || (ds && ds != mine))
			_exit(1);
	}
}

static void selectors_of_two(void)
{
	pid_t child = fork();
	int status = 0;

	keep_selectors(child ? 1 : 2);
	if (!child)
		_exit(0);
	if (waitpid(child, &status, 0) != child || status)
		_exit(1);
}

static int child_with(void (*body)(void), uint64_t value)
{
	wanted = value;
	return in_child(body);
}

/* Processors tell accesses by a stack pointer from others (#SS). */
static bool dies(int result)
{
	return result == 1000 + SIGSEGV || result == 1000 + SIGBUS;
}

int main(void)
{
	int result;

	for (unsigned int i = 0; i < NOWHERE; i++) {
		CHECK(child_returns(REG_RIP, nowhere[i]) == 1000 + SIGSEGV);
		CHECK(dies(child_returns(REG_RSP, nowhere[i])));
		CHECK(child_traced(nowhere[i], 0) == SIGSEGV);
		result = child_with(without_a_stack, nowhere[i]);
		CHECK(result == 0 || dies(result));
	}
	CHECK(child_with(run_off_the_top, 0x05) == 1000 + SIGSEGV);
	CHECK(child_with(run_off_the_top, 0x0b) == 1000 + SIGILL);
	CHECK(mmap((void *)TOP, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) ==
	      MAP_FAILED);

	/* Rights and modes of the flags are not for a program to have. */
	CHECK(child_returns(REG_EFL, FLAG_IOPL | FLAGS_VIRTUAL | FLAG_NESTED) == 0);
	CHECK(child_returns(REG_EFL, FLAG_TRAP) == 1000 + SIGTRAP);
	CHECK(child_with(with_flags, FLAG_NESTED) == 0);
	CHECK(child_with(with_flags, FLAG_ALIGNMENT) == 0);
	CHECK(child_with(with_flags, FLAG_IOPL) == 0);

	/* An address of the kernel's, natively or here. */
	if (getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE) {
		CHECK(child_with(with_base, 0xffff888000000000) == 0);
		CHECK(child_with(with_base, 0xffffffff81000000) == 0);
	}
	CHECK(in_child(selectors_of_two) == 0);
	return checks_done();
}
