/* SPDX-License-Identifier: MIT */
/* Runs the guest image with two vCPUs whose calls hold locks of their own (image/races.c). */
#include <stdio.h>

#include "run.h"
#include "runtime/component.h"

int component_main(purlin_u64 argument)
{
	(void)argument;
	play_checks(GUEST_RACES);
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
