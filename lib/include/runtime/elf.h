/* SPDX-License-Identifier: MIT */
/* Reading 64-bit ELF programs for x86-64 (ELF-64 Object File Format 1.5). Safe against any
 * contents. */
#ifndef RUNTIME_ELF_H
#define RUNTIME_ELF_H

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

/* True when it is a statically linked program for x86-64; *entry gets its entry point. */
bool elf_check(const void *image, size_t bytes, purlin_u64 *entry);
/* The next PT_LOAD segment with *index from 0 up; false after the last, or when damaged. */
bool elf_segment(const void *image, size_t bytes, unsigned int *index, struct elf_segment *segment);

/*
 * Load a program into an empty PD. Its memory is one object, paid by
 * `account`, in a fresh slot, *memory: to be kept as long as the PD lives.
 */
purlin_s64 elf_load(const void *image, size_t bytes, purlin_u64 account, purlin_u64 pd,
		    purlin_u64 *memory, purlin_u64 *entry);

#endif
