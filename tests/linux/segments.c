// SPDX-License-Identifier: MIT
/*
 * Far jumps to every selector. Natively one of them leads to 32-bit code, which runs and comes
 * back; here it is a SIGSEGV. Nothing else is right: the code must not go on in another mode than
 * it was in, nor the program hang.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "check.h"

#define SELECTORS 0x100
#define PAGE 0x40000000 /* far pointers have 32 bits */
#define SEGMENT_32 0x23
#define SEGMENT_64 0x33
#define TURNS 1000000
#define PATIENCE_SECONDS 60

/* Where things lie in the page that both modes can reach. */
#define CODE_32 0x00
#define CODE_64 0x40
#define STACK 0x60 /* RSP while 32-bit code runs */
#define POINTER 0x80

static sigjmp_buf back;
static volatile siginfo_t seen;

static void on_fault(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	seen = *info;
	siglongjmp(back, 1);
}

/*
 * 32 bits: mov $TURNS, %ecx; 1: dec %ecx; jnz 1b; ljmp $SEGMENT_64, CODE_64. In 64-bit mode the
 * byte of DEC is a prefix, and the loop would never end.
 * 64 bits: mov STACK, %rsp; ret.
 */
static void write_code(uint8_t *page)
{
	const uint8_t code32[] = { 0xb9, 0x40, 0x42, 0x0f, 0x00, 0x49, 0x75, 0xfd, 0xea };
	const uint8_t code64[] = { 0x48, 0x8b, 0x25, STACK - CODE_64 - 7, 0, 0, 0, 0xc3 };
	uint32_t entry = (uint32_t)(uintptr_t)(page + CODE_64);
	uint16_t selector = SEGMENT_64;

	_Static_assert(TURNS == 0xf4240, "the operand of MOV");
	memcpy(page + CODE_32, code32, sizeof(code32));
	memcpy(page + CODE_32 + sizeof(code32), &entry, sizeof(entry));
	memcpy(page + CODE_32 + sizeof(code32) + sizeof(entry), &selector, sizeof(selector));
	memcpy(page + CODE_64, code64, sizeof(code64));
}

static __attribute__((noinline)) void far_jump(uint8_t *page, uint32_t offset, uint16_t selector)
{
	uint32_t target = (uint32_t)(uintptr_t)(page + offset);
	uint8_t *pointer = page + POINTER, *stack = page + STACK;

	memcpy(pointer, &target, sizeof(target));
	memcpy(pointer + sizeof(target), &selector, sizeof(selector));
	/* 32-bit code may lose the upper halves of all registers; below RSP is the red zone. */
	__asm__ volatile("leaq -128(%%rsp), %%rsp\n\t"
			 "pushq %%rbp\n\tpushq %%rbx\n\tpushq %%r12\n\t"
			 "pushq %%r13\n\tpushq %%r14\n\tpushq %%r15\n\t"
			 "leaq 1f(%%rip), %%rcx\n\t"
			 "pushq %%rcx\n\t"
			 "movq %%rsp, (%%rdx)\n\t"
			 "ljmpl *(%%rax)\n"
			 "1:\tpopq %%r15\n\tpopq %%r14\n\tpopq %%r13\n\t"
			 "popq %%r12\n\tpopq %%rbx\n\tpopq %%rbp\n\t"
			 "leaq 128(%%rsp), %%rsp"
			 : "+a"(pointer), "+d"(stack)
			 :
			 : "rcx", "rsi", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");
}

/* 0: it came back; else the signal. */
static int jump(uint8_t *page, uint32_t offset, uint16_t selector)
{
	seen.si_signo = 0;
	if (!sigsetjmp(back, 1))
		far_jump(page, offset, selector);
	return seen.si_signo;
}

int main(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	uint8_t *page = mmap((void *)PAGE, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	unsigned int wrong = 0;
	int result;

	REQUIRE(page == (void *)PAGE);
	REQUIRE(!sigaction(SIGSEGV, &action, NULL));
	write_code(page);
	alarm(PATIENCE_SECONDS);
	result = jump(page, CODE_32, SEGMENT_32);
	CHECK(result == 0 || result == SIGSEGV);
	for (unsigned int round = 0; round < 100; round++)
		wrong += jump(page, CODE_32, SEGMENT_32) != result;
	CHECK(wrong == 0);
	for (unsigned int selector = 0; selector < SELECTORS; selector++) {
		if ((selector & ~3u) != (SEGMENT_32 & ~3u) &&
		    (selector & ~3u) != (SEGMENT_64 & ~3u))
			wrong += jump(page, CODE_64, (uint16_t)selector) != SIGSEGV;
	}
	CHECK(wrong == 0);
	/* The page is reached, and its code runs: with its own selector it comes back. */
	for (unsigned int privilege = 0; privilege < 4; privilege++)
		wrong += jump(page, CODE_64, (uint16_t)((SEGMENT_64 & ~3u) | privilege)) != 0;
	CHECK(wrong == 0);
	return checks_done();
}
