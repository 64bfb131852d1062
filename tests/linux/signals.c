// SPDX-License-Identifier: MIT
/* Signals: delivery, masks, stacks, contexts, restarts, timers, queues. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>

#include "check.h"

static volatile sig_atomic_t count;
static volatile sig_atomic_t last_value;
static volatile sig_atomic_t order[8];

static void on_signal(int signal)
{
	(void)signal;
	count++;
}

static void set_handler(int signal, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	CHECK(sigaction(signal, &action, NULL) == 0);
}

static void delivery_and_masks(void)
{
	sigset_t set, pending;

	set_handler(SIGUSR1, on_signal, 0);
	count = 0;
	for (int i = 0; i < 1000; i++)
		raise(SIGUSR1);
	CHECK(count == 1000);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR1);
	CHECK(count == 1000 && sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1));
	CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
	CHECK(count == 1001); /* two of one kind are one */
}

static void on_value(int signal, siginfo_t *info, void *context)
{
	(void)context;
	order[count++ & 7] = signal;
	last_value = info->si_value.sival_int;
}

static void queued(void)
{
	struct sigaction action = { .sa_sigaction = on_value, .sa_flags = SA_SIGINFO };
	int first = SIGRTMIN + 1;
	sigset_t set;
	siginfo_t info;
	struct timespec moment = { 0, 1000000 };

	sigfillset(&action.sa_mask);
	sigemptyset(&set);
	for (int i = 0; i < 3; i++) {
		sigaddset(&set, first + i);
		CHECK(sigaction(first + i, &action, NULL) == 0);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
	count = 0;
	for (int i = 2; i >= 0; i--)
		CHECK(sigqueue(getpid(), first + i, (union sigval){ .sival_int = 40 + i }) == 0);
	CHECK(sigqueue(getpid(), first, (union sigval){ .sival_int = 50 }) == 0);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	CHECK(count == 4 && order[0] == first && order[1] == first && order[2] == first + 1 &&
	      order[3] == first + 2);
	CHECK(last_value == 42);
	sigprocmask(SIG_BLOCK, &set, NULL);
	CHECK_ERROR(sigtimedwait(&set, &info, &moment), EAGAIN);
	sigqueue(getpid(), first, (union sigval){ .sival_int = 7 });
	CHECK(sigtimedwait(&set, &info, &moment) == first && info.si_value.sival_int == 7);
	CHECK(info.si_code == SI_QUEUE && info.si_pid == getpid());
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static char other_stack[65536];
static volatile uintptr_t handler_stack;

static void on_other_stack(int signal)
{
	(void)signal;
	handler_stack = (uintptr_t)__builtin_frame_address(0);
}

static void alternate_stack(void)
{
	stack_t stack = { .ss_sp = other_stack, .ss_size = sizeof(other_stack) };

	CHECK(sigaltstack(&stack, NULL) == 0);
	set_handler(SIGUSR2, on_other_stack, SA_ONSTACK);
	raise(SIGUSR2);
	CHECK(handler_stack >= (uintptr_t)other_stack &&
	      handler_stack < (uintptr_t)other_stack + sizeof(other_stack));
	set_handler(SIGUSR2, on_other_stack, 0);
	raise(SIGUSR2);
	CHECK(handler_stack < (uintptr_t)other_stack ||
	      handler_stack >= (uintptr_t)other_stack + sizeof(other_stack));
}

static sigjmp_buf jump;
static volatile int jump_code;
static void *volatile jump_address;

static void on_jump(int signal, siginfo_t *info, void *context)
{
	(void)context;
	jump_code = info->si_code;
	jump_address = info->si_addr;
	siglongjmp(jump, signal);
}

static void faults(void)
{
	struct sigaction action = { .sa_sigaction = on_jump, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	for (int round = 0; round < 100; round++) {
		int signal = sigsetjmp(jump, 1);

		if (signal == 0) {
			*(volatile char *)(page + 123) = 1;
			CHECK(false);
		}
		if (signal != SIGSEGV || jump_code != SEGV_ACCERR || jump_address != page + 123) {
			CHECK(!"write to a read-only page reported as it should");
			break;
		}
	}
	munmap(page, 4096);
	if (sigsetjmp(jump, 1) == 0) {
		(void)*(volatile char *)page;
		CHECK(false);
	}
	CHECK(jump_code == SEGV_MAPERR && jump_address == page);
}

static void endless_recursion(void)
{
	volatile char space[4096];

	memset((char *)space, 1, sizeof(space));
	endless_recursion();
	space[0] = 2;
}

static void stack_overflow(void)
{
	if (sigsetjmp(jump, 1) == 0) {
		endless_recursion();
		CHECK(false);
	}
	CHECK(jump_code == SEGV_MAPERR || jump_code == SEGV_ACCERR);
}

static void on_context(int signal, siginfo_t *info, void *context)
{
	ucontext_t *where = context;

	(void)signal;
	(void)info;
	where->uc_mcontext.gregs[REG_RAX] = 0x1234;
	where->uc_mcontext.gregs[REG_R15] = 0x5678;
	sigaddset(&where->uc_sigmask, SIGUSR2);
}

/* What a handler writes into its context is what the program continues with. */
static void changed_context(void)
{
	struct sigaction action = { .sa_sigaction = on_context, .sa_flags = SA_SIGINFO };
	sigset_t now;
	unsigned long result, fifteenth;

	sigaction(SIGTRAP, &action, NULL);
	__asm__ volatile("xor %%r15d, %%r15d\n\t int3\n\t mov %%r15, %1"
			 : "=a"(result), "=r"(fifteenth)::"r15", "memory");
	CHECK(result == 0x1234 && fifteenth == 0x5678);
	sigprocmask(SIG_BLOCK, NULL, &now);
	CHECK(sigismember(&now, SIGUSR2));
	sigemptyset(&now);
	sigprocmask(SIG_SETMASK, &now, NULL);
}

static int64_t ns(const struct timespec *time)
{
	return time->tv_sec * 1000000000ll + time->tv_nsec;
}

static int64_t now_ns(void)
{
	struct timespec now;

	REQUIRE(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return ns(&now);
}

static void restarts(void)
{
	const struct itimerval soon = { { 0, 0 }, { 0, 20000 } }, never = { { 0, 0 }, { 0, 0 } };
	/* Again and again: the first signal may come before the call that it is to interrupt. */
	const struct itimerval often = { { 0, 20000 }, { 0, 20000 } };
	const struct timespec wish = { 5, 0 };
	const int64_t slack = 1000000; /* of Linux, on top of what was wished: at most */
	struct timespec left = { 0, 0 };
	int64_t start;
	char byte;
	int pipes[2];
	pid_t child;

	REQUIRE(pipe(pipes) == 0);
	set_handler(SIGALRM, on_signal, 0);
	setitimer(ITIMER_REAL, &often, NULL);
	CHECK_ERROR(read(pipes[0], &byte, 1), EINTR);
	start = now_ns();
	CHECK_ERROR(nanosleep(&wish, &left), EINTR);
	CHECK(ns(&left) >= ns(&wish) - (now_ns() - start) && ns(&left) < ns(&wish) + slack);
	setitimer(ITIMER_REAL, &never, NULL);
	set_handler(SIGALRM, on_signal, SA_RESTART);
	count = 0;
	setitimer(ITIMER_REAL, &soon, NULL);
	fflush(stdout);
	child = fork();
	if (child == 0) {
		usleep(200000);
		_exit(write(pipes[1], "r", 1) != 1);
	}
	CHECK(read(pipes[0], &byte, 1) == 1 && byte == 'r' && count == 1);
	waitpid(child, NULL, 0);
}

static void nested_body(int signal)
{
	order[count++ & 7] = signal;
	if (signal == SIGUSR1) {
		raise(SIGUSR2);
		order[count++ & 7] = -1;
	}
}

static void nesting(void)
{
	count = 0;
	set_handler(SIGUSR1, nested_body, 0);
	set_handler(SIGUSR2, nested_body, 0);
	raise(SIGUSR1);
	CHECK(count == 3 && order[0] == SIGUSR1 && order[1] == SIGUSR2 && order[2] == -1);
}

static void timers(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
	struct itimerspec every = { { 0, 5000000 }, { 0, 5000000 } };
	timer_t timer;

	set_handler(SIGRTMIN, on_signal, 0);
	count = 0;
	REQUIRE(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	CHECK(timer_settime(timer, 0, &every, NULL) == 0);
	while (count < 20)
		pause();
	CHECK(timer_delete(timer) == 0);
}

static volatile int *volatile nowhere;

static void die_by_segv(void)
{
	signal(SIGSEGV, SIG_DFL);
	*nowhere = 1;
}

static void die_by_pipe(void)
{
	int pipes[2];

	if (pipe(pipes) == 0 && close(pipes[0]) == 0)
		(void)!write(pipes[1], "x", 1);
}

static void die_by_abort(void)
{
	abort();
}

int main(void)
{
	delivery_and_masks();
	queued();
	alternate_stack();
	faults();
	stack_overflow();
	changed_context();
	restarts();
	nesting();
	timers();
	CHECK(in_child(die_by_segv) == 1000 + SIGSEGV);
	CHECK(in_child(die_by_pipe) == 1000 + SIGPIPE);
	CHECK(in_child(die_by_abort) == 1000 + SIGABRT);
	return checks_done();
}
