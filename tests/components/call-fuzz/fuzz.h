/* SPDX-License-Identifier: MIT */
/* What runs in the child PDs of call-fuzz, and where. */
#ifndef CALL_FUZZ_H
#define CALL_FUZZ_H

#include "purlin/types.h"

#define FUZZ_SLOTS 64
#define FUZZ_THREADS 4
#define FUZZ_DATA 0x10000000ull	    /* a page of struct fuzz for each thread, then the stacks */
#define FUZZ_MESSAGES 0x20000000ull /* a page for each thread */
#define FUZZ_STACK_PAGES 2

struct fuzz {
	purlin_u64 random; /* state of the generator: not 0 */
	purlin_u64 calls, good;
	purlin_u64 *message; /* of the thread */
	purlin_u64 code;     /* entry of further threads */
};

/*
 * Makes random kernel calls for ever. It and fuzz_end() lie in a section of their own and use
 * nothing outside of it, so that its pages can be mapped into another PD.
 */
_Noreturn void fuzz_run(struct fuzz *fuzz);
void fuzz_end(void);
extern const char __start_fuzz[], __stop_fuzz[];

#endif
