/* SPDX-License-Identifier: MIT */
/* Checks of native test components: a line "ok NAME" or "FAILED NAME: why" each, then a sum. */
#ifndef TEST_CHECK_H
#define TEST_CHECK_H

#include <stdbool.h>

#include "purlin/types.h"

/* The status is the one wanted. */
bool check_status(const char *name, purlin_s64 status, purlin_s64 wanted);
bool check_equal(const char *name, purlin_u64 value, purlin_u64 wanted);
bool check_true(const char *name, bool value);
/* The slot holds a capability with just these rights. */
bool check_rights(const char *name, purlin_u64 slot, purlin_u64 rights);
/* Prints "N passed, N failed"; the number of failures. */
int check_sum(void);

#endif
