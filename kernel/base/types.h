/* SPDX-License-Identifier: MIT */
/* Types used all over the kernel. */
#ifndef BASE_TYPES_H
#define BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "purlin/types.h"

/* Physical and virtual addresses do not mix. */
struct physical {
	uint64_t value;
};

#define PHYSICAL_NONE ((struct physical){ ~0ull })

static inline bool physical_valid(struct physical address)
{
	return address.value != ~0ull;
}

/* PURLIN_OK or one of the negative PURLIN_* errors. */
typedef int64_t status;

#define PAGE_SIZE 4096ull
#define PAGE_SHIFT 12
#define LARGE_PAGE_SIZE (PAGE_SIZE * 512)
#define CPU_MAX 64

static inline uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

#define container_of(pointer, type, member) \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))

#endif
