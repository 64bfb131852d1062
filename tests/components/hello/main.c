/* SPDX-License-Identifier: MIT */
/* The smallest component: writes a line and ends. */
#include <stdio.h>

#include "runtime/component.h"

int component_main(purlin_u64 argument)
{
	(void)argument;
	printf("Hello, world\n");
	return 0;
}
