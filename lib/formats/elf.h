/* SPDX-License-Identifier: MIT */
/* Reading 64-bit ELF programs (ELF-64 Object File Format 1.5) of this architecture. Safe against
 * any contents. */
#ifndef FORMATS_ELF_H
#define FORMATS_ELF_H

#include <stdbool.h>
#include <stddef.h>

#include "purlin/types.h"

struct elf_segment {
	purlin_u64 virtual_address;
	purlin_u64 physical_address;
	purlin_u64 memory_bytes;
	purlin_u64 file_bytes; /* at most memory_bytes */
	const void *data;
	purlin_u64 rights; /* PURLIN_MAP_* */
};

/*
 * True when it is a statically linked program for this architecture whose segments lie within the
 * image and do not wrap around in memory; *entry gets its entry point. To be called before
 * elf_segment, on an image that nobody changes meanwhile.
 */
bool elf_check(const void *image, size_t bytes, purlin_u64 *entry);
/* The next PT_LOAD segment with *index from 0 up; false after the last. */
bool elf_segment(const void *image, unsigned int *index, struct elf_segment *segment);

#endif
