/* SPDX-License-Identifier: MIT */
/* What all host tests of the user level include. */
#ifndef HOST_LIB_TEST_H
#define HOST_LIB_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A repeatable generator for damaged input (xorshift). */
static inline uint32_t test_random(void)
{
	static uint32_t state = 2463534242u;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

#endif
