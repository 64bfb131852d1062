/* SPDX-License-Identifier: MIT */
/* Ways to die. */
#ifndef TEST_DIE_H
#define TEST_DIE_H

#include "purlin/types.h"

/* In one of WAYS_TO_DIE ways, by `which`; the value is that of main() if it returns. */
#define WAYS_TO_DIE 7
int die(purlin_u64 which);
/* The same, but for the end of a thread, which other threads of the component would outlive. */
int die_with_all_threads(purlin_u64 which);

#endif
