/* SPDX-License-Identifier: MIT */
/*
 * Registers that C code does not name: filled with a pattern in one protection domain, looked for
 * in another. Between filling and looking there must be nothing but a kernel call.
 */
#ifndef TEST_CROSSING_STATE_H
#define TEST_CROSSING_STATE_H

#include <stdbool.h>

#include "purlin/types.h"

struct state {
	purlin_u64 x87_control, x87_tags, x87_value;
	purlin_u64 mxcsr, xmm, ymm_high;
	purlin_u64 selectors; /* of DS, ES, FS, GS, or-ed */
	purlin_u64 fs_base, gs_base;
};
#define STATE_FIELDS (sizeof(struct state) / sizeof(purlin_u64))
extern const char *const state_fields[STATE_FIELDS];

/* What a thread finds at its beginning. */
extern const struct state state_initial;

/* What state_look() finds after state_fill() of the same number, from 1 to 3, and a switch. */
struct state state_of(unsigned int number);
void state_fill(unsigned int number);
/* Afterwards the registers are as a program expects them. */
void state_look(struct state *seen);
/* A bit for each field that is not as wanted. */
purlin_u32 state_differs(const struct state *seen, const struct state *wanted);

#endif
