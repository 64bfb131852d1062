// SPDX-License-Identifier: MIT
/* First and only program of a small Linux: says in the kernel's log how long it took, and waits. */
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	struct timespec now = { 0 };
	int log = open("/dev/kmsg", O_WRONLY);

	clock_gettime(CLOCK_BOOTTIME, &now);
	/* The most urgent: it is printed whatever the command line says of less urgent lines. */
	dprintf(log, "<0>ready after %ld.%03ld s", (long)now.tv_sec, now.tv_nsec / 1000000);
	for (;;)
		pause();
}
