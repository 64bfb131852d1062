// SPDX-License-Identifier: MIT
/* The memory map: order, overlaps, what firmware gets wrong. */
#include "test.h"

#include "base/memory_map.h"

static struct memory_map map;
static struct purlin_memory_range result[8];

static void expect(unsigned int index, uint64_t base, uint64_t size, uint64_t kind)
{
	assert_int_equal(result[index].base, base);
	assert_int_equal(result[index].size, size);
	assert_int_equal(result[index].kind, kind);
}

static void sorted_and_joined(void **state)
{
	(void)state;
	map.count = 0;
	memory_map_add(&map, 0x3000, 0x1000, PURLIN_MEMORY_USABLE);
	memory_map_add(&map, 0x8000, 0x1000, PURLIN_MEMORY_ACPI);
	memory_map_add(&map, 0x1000, 0x2000, PURLIN_MEMORY_USABLE);
	assert_int_equal(memory_map_normalise(&map, result, 8), 2);
	expect(0, 0x1000, 0x3000, PURLIN_MEMORY_USABLE);
	expect(1, 0x8000, 0x1000, PURLIN_MEMORY_ACPI);
}

static void usable_loses(void **state)
{
	(void)state;
	map.count = 0;
	memory_map_add(&map, 0, 0x10000, PURLIN_MEMORY_USABLE);
	memory_map_add(&map, 0x2800, 0x1000, PURLIN_MEMORY_RESERVED);
	memory_map_add(&map, 0x3000, 0x1000, PURLIN_MEMORY_NVS);
	assert_int_equal(memory_map_normalise(&map, result, 8), 4);
	expect(0, 0, 0x2000, PURLIN_MEMORY_USABLE); /* whole pages only */
	expect(1, 0x2800, 0x1000, PURLIN_MEMORY_RESERVED);
	expect(2, 0x3800, 0x800, PURLIN_MEMORY_NVS);
	expect(3, 0x4000, 0xc000, PURLIN_MEMORY_USABLE);
}

static void nonsense_is_harmless(void **state)
{
	(void)state;
	map.count = 0;
	assert_true(memory_map_add(&map, 0x1000, 0, PURLIN_MEMORY_USABLE));
	assert_true(memory_map_add(&map, ~0ull - 4, 100, PURLIN_MEMORY_USABLE));
	assert_int_equal(map.count, 0);
	memory_map_add(&map, 0x1000, 0x1000, 77);
	memory_map_add(&map, 0x2200, 0x100, PURLIN_MEMORY_USABLE);
	assert_int_equal(memory_map_normalise(&map, result, 8), 2);
	expect(0, 0x1000, 0x1000, PURLIN_MEMORY_RESERVED);
	assert_int_equal(result[1].size, 0);
	/* No processor reaches there; rounded up to a page, its start would be 0. */
	map.count = 0;
	memory_map_add(&map, ~0ull - 0x7ff, 0x7f0, PURLIN_MEMORY_USABLE);
	assert_int_equal(memory_map_normalise(&map, result, 8), 0);
	memory_map_add(&map, 0x1000, ~0ull - 0x2000, PURLIN_MEMORY_USABLE);
	assert_int_equal(memory_map_normalise(&map, result, 8), 1);
	expect(0, 0x1000, (1ull << 52) - 0x1000, PURLIN_MEMORY_USABLE);
}

static void too_many_drop_the_smallest(void **state)
{
	(void)state;
	map.count = 0;
	for (uint64_t i = 0; i < 12; i++)
		memory_map_add(&map, i << 20, (i == 3 ? 1 : 2 + i) << 12, PURLIN_MEMORY_USABLE);
	assert_int_equal(memory_map_normalise(&map, result, 8), 8);
	for (unsigned int i = 1; i < 8; i++)
		assert_true(result[i].base > result[i - 1].base);
	expect(7, 11ull << 20, 13 << 12, PURLIN_MEMORY_USABLE);
	expect(0, 4ull << 20, 6 << 12, PURLIN_MEMORY_USABLE);
}

static void full_map_says_so(void **state)
{
	(void)state;
	map.count = 0;
	for (uint64_t i = 0; i < MEMORY_MAP_RAW; i++)
		assert_true(memory_map_add(&map, i << 20, 0x1000, PURLIN_MEMORY_USABLE));
	assert_false(memory_map_add(&map, 0, 0x1000, PURLIN_MEMORY_USABLE));
}

static void usable_query(void **state)
{
	(void)state;
	map.count = 0;
	memory_map_add(&map, 0, 0x9fc00, PURLIN_MEMORY_USABLE);
	memory_map_add(&map, 0x9fc00, 0x400, PURLIN_MEMORY_RESERVED);
	assert_true(memory_map_usable(&map, 0x9e000, 0x1000));
	assert_false(memory_map_usable(&map, 0x9f000, 0x1000));
	assert_false(memory_map_usable(&map, 0xa0000, 0x1000));
}

TEST_MAIN(TEST(sorted_and_joined), TEST(usable_loses), TEST(nonsense_is_harmless),
	  TEST(too_many_drop_the_smallest), TEST(full_map_says_so), TEST(usable_query))
