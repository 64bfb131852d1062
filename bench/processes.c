// SPDX-License-Identifier: MIT
/* Threads and processes that come and go. */
#define _GNU_SOURCE
#include <limits.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <unistd.h>

#include "ubench.h"

static char *exit_words[] = { "ubench", EXIT_OPTION, NULL };
extern char **environ;

static void *nothing(void *unused)
{
	return unused;
}

static void run_thread(long count)
{
	pthread_t thread;

	interval_begin();
	while (count--) {
		if (pthread_create(&thread, NULL, nothing, NULL) != 0)
			fail("pthread_create");
		pthread_join(thread, NULL);
	}
	interval_end();
}

static void end(void *unused)
{
	(void)unused;
}

static void become_another(void *unused)
{
	(void)unused;
	MUST(execv(self, exit_words));
}

static void run_fork(long count)
{
	interval_begin();
	while (count--)
		child_wait(child_start(end, NULL));
	interval_end();
}

static void run_fork_exec(long count)
{
	interval_begin();
	while (count--)
		child_wait(child_start(become_another, NULL));
	interval_end();
}

static void spawn(const char *path, char **words)
{
	pid_t child;

	if (posix_spawn(&child, path, NULL, NULL, words, environ) != 0)
		fail("posix_spawn");
	child_wait(child);
}

static void run_spawn(long count)
{
	interval_begin();
	while (count--)
		spawn(self, exit_words);
	interval_end();
}

/* The shell starts this program, which ends at once. */
static void run_shell(long count)
{
	char line[PATH_MAX + sizeof(EXIT_OPTION) + 1];
	char *shell_words[] = { "sh", "-c", line, NULL };

	snprintf(line, sizeof(line), "%s %s", self, EXIT_OPTION);
	interval_begin();
	while (count--)
		spawn("/bin/sh", shell_words);
	interval_end();
}

const struct test process_tests[] = {
	{ .name = "thread", .run = run_thread, .count = 200 },
	{ .name = "fork", .run = run_fork, .count = 60 },
	{ .name = "fork-exec", .run = run_fork_exec, .count = 40 },
	{ .name = "spawn", .run = run_spawn, .count = 40 },
	{ .name = "shell", .run = run_shell, .count = 15 },
	{},
};
