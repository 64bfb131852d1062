/* SPDX-License-Identifier: MIT */
/* The firmware's memory map in order: sorted, without overlaps, neighbours of one kind joined. */
#ifndef BASE_MEMORY_MAP_H
#define BASE_MEMORY_MAP_H

#include "base/types.h"
#include "purlin/boot.h"

#define MEMORY_MAP_RAW 256

struct memory_map {
	unsigned int count;
	struct purlin_memory_range range[MEMORY_MAP_RAW];
};

/*
 * Add what a loader or the kernel says about a range. In a full map what is not usable takes the
 * place of the smallest usable range. False: no room.
 */
bool memory_map_add(struct memory_map *map, uint64_t base, uint64_t size, uint64_t kind);

/* Forget usable memory from `end` on. */
void memory_map_limit(struct memory_map *map, uint64_t end);

/* True if all of the range is usable and nothing else is said about any part of it. */
bool memory_map_usable(const struct memory_map *map, uint64_t base, uint64_t size);

/*
 * Bring the map in order. Where ranges overlap, the one that promises less
 * wins: usable loses against everything. Usable ranges shrink to whole pages. Keeps at most
 * `limit` ranges (the smallest go first). Returns how many.
 */
unsigned int memory_map_normalise(const struct memory_map *map, struct purlin_memory_range *result,
				  unsigned int limit);

#endif
