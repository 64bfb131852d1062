// SPDX-License-Identifier: MIT
/* The kernel's reader of ELF images, kernel/base/elf.c: what it hands out lies in image and lower
 * half. */
#include "elf_image.h"

#include "base/arch.h"
#include "base/elf.h"

static void check(const uint8_t *image, size_t bytes, const struct elf_program *program)
{
	MUST(program->segments <= ELF_SEGMENTS_MAX);
	for (unsigned int i = 0; i < program->segments; i++) {
		const struct elf_segment *segment = &program->segment[i];
		const uint8_t *data = segment->data;

		MUST(data >= image && segment->data_bytes <= bytes &&
		     data + segment->data_bytes <= image + bytes);
		MUST(segment->data_bytes <= segment->memory_bytes && segment->memory_bytes);
		MUST(segment->address < ARCH_NATIVE_END &&
		     segment->memory_bytes <= ARCH_NATIVE_END - segment->address);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct elf_program program;
	uint8_t *image;
	size_t bytes;

	if (input_bit(&input)) {
		image = input_rest(&input, &bytes);
	} else {
		image = elf_image(&input, &bytes);
	}
	if (elf_read(image, bytes, &program))
		check(image, bytes, &program);
	free(image);
	return 0;
}
