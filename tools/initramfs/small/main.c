// SPDX-License-Identifier: MIT
/*
 * First and only program of a small Linux: says in the kernel's log how long it took, stays for a
 * while, and powers off. So whoever has started it sees that it came up.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

#define STAYS 30 /* seconds: until the others have been started, too */

int main(void)
{
	struct timespec now = { 0 };
	int log = open("/dev/kmsg", O_WRONLY), length;
	char line[64];

	clock_gettime(CLOCK_BOOTTIME, &now);
	/* The most urgent: it is printed whatever the command line says of less urgent lines. */
	length = snprintf(line, sizeof(line), "<0>ready after %ld.%03ld s", (long)now.tv_sec,
			  now.tv_nsec / 1000000);
	/* In one call, which is a line; and dprintf() seeks, which this file refuses. */
	if (write(log, line, (size_t)length) != length)
		return 1;
	sleep(STAYS);
	return reboot(RB_POWER_OFF);
}
