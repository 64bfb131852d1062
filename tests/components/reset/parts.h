/* SPDX-License-Identifier: MIT */
/* The functions that the tests of resets, messages and configuration space use. */
#ifndef RESET_PARTS_H
#define RESET_PARTS_H

#include <stdint.h>

#include "purlin/types.h"

struct function {
	purlin_u64 bdf;
	volatile char *registers;
	uint32_t bar;
};

/* As many messages as a session can have, and all again after they were given back. */
void test_many_messages(purlin_u64 session, const struct function *function);

/* Many writes to two functions, each beside the other: what is not its own does not change. */
void test_hostile_writes(purlin_u64 session, const struct function *one,
			 const struct function *other);

#endif
