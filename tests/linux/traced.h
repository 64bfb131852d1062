/* SPDX-License-Identifier: MIT */
/* Children that are traced by ptrace from their first instruction on. */
#ifndef LINUX_TRACED_H
#define LINUX_TRACED_H

#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* The signal at which the child stops; 1000 and its status if it ends instead; -1: neither. */
static int wait_stop(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		return -1;
	return WIFSTOPPED(status) ? WSTOPSIG(status) : 1000 + WEXITSTATUS(status);
}

/* A child that has stopped before it runs body(), and ends with what that returns. */
static pid_t traced(int (*body)(void))
{
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(body());
	}
	REQUIRE(child > 0 && wait_stop(child) == SIGSTOP);
	return child;
}

#endif
