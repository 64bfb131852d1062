/* SPDX-License-Identifier: MIT */
/*
 * Checks of the Linux test programs. A program ends with `return checks_done();`: it prints how
 * many held, or which did not, and the last line is what the runner looks for.
 */
#ifndef TESTS_LINUX_CHECK_H
#define TESTS_LINUX_CHECK_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int checks_held;
static int checks_failed;

static inline bool check_that(bool holds, const char *what, const char *file, int line)
{
	if (holds) {
		checks_held++;
	} else {
		checks_failed++;
		printf("%s:%d: not so: %s (errno %d, %s)\n", file, line, what, errno,
		       strerror(errno));
		fflush(stdout);
	}
	return holds;
}

#define CHECK(condition) check_that((condition), #condition, __FILE__, __LINE__)

/* For what the rest of the program cannot do without. */
#define REQUIRE(condition)                        \
	do {                                      \
		if (!CHECK(condition)) {          \
			printf("cannot go on\n"); \
			fflush(stdout);           \
			_exit(1);                 \
		}                                 \
	} while (0)

/* The call fails with that errno. */
#define CHECK_ERROR(call, error) CHECK((errno = 0, (call) < 0) && errno == (error))

static inline int checks_done(void)
{
	if (checks_failed)
		printf("%d checks failed\n", checks_failed);
	else
		printf("checks passed\n");
	return checks_failed != 0;
}

/* Runs body in a child; its exit status, or 1000 + signal. */
static inline int in_child(void (*body)(void))
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		body();
		fflush(stdout);
		_exit(checks_failed ? 99 : 0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

#endif
