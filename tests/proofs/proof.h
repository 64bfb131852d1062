/* SPDX-License-Identifier: MIT */
/* What the harnesses share: any value at all, assumptions, and what has to hold. */
#ifndef PROOF_H
#define PROOF_H

#include <stdbool.h>
#include <stdint.h>

/* CBMC takes a function with such a name and no body for one that may return anything. */
uint64_t nondet_any(void);
bool nondet_any_bool(void);
#define any nondet_any
#define any_bool nondet_any_bool

#define assume(condition) __CPROVER_assume(condition)
#define prove(condition, sentence) __CPROVER_assert(condition, sentence)

#endif
