// SPDX-License-Identifier: MIT
/* Signals: installing, catching, and catching a protection fault. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ubench.h"

static char *guarded;

static void on_signal(int number)
{
	(void)number;
}

static void on_fault(int number)
{
	(void)number;
	MUST(mprotect(guarded, PAGE, PROT_READ | PROT_WRITE));
}

static void install(int number, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	MUST(sigaction(number, &action, NULL));
}

static void run_install(long count)
{
	interval_begin();
	while (count--)
		install(SIGUSR1, on_signal);
	interval_end();
}

static void run_catch(long count)
{
	pid_t me = getpid();

	install(SIGUSR1, on_signal);
	interval_begin();
	while (count--)
		MUST(kill(me, SIGUSR1));
	interval_end();
}

static void run_fault(long count)
{
	guarded = pages_new(PAGE);
	pages_touch(guarded, PAGE);
	install(SIGSEGV, on_fault);
	interval_begin();
	while (count--) {
		MUST(mprotect(guarded, PAGE, PROT_READ));
		*(volatile char *)guarded = 1;
	}
	interval_end();
	install(SIGSEGV, SIG_DFL);
	pages_free(guarded, PAGE);
}

static void run_mprotect(long count)
{
	char *page = pages_new(PAGE);

	pages_touch(page, PAGE);
	interval_begin();
	while (count--) {
		MUST(mprotect(page, PAGE, PROT_READ));
		(void)*(volatile char *)page;
		MUST(mprotect(page, PAGE, PROT_READ | PROT_WRITE));
		*(volatile char *)page = 1;
	}
	interval_end();
	pages_free(page, PAGE);
}

const struct test signal_tests[] = {
	{ .name = "signal-install", .run = run_install, .count = 4000 },
	{ .name = "signal-catch", .run = run_catch, .count = 1000 },
	{ .name = "protection-fault", .run = run_fault, .count = 500 },
	{ .name = "mprotect-pair", .run = run_mprotect, .count = 1000 },
	{},
};
