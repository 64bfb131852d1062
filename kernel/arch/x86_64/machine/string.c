// SPDX-License-Identifier: MIT
/*
 * Memory functions with string instructions: no vector registers in the
 * kernel, and the compiler cannot turn them back into calls of themselves.
 */
#include "base/string.h"

void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
	void *destination = to;
	size_t words = bytes / 8;

	__asm__ volatile("rep movsq\n\tmov %3, %2\n\trep movsb"
			 : "+D"(destination), "+S"(from), "+c"(words)
			 : "r"(bytes % 8)
			 : "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t bytes)
{
	char *destination = to;
	const char *source = from;

	if (destination <= source || destination >= source + bytes)
		return memcpy(to, from, bytes);
	while (bytes--) {
		destination[bytes] = source[bytes];
		/* Keeps this a loop: compilers recognise memmove. */
		__asm__ volatile("" ::: "memory");
	}
	return to;
}

void *memset(void *to, int value, size_t bytes)
{
	void *destination = to;
	uint64_t pattern = (uint8_t)value * 0x0101010101010101ull;
	size_t words = bytes / 8;

	__asm__ volatile("rep stosq\n\tmov %3, %1\n\trep stosb"
			 : "+D"(destination), "+c"(words)
			 : "a"(pattern), "r"(bytes % 8)
			 : "memory");
	return to;
}

int memcmp(const void *left, const void *right, size_t bytes)
{
	const uint8_t *a = left, *b = right;

	for (size_t i = 0; i < bytes; i++)
		if (a[i] != b[i])
			return a[i] - b[i];
	return 0;
}

size_t strlen(const char *text)
{
	size_t length = 0;

	while (text[length]) {
		length++;
		__asm__ volatile("" ::: "memory"); /* as in memmove */
	}
	return length;
}

int strcmp(const char *left, const char *right)
{
	while (*left && *left == *right) {
		left++;
		right++;
	}
	return (uint8_t)*left - (uint8_t)*right;
}
