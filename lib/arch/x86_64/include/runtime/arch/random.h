/* SPDX-License-Identifier: MIT */
/* The processor's generator of random numbers. Each folder lib/arch/NAME has the same names. */
#ifndef RUNTIME_ARCH_RANDOM_H
#define RUNTIME_ARCH_RANDOM_H

#include <stdbool.h>

#include "purlin/types.h"

/* Intel SDM, volume 1, 7.3.17: it may run dry under load, so a few times are nothing unusual. */
#define RANDOM_TRIES 64

struct random_source {
	bool rdseed, rdrand;
};

static inline struct random_source random_source(void)
{
	purlin_u32 a = 0, b, c = 0, d, most;
	struct random_source source = { false, false };

	__asm__("cpuid" : "=a"(most), "=b"(b), "=c"(c), "=d"(d) : "a"(0), "c"(0));
	__asm__("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "a"(1), "c"(0));
	source.rdrand = c & 1u << 30;
	if (most >= 7) {
		__asm__("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "a"(7), "c"(0));
		source.rdseed = b & 1u << 18;
	}
	return source;
}

/* One number, by RDSEED where the processor has it. False: there is none now. */
static inline bool random_word(struct random_source source, purlin_u64 *word)
{
	bool there = false;

	for (unsigned int i = 0; source.rdseed && !there && i < RANDOM_TRIES; i++)
		__asm__ volatile("rdseed %0; setc %1; pause" : "=r"(*word), "=qm"(there) : : "cc");
	for (unsigned int i = 0; source.rdrand && !there && i < RANDOM_TRIES; i++)
		__asm__ volatile("rdrand %0; setc %1; pause" : "=r"(*word), "=qm"(there) : : "cc");
	return there;
}

#endif
