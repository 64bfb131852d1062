// SPDX-License-Identifier: MIT
/*
 * Breakpoints and watchpoints of the processor, set by ptrace: what they stop at and what not, who
 * has them, and which are refused.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#include "traced.h"

enum { EXECUTE, WRITE, PORT, ACCESS };

#define FIELD(index, kind, length) ((unsigned long)((length) << 2 | (kind)) << (16 + 4 * (index)))
#define ENABLE(index) (1ul << 2 * (index))
#define LENGTH_1 0
#define LENGTH_2 1
#define LENGTH_8 2
#define LENGTH_4 3
#define STEP 0x4000

static volatile uint64_t words[4] __attribute__((aligned(64)));

static unsigned long read_debug(pid_t child, unsigned int index)
{
	return (unsigned long)ptrace(PTRACE_PEEKUSER, child,
				     offsetof(struct user, u_debugreg) + 8 * index, NULL);
}

static long write_debug(pid_t child, unsigned int index, unsigned long value)
{
	errno = 0;
	return ptrace(PTRACE_POKEUSER, child, offsetof(struct user, u_debugreg) + 8 * index, value);
}

static void watch(pid_t child, unsigned int index, const volatile void *place, unsigned int kind,
		  unsigned int length)
{
	unsigned long control = read_debug(child, 7) & ~FIELD(index, 3, 3);

	CHECK(write_debug(child, index, (unsigned long)place) == 0);
	CHECK(write_debug(child, 7, control | FIELD(index, kind, length) | ENABLE(index)) == 0);
}

static int go_on(pid_t child)
{
	CHECK(ptrace(PTRACE_CONT, child, NULL, NULL) == 0);
	return wait_stop(child);
}

static unsigned long address_of_stop(pid_t child)
{
	struct user_regs_struct registers = { 0 };

	CHECK(ptrace(PTRACE_GETREGS, child, NULL, &registers) == 0);
	return registers.rip;
}

static void kill_child(pid_t child)
{
	kill(child, SIGKILL);
	CHECK(waitpid(child, NULL, 0) == child);
}

/* Stops because of these bits of DR6, with a signal that says so. */
static void expect_stop(pid_t child, unsigned long bits)
{
	siginfo_t info = { 0 };

	CHECK(go_on(child) == SIGTRAP);
	CHECK((read_debug(child, 6) & 0x400f) == bits);
	CHECK(ptrace(PTRACE_GETSIGINFO, child, NULL, &info) == 0);
	CHECK(info.si_code == TRAP_HWBKPT);
}

static int writes_and_reads(void)
{
	words[0] = 1;
	words[1] = words[0] + 1;
	((volatile uint8_t *)&words[2])[3] = 7;
	words[3] = words[1];
	return 5;
}

static void data(void)
{
	pid_t child = traced(writes_and_reads);

	watch(child, 0, &words[0], WRITE, LENGTH_8);
	watch(child, 1, &words[1], ACCESS, LENGTH_4);
	watch(child, 2, (const volatile char *)&words[2] + 2, WRITE, LENGTH_2);
	watch(child, 3, (const volatile char *)&words[2] + 4, WRITE, LENGTH_1);
	expect_stop(child, 1);
	expect_stop(child, 2);
	expect_stop(child, 4);
	expect_stop(child, 2);
	CHECK(go_on(child) == 1005);
}

__attribute__((noinline)) static int target(int value)
{
	__asm__ volatile("" ::: "memory");
	return value + 1;
}

static int call_three_times(void)
{
	return target(target(target(1)));
}

static void code(void)
{
	pid_t child = traced(call_three_times);

	watch(child, 2, (void *)target, EXECUTE, LENGTH_1);
	for (int i = 0; i < 3; i++) {
		expect_stop(child, 4);
		CHECK(address_of_stop(child) == (unsigned long)target);
	}
	CHECK(go_on(child) == 1004);
}

/*
 * Steps tell of nothing else while a place is watched that they do not touch. One that does touch
 * it is not tried: a processor tells of both at once, but QEMU 7.2 makes two traps of it.
 */
static void step_beside_watch(void)
{
	pid_t child = traced(writes_and_reads);

	watch(child, 0, &words[3], WRITE, LENGTH_8);
	for (int i = 0; i < 10; i++) {
		CHECK(ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) == 0);
		if (!CHECK(wait_stop(child) == SIGTRAP))
			break;
		CHECK((read_debug(child, 6) & 0x400f) == STEP);
	}
	expect_stop(child, 1);
	CHECK(go_on(child) == 1005);
}

static int write_ten_thousand(void)
{
	for (uint64_t i = 1; i <= 10000; i++)
		words[0] = i;
	return 6;
}

/* Each of two that run at the same time stops at its own place, and who has none does not stop. */
static void own(void)
{
	pid_t first = traced(writes_and_reads), second = traced(writes_and_reads);
	pid_t free_one = traced(write_ten_thousand);

	watch(first, 0, &words[0], WRITE, LENGTH_8);
	watch(second, 0, &words[3], WRITE, LENGTH_8);
	CHECK(ptrace(PTRACE_CONT, free_one, NULL, NULL) == 0);
	CHECK(ptrace(PTRACE_CONT, first, NULL, NULL) == 0);
	CHECK(ptrace(PTRACE_CONT, second, NULL, NULL) == 0);
	CHECK(wait_stop(first) == SIGTRAP && (read_debug(first, 6) & 15) == 1);
	CHECK(wait_stop(second) == SIGTRAP && (read_debug(second, 6) & 15) == 1);
	CHECK(ptrace(PTRACE_PEEKDATA, first, &words[3], NULL) == 0);
	CHECK(ptrace(PTRACE_PEEKDATA, second, &words[3], NULL) == 2);
	CHECK(go_on(first) == 1005 && go_on(second) == 1005);
	CHECK(wait_stop(free_one) == 1006);
	CHECK(read_debug(getpid(), 0) == ~0ul && errno == ESRCH);
}

static int fork_and_write(void)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		words[0] = 9;
		_exit(3);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static void not_inherited(void)
{
	pid_t child = traced(fork_and_write);

	watch(child, 0, &words[0], WRITE, LENGTH_8);
	CHECK(go_on(child) == SIGCHLD);
	CHECK(go_on(child) == 1003);
}

static int read_and_tell(void)
{
	uint64_t word = 77;
	int ends[2];

	if (pipe(ends) || write(ends[1], &word, sizeof(word)) != sizeof(word))
		return 98;
	if (read(ends[0], (void *)&words[0], sizeof(word)) != sizeof(word))
		return 97;
	raise(SIGUSR1);
	return words[0] == 77 ? 7 : 96;
}

/* Linux writes to a watched place for the program: that stops nobody and leaves no trace. */
static void by_linux(void)
{
	pid_t child = traced(read_and_tell);

	watch(child, 0, &words[0], WRITE, LENGTH_8);
	CHECK(go_on(child) == SIGUSR1);
	CHECK((read_debug(child, 6) & 15) == 0);
	CHECK(go_on(child) == 1007);
}

static int exec_itself(void)
{
	execl("/proc/self/exe", "watchpoints", "again", NULL);
	return 95;
}

static void forgotten_by_exec(void)
{
	pid_t child = traced(exec_itself);

	watch(child, 0, &words[0], WRITE, LENGTH_8);
	CHECK(go_on(child) == SIGTRAP);
	CHECK(read_debug(child, 7) == 0 && read_debug(child, 0) == 0);
	CHECK(go_on(child) == 1008);
}

static void refused(void)
{
	pid_t child = traced(writes_and_reads);

	CHECK(write_debug(child, 0, (unsigned long)&words[0] + 1) == 0);
	CHECK(write_debug(child, 7, FIELD(0, WRITE, LENGTH_8) | ENABLE(0)) < 0 && errno == EINVAL);
	CHECK(write_debug(child, 7, FIELD(0, EXECUTE, LENGTH_4) | ENABLE(0)) < 0 &&
	      errno == EINVAL);
	CHECK(write_debug(child, 7, FIELD(0, PORT, LENGTH_1) | ENABLE(0)) < 0 && errno == EINVAL);
	CHECK(write_debug(child, 1, 0xffffffff81000000) < 0 && errno == EINVAL);
	CHECK(write_debug(child, 1, 0x00007ffffffff000) < 0 && errno == EINVAL);
	CHECK(write_debug(child, 4, 1) < 0 && errno == EIO);
	CHECK(write_debug(child, 5, 1) < 0 && errno == EIO);
	CHECK(read_debug(child, 7) == 0 && read_debug(child, 1) == 0);
	CHECK(go_on(child) == 1005);
	child = traced(writes_and_reads);
	kill_child(child);
}

int main(int count, char **arguments)
{
	(void)arguments;
	if (count == 2) {
		words[0] = 1;
		return 8;
	}
	data();
	code();
	step_beside_watch();
	own();
	not_inherited();
	by_linux();
	forgotten_by_exec();
	refused();
	return checks_done();
}
