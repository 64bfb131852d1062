/* SPDX-License-Identifier: MIT */
/* Relatives of memcpy and memset, which lie in the folder of the architecture. */
#include <string.h>

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
