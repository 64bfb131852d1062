// SPDX-License-Identifier: MIT
/*
 * What it took to come here since the machine's reset, as a line of ubench: time by the clock that
 * counts since then; the plugin, which sees an end without a beginning, tells the instructions.
 */
#include <stdio.h>
#include <x86intrin.h>

#include "ubench.h"

int main(void)
{
	MARK_END();
	printf("%-28s %12.2f %-5s %8d %5.1f%%\n", "boot", (double)__rdtsc(), "ns", 1, 0.0);
	fflush(stdout);
	MARK_REPORT();
	return 0;
}
