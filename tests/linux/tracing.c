// SPDX-License-Identifier: MIT
/* ptrace: stops, registers, memory, single steps, breakpoints, system calls, vector state. */
#define _GNU_SOURCE
#include <elf.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "traced.h"

static volatile long shared_word = 0x1122334455667788;

static int wait_exit(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

__attribute__((noinline)) static int target(int value)
{
	__asm__ volatile("" ::: "memory");
	return value + 1;
}

static int call_target(void)
{
	return target(4) + (shared_word == 0x99 ? 100 : 0);
}

static void memory_and_registers(void)
{
	struct user_regs_struct registers;
	pid_t child = traced(call_target);

	CHECK(ptrace(PTRACE_PEEKDATA, child, &shared_word, NULL) == 0x1122334455667788);
	CHECK(ptrace(PTRACE_POKEDATA, child, &shared_word, (void *)0x99) == 0);
	CHECK(ptrace(PTRACE_GETREGS, child, NULL, &registers) == 0);
	CHECK(registers.cs == 0x33 && registers.ss == 0x2b && registers.rip != 0);
	CHECK((long)ptrace(PTRACE_PEEKUSER, child, offsetof(struct user, regs.rip), NULL) ==
	      (long)registers.rip);
	errno = 0;
	CHECK(ptrace(PTRACE_PEEKDATA, child, (void *)16, NULL) == -1 && errno == EIO);
	CHECK(ptrace(PTRACE_CONT, child, NULL, NULL) == 0 && wait_exit(child) == 105);
}

/* An int3 over the first byte of target(); its argument changed when it hits. */
static void breakpoint(void)
{
	struct user_regs_struct registers;
	pid_t child = traced(call_target);
	long text = ptrace(PTRACE_PEEKTEXT, child, (void *)target, NULL);

	CHECK(ptrace(PTRACE_POKETEXT, child, (void *)target, (void *)((text & ~0xfful) | 0xcc)) ==
	      0);
	CHECK(ptrace(PTRACE_CONT, child, NULL, NULL) == 0 && wait_stop(child) == SIGTRAP);
	CHECK(ptrace(PTRACE_GETREGS, child, NULL, &registers) == 0);
	CHECK(registers.rip == (unsigned long)target + 1 && registers.rdi == 4);
	CHECK(ptrace(PTRACE_POKETEXT, child, (void *)target, (void *)text) == 0);
	registers.rip--;
	registers.rdi = 40;
	CHECK(ptrace(PTRACE_SETREGS, child, NULL, &registers) == 0);
	CHECK(ptrace(PTRACE_CONT, child, NULL, NULL) == 0 && wait_exit(child) == 41);
}

static int hundred_instructions(void)
{
	__asm__ volatile("mov $50, %%ecx\n\t 1: dec %%ecx\n\t jnz 1b" ::: "ecx", "cc");
	return 3;
}

static void single_steps(void)
{
	struct user_regs_struct registers;
	pid_t child = traced(hundred_instructions);
	unsigned int steps = 0, in_loop = 0;
	unsigned long start = (unsigned long)hundred_instructions;

	while (steps < 5000) {
		if (ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) != 0 ||
		    wait_stop(child) != SIGTRAP)
			break;
		ptrace(PTRACE_GETREGS, child, NULL, &registers);
		steps++;
		if (registers.rip >= start && registers.rip < start + 32)
			in_loop++;
		else if (in_loop > 0)
			break;
	}
	CHECK(in_loop >= 100 && in_loop <= 120);
	CHECK(ptrace(PTRACE_CONT, child, NULL, NULL) == 0 && wait_exit(child) == 3);
}

static int two_calls(void)
{
	syscall(SYS_getppid);
	return syscall(SYS_getuid) == 5000 ? 6 : 7;
}

static void system_calls(void)
{
	struct user_regs_struct registers;
	pid_t child = traced(two_calls);
	bool saw_parent = false, changed = false;

	CHECK(ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)PTRACE_O_TRACESYSGOOD) == 0);
	for (int stops = 0; stops < 100 && !changed; stops++) {
		if (ptrace(PTRACE_SYSCALL, child, NULL, NULL) != 0 ||
		    wait_stop(child) != (SIGTRAP | 0x80))
			break;
		ptrace(PTRACE_GETREGS, child, NULL, &registers);
		saw_parent |= registers.orig_rax == SYS_getppid && (long)registers.rax == getpid();
		if (registers.orig_rax == SYS_getuid && registers.rax != (unsigned long)-ENOSYS) {
			registers.rax = 5000;
			changed = ptrace(PTRACE_SETREGS, child, NULL, &registers) == 0;
		}
	}
	CHECK(saw_parent && changed);
	CHECK(ptrace(PTRACE_CONT, child, NULL, NULL) == 0 && wait_exit(child) == 6);
}

static int stop_with_vector(void)
{
	uint64_t value[2] = { 0x1111, 0x2222 }, after[2];

	__asm__ volatile("movdqu %1, %%xmm5\n\t mov $62, %%eax\n\t mov %2, %%edi\n\t mov $19, "
			 "%%esi\n\t syscall\n\t"
			 "movdqu %%xmm5, %0"
			 : "=m"(after)
			 : "m"(value), "r"(getpid())
			 : "rax", "rdi", "rsi", "rcx", "r11", "xmm5", "memory");
	return after[0] == 0x1111 && after[1] == 0x7777 ? 9 : 10;
}

static void vector_state(void)
{
	struct user_fpregs_struct state;
	char extended[4096];
	struct iovec area = { extended, sizeof(extended) };
	pid_t child = traced(stop_with_vector);

	CHECK(ptrace(PTRACE_CONT, child, NULL, NULL) == 0 && wait_stop(child) == SIGSTOP);
	CHECK(ptrace(PTRACE_GETFPREGS, child, NULL, &state) == 0);
	CHECK(state.xmm_space[5 * 4] == 0x1111 && state.xmm_space[5 * 4 + 2] == 0x2222);
	CHECK(ptrace(PTRACE_GETREGSET, child, (void *)NT_X86_XSTATE, &area) == 0 &&
	      area.iov_len >= 576);
	state.xmm_space[5 * 4 + 2] = 0x7777;
	CHECK(ptrace(PTRACE_SETFPREGS, child, NULL, &state) == 0);
	CHECK(ptrace(PTRACE_CONT, child, NULL, NULL) == 0 && wait_exit(child) == 9);
}

static void attach(void)
{
	struct user_regs_struct registers;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0)
		for (;;)
			target(1);
	CHECK(ptrace(PTRACE_ATTACH, child, NULL, NULL) == 0 && wait_stop(child) == SIGSTOP);
	CHECK(ptrace(PTRACE_GETREGS, child, NULL, &registers) == 0);
	CHECK(ptrace(PTRACE_DETACH, child, NULL, NULL) == 0);
	CHECK(ptrace(PTRACE_SEIZE, child, NULL, NULL) == 0 &&
	      ptrace(PTRACE_INTERRUPT, child, NULL, NULL) == 0);
	CHECK(wait_stop(child) == SIGTRAP);
	CHECK(kill(child, SIGKILL) == 0 && wait_exit(child) == 1000 + SIGKILL);
}

int main(void)
{
	memory_and_registers();
	breakpoint();
	single_steps();
	system_calls();
	vector_state();
	attach();
	return checks_done();
}
