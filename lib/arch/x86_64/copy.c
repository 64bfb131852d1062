/* SPDX-License-Identifier: MIT */
/* memcpy and memset; the compiler calls them, too. */
#include <string.h>

/* The string instructions are the fastest that need neither SSE state nor alignment cases. */
void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
	void *start = to;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
	return start;
}

void *memset(void *to, int value, size_t bytes)
{
	void *start = to;

	__asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(value) : "memory");
	return start;
}
