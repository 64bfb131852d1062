// SPDX-License-Identifier: MIT
/* x87, SSE and AVX state: kept across switches, signals, forks and faults; none of it leaks. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <fenv.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "check.h"

#define WORKERS 6
#define ROUNDS 400

struct vector {
	uint64_t word[4];
};

static bool has_avx;

static bool find_avx(void)
{
	unsigned int a, b, c, d, low, high;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !(c & bit_AVX))
		return false;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (low & 6) == 6;
}

static void fill(struct vector *vector, uint64_t seed)
{
	for (int i = 0; i < 4; i++)
		vector->word[i] = seed * 0x9e3779b97f4a7c15ul + (uint64_t)i;
}

/* Loads ymm0, ymm7 and ymm15, does `between`, and compares. */
static bool kept_avx(uint64_t seed, void (*between)(void))
{
	struct vector in[3], out[3];

	for (int i = 0; i < 3; i++)
		fill(&in[i], seed + (uint64_t)i);
	__asm__ volatile(
		"vmovdqu %3, %%ymm0\n\t vmovdqu %4, %%ymm7\n\t vmovdqu %5, %%ymm15\n\t"
		"call *%6\n\t"
		"vmovdqu %%ymm0, %0\n\t vmovdqu %%ymm7, %1\n\t vmovdqu %%ymm15, %2\n\t vzeroupper"
		: "=m"(out[0]), "=m"(out[1]), "=m"(out[2])
		: "m"(in[0]), "m"(in[1]), "m"(in[2]), "r"(between)
		: "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm0", "xmm7",
		  "xmm15", "memory", "cc");
	return memcmp(in, out, sizeof(in)) == 0;
}

static bool kept_sse(uint64_t seed, void (*between)(void))
{
	struct vector in, out = { { 0 } };

	fill(&in, seed);
	__asm__ volatile("movdqu (%1), %%xmm3\n\t movdqu 16(%1), %%xmm12\n\t call *%2\n\t"
			 "movdqu %%xmm3, (%0)\n\t movdqu %%xmm12, 16(%0)"
			 :
			 : "r"(&out), "r"(&in), "r"(between)
			 : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "xmm3",
			   "xmm12", "memory", "cc");
	return memcmp(&in, &out, sizeof(in)) == 0;
}

static bool kept(uint64_t seed, void (*between)(void))
{
	return has_avx ? kept_avx(seed, between) : kept_sse(seed, between);
}

/* Written without vector instructions, and on an aligned stack whatever the caller's was. */
#define NO_VECTORS __attribute__((noinline, target("general-regs-only"), force_align_arg_pointer))

NO_VECTORS static void yield(void)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(24) : "rcx", "r11", "memory");
}

NO_VECTORS static void spin(void)
{
	for (volatile int i = 0; i < 20000; i++)
		;
}

NO_VECTORS static void raise_signal(void)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(39) : "rcx", "r11", "memory"); /* getpid */
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(62), "D"(result), "S"(10)
			 : "rcx", "r11", "memory");
}

static volatile char *fresh_page;

NO_VECTORS static void page_fault(void)
{
	*fresh_page = 1;
}

static void on_signal(int signal)
{
	struct vector junk = { { 1, 2, 3, 4 } };

	(void)signal;
	if (has_avx)
		__asm__ volatile(
			"vmovdqu %0, %%ymm0\n\t vmovdqu %0, %%ymm7\n\t vmovdqu %0, %%ymm15" ::"m"(
				junk)
			: "xmm0", "xmm7", "xmm15");
	__asm__ volatile(
		"movdqu %0, %%xmm3\n\t movdqu %0, %%xmm12\n\t fldpi\n\t fstp %%st(0)" ::"m"(junk)
		: "xmm3", "xmm12");
}

static long rounds(uint64_t seed)
{
	long wrong = 0;
	double x = (double)seed;

	for (uint64_t i = 0; i < ROUNDS; i++) {
		wrong += !kept(seed * 1000 + i, i & 1 ? yield : spin);
		x = x * 0.5 + 1.0;
	}
	return wrong + !(x > 1.99 && x < 2.01);
}

static void *thread_body(void *argument)
{
	return (void *)rounds((uint64_t)argument);
}

static void across_switches(void)
{
	pthread_t thread[WORKERS];
	pid_t child[WORKERS];
	void *wrong;
	int status;

	for (uint64_t i = 0; i < WORKERS; i++) {
		child[i] = fork();
		if (child[i] == 0)
			_exit(rounds(i + 100) != 0);
	}
	for (uint64_t i = 0; i < WORKERS; i++)
		REQUIRE(pthread_create(&thread[i], NULL, thread_body, (void *)(i + 1)) == 0);
	for (int i = 0; i < WORKERS; i++) {
		CHECK(pthread_join(thread[i], &wrong) == 0 && !wrong);
		CHECK(waitpid(child[i], &status, 0) == child[i] && status == 0);
	}
}

static void across_signals_and_faults(void)
{
	struct itimerval every = { { 0, 1000 }, { 0, 1000 } };
	long wrong = 0;

	signal(SIGUSR1, on_signal);
	signal(SIGALRM, on_signal);
	for (uint64_t i = 0; i < 200; i++)
		wrong += !kept(i, raise_signal);
	CHECK(wrong == 0);
	for (uint64_t i = 0; i < 200; i++) {
		fresh_page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				  -1, 0);
		wrong += !kept(i, page_fault);
		munmap((void *)fresh_page, 4096);
	}
	CHECK(wrong == 0);
	setitimer(ITIMER_REAL, &every, NULL);
	for (uint64_t i = 0; i < 400; i++)
		wrong += !kept(i, spin);
	every = (struct itimerval){ 0 };
	setitimer(ITIMER_REAL, &every, NULL);
	CHECK(wrong == 0);
}

/* Rounding modes and exceptions belong to the process; a child inherits them. */
static void control_words(void)
{
	int status;
	pid_t child;
	uint16_t control;

	CHECK(fesetround(FE_UPWARD) == 0);
	child = fork();
	if (child == 0)
		_exit(fegetround() != FE_UPWARD || fesetround(FE_DOWNWARD) != 0);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	yield();
	CHECK(fegetround() == FE_UPWARD);
	__asm__ volatile("fnstcw %0" : "=m"(control));
	CHECK((control & 0xc00) == 0x800);
	fesetround(FE_TONEAREST);
	long double third = 1.0L / 3.0L;
	yield();
	CHECK(third * 3.0L == 1.0L);
}

static volatile sig_atomic_t code;

static void on_exception(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	code = info->si_code;
	_exit(code == FPE_FLTDIV ? 0 : 1);
}

static void divide(void)
{
	struct sigaction action = { .sa_sigaction = on_exception, .sa_flags = SA_SIGINFO };
	volatile long double zero = 0.0L, result; /* x87: QEMU raises no SSE exceptions */

	sigaction(SIGFPE, &action, NULL);
	feenableexcept(FE_DIVBYZERO);
	result = 1.0L / zero;
	__asm__ volatile("fwait"); /* where x87 reports */
	(void)result;
	_exit(2);
}

/* A fresh program starts with clean registers: exec must not hand over the old ones. */
static void clean_start(void)
{
	char *arguments[] = { "vectors", "look", NULL };
	struct vector secret = { { ~0ul, ~0ul, ~0ul, ~0ul } };

	if (has_avx)
		__asm__ volatile("vmovdqu %0, %%ymm14" ::"m"(secret) : "xmm14");
	__asm__ volatile("movdqu %0, %%xmm13" ::"m"(secret) : "xmm13");
	execv("/proc/self/exe", arguments);
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "look") == 0) {
		struct vector seen = { { 0 } };

		__asm__ volatile("movdqu %%xmm13, (%0)\n\t movdqu %%xmm14, 16(%0)" ::"r"(&seen)
				 : "memory");
		return seen.word[0] == ~0ul || seen.word[2] == ~0ul;
	}
	has_avx = find_avx();
	across_switches();
	across_signals_and_faults();
	control_words();
	CHECK(in_child(divide) == 0);
	CHECK(in_child(clean_start) == 0);
	return checks_done();
}
