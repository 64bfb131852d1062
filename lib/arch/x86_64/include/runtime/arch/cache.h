/* SPDX-License-Identifier: MIT */
/* The processor's caches. Each folder lib/arch/NAME has the same names. */
#ifndef RUNTIME_ARCH_CACHE_H
#define RUNTIME_ARCH_CACHE_H

#include <stddef.h>
#include <stdint.h>

#define CACHE_LINE 64

/* The caches hand on what they have of these bytes; when this returns, it is in memory. */
static inline void cache_flush(const void *from, size_t bytes)
{
	const char *line = (const char *)((uintptr_t)from & ~(uintptr_t)(CACHE_LINE - 1));

	for (; line < (const char *)from + bytes; line += CACHE_LINE)
		__builtin_ia32_clflush(line);
	__builtin_ia32_mfence();
}

#endif
