/* SPDX-License-Identifier: MIT */
/* More ways to read the input: bits, blocks. */
#ifndef TESTS_FUZZ_USER_BLOCKS_H
#define TESTS_FUZZ_USER_BLOCKS_H

#include "input.h"

/* Where nothing may come. */
#define FAIL(what)                                                                \
	do {                                                                      \
		fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, what); \
		abort();                                                          \
	} while (0)

static inline bool input_bit(struct input *input)
{
	return input_byte(input) & 1;
}

/* Fill a block; what the input does not give is zero. */
static inline void input_fill(struct input *input, void *to, size_t bytes)
{
	size_t given = bytes < input->left ? bytes : input->left;

	memset(to, 0, bytes);
	if (given)
		memcpy(to, input->at, given);
	input->at += given;
	input->left -= given;
}

/* A copy of what is left, of exactly its size: so the sanitizer sees each access beyond it. */
static inline void *input_rest(struct input *input, size_t *bytes)
{
	void *copy = malloc(input->left + !input->left);

	*bytes = input->left;
	if (input->left)
		memcpy(copy, input->at, input->left);
	return copy;
}

/* Touch all bytes, as a reader would. */
static inline unsigned int touch(const void *data, size_t bytes)
{
	const volatile uint8_t *at = data;
	unsigned int sum = 0;

	for (size_t i = 0; i < bytes; i++)
		sum += at[i];
	return sum;
}

#endif
