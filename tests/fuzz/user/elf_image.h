/* SPDX-License-Identifier: MIT */
/* ELF images out of the fuzzer's bytes: most fields plausible, some not. */
#ifndef TESTS_FUZZ_USER_ELF_IMAGE_H
#define TESTS_FUZZ_USER_ELF_IMAGE_H

#include "blocks.h"

#define ELF_HEADER_BYTES 64
#define ELF_PART_BYTES 56
#define ELF_REPEATS_SHIFT 14

static inline void elf_put(uint8_t *at, uint64_t value, unsigned int bytes)
{
	memcpy(at, &value, bytes);
}

static inline void elf_header(struct input *input, uint8_t *image, unsigned int parts)
{
	static const uint8_t ident[] = { 0x7f, 'E', 'L', 'F', 2, 1, 1 };
	unsigned int odd = input_byte(input);

	memcpy(image, ident, sizeof(ident));
	elf_put(image + 16, odd & 1 ? input_byte(input) : 2, 2);
	elf_put(image + 18, odd & 2 ? input_byte(input) : 62, 2);
	elf_put(image + 24, input_number(input), 8);
	elf_put(image + 32, odd & 4 ? input_number(input) : ELF_HEADER_BYTES, 8);
	elf_put(image + 54, odd & 8 ? input_byte(input) : ELF_PART_BYTES, 2);
	elf_put(image + 56, odd & 16 ? input_bytes(input, 2) : parts, 2);
}

static inline void elf_part(struct input *input, uint8_t *at)
{
	unsigned int odd = input_byte(input);

	elf_put(at, odd & 1 ? input_byte(input) : 1, 4);
	elf_put(at + 4, odd >> 5, 4);
	elf_put(at + 8, input_number(input), 8);
	elf_put(at + 16, input_number(input), 8);
	elf_put(at + 24, input_number(input), 8);
	elf_put(at + 32, input_number(input), 8);
	elf_put(at + 40, odd & 2 ? 1ull << (52 + input_choice(input, 12)) : input_number(input), 8);
}

/* Headers, the parts of the program (each perhaps many times), data. Freed by the caller. */
static inline uint8_t *elf_image(struct input *input, size_t *bytes)
{
	uint8_t part[8][ELF_PART_BYTES] = { 0 };
	unsigned int count = input_choice(input, 9), repeats[8], parts = 0, at = ELF_HEADER_BYTES;
	size_t tail;
	uint8_t *image;

	for (unsigned int i = 0; i < count; i++) {
		elf_part(input, part[i]);
		repeats[i] =
			input_byte(input) & 0x80 ? 1u << input_choice(input, ELF_REPEATS_SHIFT) : 1;
		parts += repeats[i];
	}
	tail = input_bytes(input, 2) % 0x3000;
	*bytes = ELF_HEADER_BYTES + (size_t)parts * ELF_PART_BYTES + tail;
	image = calloc(1, *bytes);
	elf_header(input, image, parts);
	for (unsigned int i = 0; i < count; i++)
		for (unsigned int n = 0; n < repeats[i]; n++, at += ELF_PART_BYTES)
			memcpy(image + at, part[i], ELF_PART_BYTES);
	input_fill(input, image + at, tail < input->left ? tail : input->left);
	return image;
}

#endif
