/* SPDX-License-Identifier: MIT */
/* How each kernel call allocates, with arguments to try it; for the two tests that share the calls.
 */
#ifndef ALLOCATIONS_H
#define ALLOCATIONS_H

#include <stdint.h>

#include "purlin/call_numbers.h"

#define MEMORY 40 /* an object of each kind that a call needs */
#define SLOT 50	  /* in the first page of the table, which is there */
#define GUEST 41
#define GUEST_MEMORY 42

/* How a call allocates. */
enum kind {
	MISSING, /* a new call: it wants a line below */
	NEVER,	 /* it needs no memory: call() of kernel_support.c looks */
	CREATES, /* argument 1 is the new slot */
	CHANGES, /* other arguments */
	PASSES,	 /* it pays for the slots of a receiver */
	GUESTS,	 /* of a guest: see kernel_guest_allocations.c */
};

struct example {
	enum kind kind;
	uint64_t argument[6];
};

extern const struct example examples[PURLIN_CALLS];
extern const char *const names[PURLIN_CALLS];

#endif
