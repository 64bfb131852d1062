/* SPDX-License-Identifier: MIT */
/*
 * What fuzzers share. Inlined wherever it is used: a fuzzer's code may be all that is mapped where
 * it runs.
 */
#ifndef TESTS_COMPONENTS_FUZZ_CALL_H
#define TESTS_COMPONENTS_FUZZ_CALL_H

#include "purlin/types.h"

/* The next number of a sequence; its state is never 0. */
static inline __attribute__((always_inline)) purlin_u64 fuzz_random(purlin_u64 *state)
{
	purlin_u64 x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	*state = x;
	return x * 0x2545f4914f6cdd1dull >> 8;
}

/* A kernel call of any number with six argument words; the status. */
static inline __attribute__((always_inline)) purlin_u64 fuzz_call(purlin_u64 number,
								  const purlin_u64 *word)
{
	register purlin_u64 r10 __asm__("r10") = word[3];
	register purlin_u64 r8 __asm__("r8") = word[4];
	register purlin_u64 r9 __asm__("r9") = word[5];
	purlin_u64 rdx = word[2];

	__asm__ volatile("syscall"
			 : "+a"(number), "+d"(rdx), "+r"(r8), "+r"(r9)
			 : "D"(word[0]), "S"(word[1]), "r"(r10)
			 : "rcx", "r11", "memory");
	return number;
}

#endif
