// SPDX-License-Identifier: MIT
/*
 * What loaders say: kernel/arch/x86_64/boot/multiboot2.c and pvh.c. Multiboot2's blocks end where
 * they say; texts end; the memory map made of it is in order, and promises nothing that a range
 * denies.
 */
#include "blocks.h"

#include "arch/boot.h"
#include "base/arch.h"
#include "debug/log.h"

#define MOST_BYTES 0x4000
#define BASE 0x10000

static struct {
	uint64_t base, bytes;
	uint8_t *data;
} blocks[4];
static unsigned int block_count;

void *arch_physical_to_kernel(struct physical address)
{
	for (unsigned int i = 0; i < block_count; i++)
		if (address.value >= blocks[i].base &&
		    address.value - blocks[i].base < blocks[i].bytes)
			return blocks[i].data + (address.value - blocks[i].base);
	FAIL("an address the loader did not name");
	return NULL;
}

_Noreturn void panic(const char *format, ...)
{
	FAIL(format); /* all that is named here lies below 4 GiB */
	abort();
}

/* As in boot_data.c, which is not linked: it holds the start's state. */
void boot_copy_text(char *to, size_t size, const char *from)
{
	size_t i = 0;

	for (; i + 1 < size && from[i]; i++)
		to[i] = from[i];
	to[i] = 0;
}

static uint8_t *block(uint64_t base, uint64_t bytes)
{
	uint8_t *data = calloc(1, bytes);

	blocks[block_count].base = base;
	blocks[block_count].bytes = bytes;
	blocks[block_count++].data = data;
	return data;
}

static void put32(uint8_t *at, uint64_t value)
{
	memcpy(at, &value, 4);
}

static void put64(uint8_t *at, uint64_t value)
{
	memcpy(at, &value, 8);
}

static void put_entry(struct input *input, uint8_t *at)
{
	put64(at, input_number(input));
	put64(at + 8, input_number(input));
	put32(at + 16, input_choice(input, 8));
}

/* A tag whose contents the input chooses; its size is the true one, or another. */
static size_t put_tag(struct input *input, uint8_t *at, size_t left)
{
	static const uint8_t types[] = { 1, 3, 6, 14, 15, 6, 6, 9 };
	unsigned int type = types[input_choice(input, sizeof(types))];
	unsigned int odd = input_byte(input);
	size_t bytes = 8 + input_choice(input, 120);

	if (type == 6)
		bytes = 16 + 24 * input_choice(input, 12);
	if (bytes > left)
		return left;
	put32(at, type);
	put32(at + 4, odd < 230 ? bytes : input_number(input));
	if (type == 6) {
		put32(at + 8, odd & 16 ? 24 : input_number(input));
		for (size_t entry = 16; entry + 24 <= bytes; entry += 24)
			put_entry(input, at + entry);
	} else {
		input_fill(input, at + 8, bytes - 8);
	}
	bytes = (bytes + 7) & ~(size_t)7;
	return bytes < left ? bytes : left;
}

static bool read_multiboot2(struct input *input, struct boot_data *data)
{
	static uint8_t tags[MOST_BYTES];
	size_t end = 8;

	memset(tags, 0, sizeof(tags));
	while (input->left && end < sizeof(tags) - 512)
		end += put_tag(input, tags + end, sizeof(tags) - end);
	put32(tags, end);
	/* No end tag, and the block ends exactly there. */
	memcpy(block(BASE, end), tags, end);
	return multiboot2_read(BASE, data);
}

static bool read_pvh(struct input *input, struct boot_data *data)
{
	unsigned int entries = input_choice(input, 8) * 40u, odd = input_byte(input);
	uint8_t *start = block(BASE, 56), *map, *text;
	uint64_t bytes = 1 + input_bytes(input, 2) % 1024;

	put32(start, odd & 1 ? BOOT_PVH : input_number(input));
	put32(start + 4, odd & 2 ? 1 : input_choice(input, 3));
	put32(start + 12, input_choice(input, 2));
	put64(start + 16, BASE * 2);
	put64(start + 24, odd & 4 ? BASE * 3 : 0);
	put64(start + 32, input_number(input));
	put64(start + 40, BASE * 4);
	put32(start + 48, entries);
	input_fill(input, block(BASE * 2, 32), 32);
	text = block(BASE * 3, bytes);
	input_fill(input, text, bytes - 1);
	map = block(BASE * 4, entries * 24 + 1);
	for (unsigned int i = 0; i < entries; i++)
		put_entry(input, map + i * 24);
	return pvh_read(BASE, data);
}

static bool denied(const struct memory_map *map, uint64_t address)
{
	for (unsigned int i = 0; i < map->count; i++)
		if (map->range[i].kind != PURLIN_MEMORY_USABLE && address >= map->range[i].base &&
		    address - map->range[i].base < map->range[i].size)
			return true;
	return false;
}

static bool promised(const struct memory_map *map, uint64_t address)
{
	for (unsigned int i = 0; i < map->count; i++)
		if (map->range[i].kind == PURLIN_MEMORY_USABLE && address >= map->range[i].base &&
		    address - map->range[i].base < map->range[i].size)
			return true;
	return false;
}

static void check_usable(const struct memory_map *map, const struct purlin_memory_range *range)
{
	MUST(range->base % PAGE_SIZE == 0 && range->size % PAGE_SIZE == 0);
	if (!range->size)
		return;
	MUST(promised(map, range->base) && promised(map, range->base + range->size - 1));
	MUST(!denied(map, range->base) && !denied(map, range->base + range->size - 1));
	for (unsigned int i = 0; i < map->count; i++)
		if (map->range[i].kind != PURLIN_MEMORY_USABLE)
			MUST(map->range[i].base < range->base ||
			     map->range[i].base - range->base >= range->size);
	MUST(memory_map_usable(map, range->base, range->size));
}

static void check_map(const struct memory_map *map, unsigned int limit)
{
	struct purlin_memory_range *result = calloc(limit, sizeof(*result));
	unsigned int count = memory_map_normalise(map, result, limit);
	uint64_t end = 0;

	MUST(count <= limit);
	for (unsigned int i = 0; i < count; i++) {
		MUST(result[i].kind >= PURLIN_MEMORY_USABLE && result[i].kind <= PURLIN_MEMORY_BAD);
		if (!result[i].size) /* less than a page, rounded away */
			continue;
		MUST(result[i].base >= end && result[i].base + result[i].size >= result[i].base);
		end = result[i].base + result[i].size;
		if (result[i].kind == PURLIN_MEMORY_USABLE)
			check_usable(map, &result[i]);
	}
	free(result);
}

static void check(const struct boot_data *data, unsigned int limit)
{
	MUST(data->map.count <= MEMORY_MAP_RAW && data->rsdp_copy_size <= sizeof(data->rsdp_copy));
	MUST(memchr(data->command_line, 0, sizeof(data->command_line)));
	check_map(&data->map, limit);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct input input = { bytes, size };
	struct boot_data *data = calloc(1, sizeof(*data));
	unsigned int limit = 1 + input_byte(&input) % 64;

	block_count = 0;
	if (input_bit(&input) ? read_multiboot2(&input, data) : read_pvh(&input, data))
		check(data, limit);
	for (unsigned int i = 0; i < block_count; i++)
		free(blocks[i].data);
	free(data);
	return 0;
}
