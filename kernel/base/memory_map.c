// SPDX-License-Identifier: MIT
/* The firmware's memory map in order. */
#include "base/memory_map.h"

#define PHYSICAL_END (1ull << 52) /* processors have no more; rounding up cannot wrap */

/*
 * The map is full. Losing usable memory is harmless, but a reserved range that is forgotten would
 * be handed out: it takes the place of the smallest usable one.
 */
static bool replace_usable(struct memory_map *map, struct purlin_memory_range range)
{
	struct purlin_memory_range *smallest = NULL;

	for (unsigned int i = 0; i < map->count; i++)
		if (map->range[i].kind == PURLIN_MEMORY_USABLE &&
		    (!smallest || map->range[i].size < smallest->size))
			smallest = &map->range[i];
	if (!smallest || range.kind == PURLIN_MEMORY_USABLE)
		return false;
	*smallest = range;
	return true;
}

bool memory_map_add(struct memory_map *map, uint64_t base, uint64_t size, uint64_t kind)
{
	/* Nonsense is ignored, not refused: firmware must not be able to stop the boot with it. */
	if (size == 0 || base + size < base || base >= PHYSICAL_END)
		return true;
	if (size > PHYSICAL_END - base)
		size = PHYSICAL_END - base;
	if (kind < PURLIN_MEMORY_USABLE || kind > PURLIN_MEMORY_BAD)
		kind = PURLIN_MEMORY_RESERVED;
	if (map->count == MEMORY_MAP_RAW)
		return replace_usable(map, (struct purlin_memory_range){ base, size, kind });
	map->range[map->count++] = (struct purlin_memory_range){ base, size, kind };
	return true;
}

void memory_map_limit(struct memory_map *map, uint64_t end)
{
	for (unsigned int i = 0; i < map->count; i++) {
		struct purlin_memory_range *range = &map->range[i];

		if (range->kind == PURLIN_MEMORY_USABLE && range->base + range->size > end)
			range->size = range->base < end ? end - range->base : 0;
	}
}

/* The next address above `from` where some range begins or ends; ~0: none. */
static uint64_t next_boundary(const struct memory_map *map, uint64_t from)
{
	uint64_t next = ~0ull;

	for (unsigned int i = 0; i < map->count; i++) {
		uint64_t base = map->range[i].base, end = base + map->range[i].size;
		if (base > from && base < next)
			next = base;
		if (end > from && end < next)
			next = end;
	}
	return next;
}

/* Of all ranges at an address, the kind that allows least; 0: nothing is known. */
static uint64_t kind_at(const struct memory_map *map, uint64_t address)
{
	/* By kind. Usable weighs least, then tables; what must not be touched wins. */
	static const uint8_t weight[] = { 0, 1, 4, 2, 3, 5 };
	uint64_t kind = 0;

	for (unsigned int i = 0; i < map->count; i++) {
		const struct purlin_memory_range *range = &map->range[i];
		if (address >= range->base && address - range->base < range->size &&
		    weight[range->kind] > weight[kind])
			kind = range->kind;
	}
	return kind;
}

bool memory_map_usable(const struct memory_map *map, uint64_t base, uint64_t size)
{
	for (uint64_t at = base; at < base + size; at = next_boundary(map, at))
		if (kind_at(map, at) != PURLIN_MEMORY_USABLE)
			return false;
	return true;
}

/* Ranges left out count as unknown, which is never handed out. */
static unsigned int drop_smallest(struct purlin_memory_range *result, unsigned int count)
{
	unsigned int smallest = 0;

	for (unsigned int i = 1; i < count; i++)
		if (result[i].size < result[smallest].size)
			smallest = i;
	for (unsigned int i = smallest; i + 1 < count; i++)
		result[i] = result[i + 1];
	return count - 1;
}

unsigned int memory_map_normalise(const struct memory_map *map, struct purlin_memory_range *result,
				  unsigned int limit)
{
	uint64_t end;
	unsigned int count = 0;

	/* Between two boundaries the kind does not change: go from one to the next. */
	for (uint64_t base = 0; base != ~0ull; base = end) {
		uint64_t kind = kind_at(map, base);
		end = next_boundary(map, base);
		if (kind == 0 || end == ~0ull)
			continue;
		if (count > 0 && result[count - 1].kind == kind &&
		    result[count - 1].base + result[count - 1].size == base) {
			result[count - 1].size = end - result[count - 1].base;
			continue;
		}
		if (count == limit)
			count = drop_smallest(result, count);
		result[count++] = (struct purlin_memory_range){ base, end - base, kind };
	}
	for (unsigned int i = 0; i < count; i++) {
		if (result[i].kind != PURLIN_MEMORY_USABLE)
			continue;
		uint64_t first = (result[i].base + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
		uint64_t last = (result[i].base + result[i].size) & ~(PAGE_SIZE - 1);
		result[i].base = first;
		result[i].size = last > first ? last - first : 0;
	}
	return count;
}
