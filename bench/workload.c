// SPDX-License-Identifier: MIT
/*
 * workload NAME OPERATIONS COMMAND...: what a command and its children cost, as a line of ubench.
 * The command's own output is left away.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ubench.h"

static void become(void *words)
{
	MUST(dup2((int)MUST(open("/dev/null", O_WRONLY)), STDOUT_FILENO));
	MUST(execvp(*(char **)words, words));
}

int main(int count, char **words)
{
	long operations = count > 3 ? atol(words[2]) : 0;
	uint64_t idle;

	if (operations <= 0) {
		fprintf(stderr, "workload NAME OPERATIONS COMMAND...\n");
		return 2;
	}
	MARK_RESET();
	idle = idle_time();
	interval_begin();
	child_wait(child_start(become, words + 3));
	interval_end();
	interval_exclude(idle_time() - idle);
	printf("%-28s %12.2f %-5s %8ld %5.1f%%\n", words[1],
	       (double)interval_value() / (double)operations, "ns", operations, 0.0);
	fflush(stdout);
	MARK_REPORT();
	return 0;
}
