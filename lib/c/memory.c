/* SPDX-License-Identifier: MIT */
/* memcpy and its relatives; the compiler calls them, too. */
#include <string.h>

/* The string instructions are the fastest that need neither SSE state nor alignment cases. */
void *memcpy(void *restrict to, const void *restrict from, size_t bytes)
{
	void *start = to;

	__asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
	return start;
}

void *memmove(void *to, const void *from, size_t bytes)
{
	char *target = to;
	const char *source = from;

	if (target <= source || target >= source + bytes)
		return memcpy(to, from, bytes);
	while (bytes) {
		bytes--;
		/* volatile: the loop must not become a call of memmove. */
		((volatile char *)target)[bytes] = source[bytes];
	}
	return to;
}

void *memset(void *to, int value, size_t bytes)
{
	void *start = to;

	__asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(value) : "memory");
	return start;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
	const unsigned char *left = a;
	const unsigned char *right = b;

	for (size_t i = 0; i < bytes; i++) {
		if (left[i] != right[i])
			return left[i] < right[i] ? -1 : 1;
	}
	return 0;
}

void *memchr(const void *from, int value, size_t bytes)
{
	const unsigned char *byte = from;

	for (size_t i = 0; i < bytes; i++) {
		if (byte[i] == (unsigned char)value)
			return (void *)(byte + i);
	}
	return NULL;
}
