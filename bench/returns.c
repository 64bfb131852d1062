// SPDX-License-Identifier: MIT
/*
 * How long a disk does not answer after its server was killed (./purlin bench returns).
 *
 *   returns kill NAME DEVICE ROUNDS   kills NAME by purlinctl, reads 4 KiB; a line for each round:
 *                                     the clock before, and when the 4 KiB were read
 *   returns stamp                     the clock as a line in Linux's log
 *
 * The clock is the TSC, which all Linux of a machine share.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#define BLOCK 4096

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void kill_component(const char *name)
{
	int status;
	pid_t child = vfork();

	if (child < 0)
		die("vfork");
	if (child == 0) {
		execlp("purlinctl", "purlinctl", "kill", name, NULL);
		_exit(127);
	}
	if (waitpid(child, &status, 0) != child || status)
		die("purlinctl");
}

static void rounds(const char *name, const char *device, int count)
{
	void *block;
	int disk = open(device, O_RDONLY | O_DIRECT);

	if (disk < 0 || posix_memalign(&block, BLOCK, BLOCK))
		die(device);
	for (int round = 0; round < count; round++) {
		sleep(1);
		unsigned long long before = __rdtsc();
		kill_component(name);
		if (pread(disk, block, BLOCK, 0) != BLOCK)
			die(device);
		printf("round %llu %llu\n", before, __rdtsc());
		fflush(stdout);
	}
}

static void stamp(void)
{
	FILE *log = fopen("/dev/kmsg", "w");

	if (!log)
		die("/dev/kmsg");
	fprintf(log, "stamp %llu\n", __rdtsc());
	fclose(log);
}

int main(int words, char **word)
{
	if (words == 5 && !strcmp(word[1], "kill"))
		rounds(word[2], word[3], atoi(word[4]));
	else if (words == 2 && !strcmp(word[1], "stamp"))
		stamp();
	else
		return 2;
	return 0;
}
