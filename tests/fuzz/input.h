/* SPDX-License-Identifier: MIT */
/* What fuzz targets share: the input as a series of decisions, and what must hold. */
#ifndef TESTS_FUZZ_INPUT_H
#define TESTS_FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is left of it. Used up, it answers zero, so that zero should be the quiet choice. */
struct input {
	const uint8_t *at;
	size_t left;
};

/* Ends the program where the condition does not hold: libFuzzer keeps the input. */
#define MUST(condition)                                                                         \
	do {                                                                                    \
		if (!(condition)) {                                                             \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                \
		}                                                                               \
	} while (0)

/* A number of `count` bytes, at most eight. */
static inline uint64_t input_bytes(struct input *input, unsigned int count)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < count && input->left; i++, input->left--)
		value |= (uint64_t)*input->at++ << (8 * i);
	return value;
}

static inline uint8_t input_byte(struct input *input)
{
	return (uint8_t)input_bytes(input, 1);
}

/* 0 .. count - 1; count is at most 256. */
static inline unsigned int input_choice(struct input *input, unsigned int count)
{
	return input_byte(input) % count;
}

/* Small numbers and those around powers of two more often than others. */
static inline uint64_t input_number(struct input *input)
{
	unsigned int kind = input_byte(input);

	switch (kind % 8) {
	case 0:
		return kind / 8;
	case 1:
	case 2:
		return input_byte(input);
	case 3:
		return input_bytes(input, 2);
	case 4:
		return input_bytes(input, 4);
	case 5:
		return (1ull << input_choice(input, 64)) + kind / 8 - 16;
	case 6:
		return input_bytes(input, 2) << 12;
	default:
		return input_bytes(input, 8);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
