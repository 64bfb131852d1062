// SPDX-License-Identifier: MIT
/*
 * `idle SECONDS`: nothing to do for so long, as a line of ubench, after a while in which what the
 * start has left is done. The plugin tells what ran all the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ubench.h"

#define SETTLE_SECONDS 20

int main(int count, char **arguments)
{
	unsigned int seconds = count > 1 ? (unsigned int)atoi(arguments[1]) : 0;

	if (!seconds)
		fail("idle SECONDS");
	sleep(SETTLE_SECONDS);
	interval_begin();
	sleep(seconds);
	interval_end();
	printf("%-28s %12.2f %-5s %8u %5.1f%%\n", "idle", (double)interval_value() / seconds, "ns",
	       seconds, 0.0);
	fflush(stdout);
	MARK_REPORT();
	return 0;
}
