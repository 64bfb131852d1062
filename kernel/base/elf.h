/* SPDX-License-Identifier: MIT */
/* Static ELF64 programs for x86-64: reading their segments. Trusts nothing in them. */
#ifndef CORE_ELF_H
#define CORE_ELF_H

#include "base/types.h"

#define ELF_SEGMENTS_MAX 16

struct elf_segment {
	uint64_t address;      /* virtual */
	uint64_t memory_bytes; /* from `address` */
	const void *data;
	uint64_t data_bytes; /* the rest is zero */
	uint32_t rights;     /* PURLIN_MAP_* */
};

struct elf_program {
	uint64_t entry;
	unsigned int segments;
	struct elf_segment segment[ELF_SEGMENTS_MAX];
};

/* False: not such a program, or a segment beyond the image or the lower half. */
bool elf_read(const void *image, size_t size, struct elf_program *program);

#endif
