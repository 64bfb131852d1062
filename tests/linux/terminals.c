// SPDX-License-Identifier: MIT
/* Pseudo-terminals: line editing, control characters, job control, window size. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "check.h"

static int master, slave;

static ssize_t read_all(int file, char *text, size_t size, char until)
{
	size_t at = 0;

	while (at < size - 1 && read(file, text + at, 1) == 1)
		if (text[at++] == until)
			break;
	text[at] = 0;
	return (ssize_t)at;
}

static void line_editing(void)
{
	char text[64];

	CHECK(write(master,
		    "abx\x7f"
		    "c\n",
		    6) == 6);
	CHECK(read_all(slave, text, sizeof(text), '\n') == 4 && strcmp(text, "abc\n") == 0);
	CHECK(read_all(master, text, sizeof(text), '\n') > 4 && strstr(text, "abx"));
	CHECK(write(slave, "out\n", 4) == 4);
	CHECK(read_all(master, text, sizeof(text), '\n') == 5 && strcmp(text, "out\r\n") == 0);
}

static void raw(void)
{
	struct termios before, now;
	char text[8] = "";

	CHECK(tcgetattr(slave, &before) == 0);
	now = before;
	cfmakeraw(&now);
	CHECK(tcsetattr(slave, TCSANOW, &now) == 0);
	CHECK(write(master, "\x03\r\x7f", 3) == 3 && read(slave, text, 3) == 3 &&
	      memcmp(text, "\x03\r\x7f", 3) == 0);
	CHECK(write(slave, "\n", 1) == 1 && read(master, text, 1) == 1 && text[0] == '\n');
	CHECK(tcsetattr(slave, TCSANOW, &before) == 0);
}

static void window(void)
{
	struct winsize size = { .ws_row = 33, .ws_col = 99 }, seen = { 0 };

	CHECK(ioctl(master, TIOCSWINSZ, &size) == 0 && ioctl(slave, TIOCGWINSZ, &seen) == 0);
	CHECK(seen.ws_row == 33 && seen.ws_col == 99 && isatty(slave));
}

/* A session whose foreground job gets ^C, and whose background job is stopped when it reads. */
static void job_control(void)
{
	char text[64];
	int status, own_master;
	pid_t leader = forkpty(&own_master, NULL, NULL, NULL);

	if (leader == 0) {
		pid_t job = fork();

		signal(SIGTTOU, SIG_IGN);
		if (job == 0) {
			signal(SIGTTIN, SIG_DFL);
			setpgid(0, 0);
			(void)!read(0, text, 1);
			_exit(9);
		}
		setpgid(job, job);
		if (waitpid(job, &status, WUNTRACED) != job || !WIFSTOPPED(status) ||
		    WSTOPSIG(status) != SIGTTIN)
			_exit(1);
		tcsetpgrp(0, job);
		kill(job, SIGCONT);
		printf("ready\n");
		fflush(stdout);
		if (waitpid(job, &status, 0) != job || !WIFSIGNALED(status) ||
		    WTERMSIG(status) != SIGINT)
			_exit(2);
		tcsetpgrp(0, getpid());
		_exit(5);
	}
	REQUIRE(leader > 0);
	CHECK(read_all(own_master, text, sizeof(text), '\n') > 0 && strncmp(text, "ready", 5) == 0);
	CHECK(write(own_master, "\x03", 1) == 1);
	CHECK(waitpid(leader, &status, 0) == leader && WIFEXITED(status) &&
	      WEXITSTATUS(status) == 5);
	close(own_master);
}

int main(void)
{
	REQUIRE(openpty(&master, &slave, NULL, NULL, NULL) == 0);
	line_editing();
	raw();
	window();
	job_control();
	return checks_done();
}
