// SPDX-License-Identifier: MIT
/* Processes: fork, exec, wait, copy-on-write, groups and sessions. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "check.h"

#define CHILDREN 50
#define COW_PAGES 512

extern char **environ;
static char *own_path;

static void statuses(void)
{
	siginfo_t info;
	int status;

	for (int value = 0; value < 256; value += 51) {
		pid_t child = fork();

		if (child == 0)
			_exit(value);
		CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) &&
		      WEXITSTATUS(status) == value);
	}
	pid_t child = fork();
	if (child == 0)
		for (;;)
			pause();
	CHECK(kill(child, SIGSTOP) == 0 && waitpid(child, &status, WUNTRACED) == child &&
	      WIFSTOPPED(status));
	CHECK(kill(child, SIGCONT) == 0 && waitpid(child, &status, WCONTINUED) == child &&
	      WIFCONTINUED(status));
	CHECK(kill(child, SIGKILL) == 0 && waitid(P_PID, (id_t)child, &info, WEXITED) == 0);
	CHECK(info.si_code == CLD_KILLED && info.si_status == SIGKILL);
	CHECK_ERROR(waitpid(-1, &status, WNOHANG), ECHILD);
}

static void many_at_once(void)
{
	pid_t child[CHILDREN];
	int status, sum = 0;

	for (int i = 0; i < CHILDREN; i++) {
		child[i] = fork();
		if (child[i] == 0) {
			for (int round = 0; round < 20; round++)
				sched_yield();
			_exit(i);
		}
	}
	for (int i = 0; i < CHILDREN; i++) {
		CHECK(wait(&status) > 0 && WIFEXITED(status));
		sum += WEXITSTATUS(status);
	}
	CHECK(sum == CHILDREN * (CHILDREN - 1) / 2);
}

/* Parent and child each see their own writes, and the shared page sees both. */
static void copy_on_write(void)
{
	size_t size = COW_PAGES * 4096ul;
	unsigned int *own =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int *shared =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int wrong = 0;
	int status;

	REQUIRE(own != MAP_FAILED && shared != MAP_FAILED);
	for (unsigned int i = 0; i < COW_PAGES; i++)
		own[i * 1024] = i;
	for (unsigned int generation = 1; generation <= 8; generation++) {
		pid_t child = fork();

		if (child == 0) {
			for (unsigned int i = 0; i < COW_PAGES; i++) {
				wrong += own[i * 1024] != i;
				own[i * 1024] = i + generation * 1000;
			}
			for (unsigned int i = 0; i < COW_PAGES; i++)
				wrong += own[i * 1024] != i + generation * 1000;
			shared[generation] = 77;
			_exit(wrong != 0);
		}
		CHECK(waitpid(child, &status, 0) == child && status == 0);
		CHECK(shared[generation] == 77);
		for (unsigned int i = 0; i < COW_PAGES; i++)
			wrong += own[i * 1024] != i;
	}
	CHECK(wrong == 0);
	munmap(own, size);
	munmap(shared, 4096);
}

static void chain(int depth)
{
	int status;
	pid_t child;

	if (depth == 0)
		_exit(33);
	child = fork();
	if (child == 0)
		chain(depth - 1);
	if (waitpid(child, &status, 0) != child)
		_exit(1);
	_exit(WEXITSTATUS(status));
}

static void chain_of_thirty(void)
{
	chain(30);
}

static int run(char *const arguments[])
{
	int status;
	pid_t child;

	if (posix_spawn(&child, arguments[0], NULL, NULL, arguments, environ) != 0)
		return -1;
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void exec(void)
{
	char *again[] = { own_path, "child", "17", NULL };
	char *script[] = { "/tmp/script", "a b", NULL };
	char *none[] = { "/tmp/not-there", NULL };
	char *busybox[] = { "/bin/busybox", "true", NULL };
	char *debian[] = { "/usr/bin/bash", "-c", "exit $((40 + 2))", NULL };
	const char text[] = "#!/bin/sh\n[ \"$1\" = 'a b' ] && exit 5\n";
	int file = open("/tmp/script", O_CREAT | O_WRONLY | O_TRUNC, 0755);

	REQUIRE(file >= 0 && write(file, text, sizeof(text) - 1) > 0 && close(file) == 0);
	for (int i = 0; i < 10; i++)
		CHECK(run(again) == 17);
	CHECK(run(script) == 5);
	CHECK(run(busybox) == 0);
	if (access("/purlin/settle", F_OK) == 0)
		CHECK(run(debian) == 42);
	CHECK_ERROR(execv(none[0], none), ENOENT);
	CHECK(chmod("/tmp/script", 0644) == 0);
	CHECK_ERROR(execv(script[0], script), EACCES);
	unlink("/tmp/script");
}

static void large_arguments(void)
{
	static char text[100000];
	char *arguments[] = { own_path, "length", text, NULL };

	memset(text, 'x', sizeof(text) - 1);
	CHECK(run(arguments) == (sizeof(text) - 1) % 251);
}

static void virtual_fork(void)
{
	volatile int seen = 0;
	int status;
	pid_t child = vfork();

	if (child == 0) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Vfork): that the parent sees it is the test */
		seen = 1;
		_exit(4);
	}
	CHECK(seen == 1 && waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 4);
}

static int clone_body(void *argument)
{
	*(int *)argument = 99;
	return 21;
}

static void clones(void)
{
	char *stack = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int value = 0, status;
	pid_t child;

	REQUIRE(stack != MAP_FAILED);
	child = clone(clone_body, stack + 65536, CLONE_VM | SIGCHLD, &value);
	CHECK(child > 0 && waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 21 &&
	      value == 99);
	value = 0;
	child = clone(clone_body, stack + 65536, SIGCHLD, &value);
	CHECK(child > 0 && waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 21 &&
	      value == 0);
	munmap(stack, 65536);
}

static void groups(void)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (setsid() != getpid() || getpgrp() != getpid() || getsid(0) != getpid())
			_exit(1);
		if (fork() == 0)
			pause();
		signal(SIGTERM, SIG_IGN);
		kill(0, SIGTERM);
		_exit(wait(&status) > 0 && WTERMSIG(status) == SIGTERM ? 0 : 2);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

/* The orphan is adopted by the nearest reaper. */
static void orphans(void)
{
	int status, pipes[2];
	pid_t child, grandchild = 0;

	REQUIRE(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 && pipe(pipes) == 0);
	child = fork();
	if (child == 0) {
		grandchild = fork();
		if (grandchild == 0)
			_exit(8);
		(void)!write(pipes[1], &grandchild, sizeof(grandchild));
		_exit(0);
	}
	CHECK(read(pipes[0], &grandchild, sizeof(grandchild)) == sizeof(grandchild));
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(waitpid(grandchild, &status, 0) == grandchild && WEXITSTATUS(status) == 8);
}

int main(int argc, char **argv)
{
	own_path = "/proc/self/exe";
	if (argc == 3 && strcmp(argv[1], "child") == 0)
		return atoi(argv[2]);
	if (argc == 3 && strcmp(argv[1], "length") == 0)
		return (int)(strlen(argv[2]) % 251);
	statuses();
	many_at_once();
	copy_on_write();
	CHECK(in_child(chain_of_thirty) == 33);
	exec();
	large_arguments();
	virtual_fork();
	clones();
	groups();
	orphans();
	return checks_done();
}
