// SPDX-License-Identifier: MIT
/* Components added: a fragment is compiled, sent, and what it describes waited for. */
#define _GNU_SOURCE /* pipe2 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "purlinctl.h"

/* One byte more: what is longer is seen to be. */
static char fragment[CONTROL_FRAGMENT_BYTES + 1];
static char reasons[CONTROL_REASON_BYTES + 1];

/* All there is, as far as there is room; below 0: errno says what is wrong. */
static ssize_t read_all(int from)
{
	size_t bytes = 0;
	ssize_t got;

	do {
		got = read(from, fragment + bytes, sizeof(fragment) - bytes);
		bytes += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	return got < 0 ? got : (ssize_t)bytes;
}

static bool compiled(size_t bytes)
{
	static const char magic[] = "\xd0\x0d\xfe\xed";

	return bytes >= 4 && !memcmp(fragment, magic, 4);
}

static _Noreturn void run_dtc(const char *file, int to)
{
	dup2(to, STDOUT_FILENO);
	execlp("dtc", "dtc", "-q", "-I", "dts", "-O", "dtb", "--", file, NULL);
	fprintf(stderr, "purlinctl: %s: it has to be compiled, and there is no dtc\n", file);
	_exit(127);
}

/* By dtc, which says itself what is wrong. */
static ssize_t compile(const char *file)
{
	int ends[2], status = 0;
	ssize_t bytes;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	child = fork();
	if (!child)
		run_dtc(file, ends[1]);
	close(ends[1]);
	bytes = child < 0 ? -1 : read_all(ends[0]);
	close(ends[0]);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	return status ? 0 : bytes;
}

/* 0: what is wrong has been said. */
static size_t fetch(const char *file)
{
	int from = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t bytes = from < 0 ? -1 : read_all(from);

	if (from >= 0)
		close(from);
	if (bytes >= 0 && !compiled((size_t)bytes))
		bytes = compile(file);
	if (bytes >= 0 && bytes <= CONTROL_FRAGMENT_BYTES)
		return (size_t)bytes;
	fprintf(stderr, "purlinctl: %s: %s\n", file,
		bytes < 0 ? strerror(errno) : "it is longer than 16 KiB when compiled");
	return 0;
}

static int refused(const char *file)
{
	if (errno == EINVAL && *reasons) {
		/* A name of the fragment's, and so its reasons, may have anything in it. */
		for (char *at = reasons; *at; at++)
			if (*at != '\n' && (*at < ' ' || *at > '~'))
				*at = '?';
		fputs(reasons, stderr);
	}
	fprintf(stderr, "purlinctl: %s: %s\n", file,
		errno == EACCES ? "the system description grants this Linux no `adds`" :
		errno == EINVAL ? "it is refused" :
		errno == ENOMEM ? "there is no memory to look after more components" :
				  strerror(errno));
	return 1;
}

/* Until all of them are there, or are not to be. */
static int await_added(unsigned int first, unsigned int end, int seconds)
{
	int result = 0;

	for (unsigned int i = first; i < end; i++) {
		const uint64_t *one = components[i];

		if (!await_started((int)i, seconds)) {
			fprintf(stderr, "purlinctl: component %u: not started within %d s\n", i,
				seconds);
			return 1;
		}
		/* One that waits until it is started has had no life. */
		if (one[CONTROL_STATE] == CONTROL_STATE_RUNNING || !one[CONTROL_LIVES])
			continue;
		fprintf(stderr, "purlinctl: %.16s: it is %s\n", name_of(one), state_of(one));
		result = 1;
	}
	return result;
}

int add(int words, char **word)
{
	int seconds = timeout_of("one file is wanted", words, word);
	uint64_t wanted[4];
	size_t bytes;

	if (seconds < 0)
		return 1;
	bytes = fetch(word[0]);
	if (!bytes)
		return 1;
	wanted[0] = (uintptr_t)fragment;
	wanted[1] = bytes;
	wanted[2] = (uintptr_t)reasons;
	wanted[3] = sizeof(reasons);
	if (ioctl(control, CONTROL_IOCTL_ADD, wanted))
		return refused(word[0]);
	return await_added((unsigned int)wanted[0], (unsigned int)(wanted[0] + wanted[1]), seconds);
}
