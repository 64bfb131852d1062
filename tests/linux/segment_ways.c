// SPDX-License-Identifier: MIT
/*
 * Other ways to another code segment than a far jump (segments.c): the context of a signal, and
 * registers set by a tracer; with signals and single steps in between. Each leads to 32-bit code
 * that runs and comes back, or ends in SIGSEGV, and all of them in the same. IRETQ and far returns
 * are left out: in ring 3, QEMU 7.2 makes no difference between them and those of a kernel, and
 * stops at the stack, with native Linux, too.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/user.h>
#include <ucontext.h>

#include "traced.h"

#define PAGE 0x40000000 /* 32-bit code reaches it */
#define KERNEL_SEGMENT 0x10
#define SEGMENT_32 0x23
#define SEGMENT_64 0x33
#define PATIENCE_SECONDS 100
#define STEPS 40
#define REFUSED 2000 /* the tracer may not set it */

/* Where things lie in the page. */
#define CODE_32 0x00
#define CODE_64 0x40
#define STACK 0x60 /* RSP while 32-bit code runs */

static uint8_t *page;
static sigjmp_buf back;
static volatile sig_atomic_t failed, ticks;

/*
 * RAX is where to go, CX the selector. 32-bit code may lose the upper halves of all registers, and
 * below RSP is the red zone.
 */
#define CROSS(way)                                                        \
	__asm__ volatile("leaq -128(%%rsp), %%rsp\n\t"                    \
			 "pushq %%rbp\n\tpushq %%rbx\n\tpushq %%r12\n\t"  \
			 "pushq %%r13\n\tpushq %%r14\n\tpushq %%r15\n\t"  \
			 "leaq 1f(%%rip), %%r8\n\t"                       \
			 "pushq %%r8\n\t"                                 \
			 "movq %%rsp, (%%rdx)\n\t" way "\n"               \
			 "1:\tpopq %%r15\n\tpopq %%r14\n\tpopq %%r13\n\t" \
			 "popq %%r12\n\tpopq %%rbx\n\tpopq %%rbp\n\t"     \
			 "leaq 128(%%rsp), %%rsp"                         \
			 : "+a"(target), "+c"(selector), "+d"(stack)      \
			 :                                                \
			 : "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc")

enum way { BY_SIGNAL, BY_TRACER };

static __attribute__((noinline)) void cross(enum way way, uint64_t target, uint64_t selector)
{
	uint8_t *stack = page + STACK;

	if (way == BY_SIGNAL)
		CROSS("ud2");
	else
		CROSS("int3");
}

static void on_fault(int number)
{
	failed = number;
	siglongjmp(back, 1);
}

/* The program goes on where RAX and CX say. */
static void on_invalid(int number, siginfo_t *info, void *context)
{
	greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)number;
	(void)info;
	registers[REG_RIP] = registers[REG_RAX];
	registers[REG_CSGSFS] = (registers[REG_CSGSFS] & ~0xffffll) | (registers[REG_RCX] & 0xffff);
}

static void on_tick(int number)
{
	(void)number;
	ticks++;
}

/*
 * 32 bits: mov $1000000, %ecx; 1: dec %ecx; jnz 1b; ljmp $SEGMENT_64, CODE_64. 64 bits:
 * mov STACK, %rsp; ret.
 */
static void write_code(void)
{
	const uint8_t code32[] = { 0xb9, 0x40, 0x42, 0x0f, 0x00, 0x49, 0x75, 0xfd, 0xea };
	const uint8_t code64[] = { 0x48, 0x8b, 0x25, STACK - CODE_64 - 7, 0, 0, 0, 0xc3 };
	uint32_t entry = PAGE + CODE_64;
	uint16_t selector = SEGMENT_64;

	memcpy(page + CODE_32, code32, sizeof(code32));
	memcpy(page + CODE_32 + sizeof(code32), &entry, sizeof(entry));
	memcpy(page + CODE_32 + sizeof(code32) + sizeof(entry), &selector, sizeof(selector));
	memcpy(page + CODE_64, code64, sizeof(code64));
}

/* 0: it came back; else the signal. */
static int go(enum way way, uint64_t offset, uint64_t selector)
{
	failed = 0;
	if (!sigsetjmp(back, 1))
		cross(way, PAGE + offset, selector);
	return failed;
}

static int child_crosses(void)
{
	cross(BY_TRACER, 0, 0);
	return 0;
}

/* The same for a child whose tracer does it, then steps, and lets it go. */
static int go_traced(uint64_t offset, uint64_t selector, unsigned int steps)
{
	struct user_regs_struct registers;
	pid_t child = traced(child_crosses);
	int stop;

	ptrace(PTRACE_CONT, child, NULL, NULL);
	REQUIRE(wait_stop(child) == SIGTRAP);
	REQUIRE(!ptrace(PTRACE_GETREGS, child, NULL, &registers));
	registers.rip = PAGE + offset;
	registers.cs = selector;
	if (ptrace(PTRACE_SETREGS, child, NULL, &registers)) {
		stop = REFUSED;
		ptrace(PTRACE_KILL, child, NULL, NULL);
		(void)wait_stop(child);
		return stop;
	}
	for (stop = SIGTRAP; stop == SIGTRAP && steps; steps--) {
		ptrace(PTRACE_SINGLESTEP, child, NULL, NULL);
		stop = wait_stop(child);
	}
	if (stop == SIGTRAP) {
		ptrace(PTRACE_CONT, child, NULL, NULL);
		stop = wait_stop(child);
	}
	if (stop < 1000) {
		ptrace(PTRACE_KILL, child, NULL, NULL);
		(void)wait_stop(child);
	}
	return stop == 1000 ? 0 : stop;
}

/* Where there is no 32-bit code the tracer may hear it at once. */
static int as_others(int traced, int result)
{
	return traced == result || (result && traced == REFUSED);
}

int main(void)
{
	/* In 32-bit code RSP has 32 bits: there is no stack. */
	static uint8_t other_stack[65536];
	stack_t stack = { .ss_sp = other_stack, .ss_size = sizeof(other_stack) };
	struct sigaction fault = { .sa_handler = on_fault, .sa_flags = SA_ONSTACK };
	struct sigaction tick = { .sa_handler = on_tick, .sa_flags = SA_ONSTACK };
	struct sigaction invalid = { .sa_sigaction = on_invalid,
				     .sa_flags = SA_SIGINFO | SA_ONSTACK };
	struct itimerval often = { { 0, 1000 }, { 0, 1000 } };
	unsigned int wrong = 0;
	int result;

	page = mmap((void *)PAGE, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	REQUIRE(page == (void *)PAGE);
	write_code();
	REQUIRE(!sigaltstack(&stack, NULL));
	REQUIRE(!sigaction(SIGSEGV, &fault, NULL) && !sigaction(SIGILL, &invalid, NULL));
	REQUIRE(!sigaction(SIGVTALRM, &tick, NULL));
	alarm(PATIENCE_SECONDS);

	/* With its own segment each way comes back: so what follows gets as far. */
	CHECK(go(BY_SIGNAL, CODE_64, SEGMENT_64) == 0);
	CHECK(go_traced(CODE_64, SEGMENT_64, 0) == 0);
	CHECK(go_traced(CODE_64, SEGMENT_64, STEPS) == 0);

	result = go(BY_SIGNAL, CODE_32, SEGMENT_32);
	CHECK(result == 0 || result == SIGSEGV);
	CHECK(as_others(go_traced(CODE_32, SEGMENT_32, 0), result));
	CHECK(as_others(go_traced(CODE_32, SEGMENT_32, STEPS), result));

	/* Signals come while 32-bit code runs, if it does; else at least one while we try. */
	REQUIRE(!setitimer(ITIMER_VIRTUAL, &often, NULL));
	while (!ticks)
		wrong += go(BY_SIGNAL, CODE_32, SEGMENT_32) != result;
	often = (struct itimerval){ 0 };
	REQUIRE(!setitimer(ITIMER_VIRTUAL, &often, NULL));
	CHECK(wrong == 0);

	/* No way leads to a segment of the kernel, or to none. */
	CHECK(go(BY_SIGNAL, CODE_64, KERNEL_SEGMENT) == SIGSEGV);
	CHECK(go(BY_SIGNAL, CODE_64, 0) == SIGSEGV);
	CHECK(go_traced(CODE_64, KERNEL_SEGMENT, 0) == REFUSED);
	return checks_done();
}
