/* SPDX-License-Identifier: MIT */
/* The registers a program should find, and those it does not. */
#ifndef CROSSING_PAIRS_COMPARE_H
#define CROSSING_PAIRS_COMPARE_H

#include "turns.h"

#define FX_ST7 (32 + 16 * 7)  /* in struct seen's fx */
#define ENVIRONMENT_OPERAND 5 /* in its environment */

enum field {
	X87_CONTROL,
	X87_STATUS,
	X87_TAGS,
	X87_OPERAND,
	X87_VALUES,
	MXCSR,
	XMM,
	YMM_UPPER,
	GENERAL_REGISTERS,
	SELECTORS,
	FS_BASE,
	GS_BASE,
	NUMBER,
	FIELDS,
};
extern const char *const field_names[FIELDS];

/* What a program of this number, 1 or 2, fills its registers with. */
void pattern_make(struct seen *pattern, unsigned int number);
/* What a vCPU finds at its start: nothing of anybody. */
void initial_make(struct seen *initial, purlin_u64 rdi, purlin_u64 rsi);
/* A bit for each field that is not as wanted. */
purlin_u32 seen_differs(const struct seen *seen, const struct seen *wanted);

#endif
