/* SPDX-License-Identifier: MIT */
/* Runs over the end of its stack. */
#include "runtime/component.h"

static int deeper(volatile char *above)
{
	volatile char room[1024];

	room[0] = (char)(above[0] + 1);
	return deeper(room) + room[0];
}

int component_main(purlin_u64 argument)
{
	volatile char top = (char)argument;

	return deeper(&top);
}
