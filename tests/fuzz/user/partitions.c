// SPDX-License-Identifier: MIT
/*
 * Partition tables (servers/partitions/partitions.c) on disks that are made up, nearly right, or
 * say something else at each read. What is accepted lies on the disk, behind the table, and apart.
 */
#include "blocks.h"

#include "servers/partitions/partitions.h"

#define SECTORS 70 /* those with contents; the rest of a disk is zero */
#define ENTRIES 1024
#define HEADER 512

static uint8_t contents[SECTORS * PARTITION_SECTOR];
static struct input *current;
static uint64_t capacity;
static unsigned int reads;
static bool changing;

static uint32_t sum_of(const uint8_t *at, size_t bytes)
{
	uint32_t sum = ~0u;

	for (size_t i = 0; i < bytes; i++) {
		sum ^= at[i];
		for (unsigned int bit = 0; bit < 8; bit++)
			sum = (sum >> 1) ^ (0xedb88320u & -(sum & 1));
	}
	return ~sum;
}

static bool sector_read(void *context, uint64_t sector, void *to)
{
	MUST(sector < capacity && ++reads < 64 && context == &capacity);
	if (changing && input_byte(current) > 200)
		contents[input_bytes(current, 2) % sizeof(contents)] = input_byte(current);
	memset(to, 0, PARTITION_SECTOR);
	if (sector < SECTORS)
		memcpy(to, contents + sector * PARTITION_SECTOR, PARTITION_SECTOR);
	return input_byte(current) < 250;
}

static void put(size_t at, uint64_t value, unsigned int bytes)
{
	memcpy(contents + at, &value, bytes);
}

static uint64_t odd(uint64_t right)
{
	return input_byte(current) < 235 ? right : input_number(current);
}

static void mbr_put(unsigned int type)
{
	put(510, odd(0xaa55), 2);
	for (unsigned int i = 0; i < 4; i++) {
		size_t at = 446 + 16 * i;

		if (type && i && input_byte(current) < 240)
			continue;
		put(at, odd(0), 1);
		put(at + 4, type && !i ? type : input_choice(current, 8), 1);
		put(at + 8, odd(1 + input_choice(current, 200)), 4);
		put(at + 12, odd(1 + input_choice(current, 30)), 4);
	}
}

static void gpt_put(void)
{
	unsigned int count = input_choice(current, 16), last = input_byte(current);
	bool many = input_choice(current, 8) == 1; /* more than there may be, well laid out */

	mbr_put(0xee);
	memcpy(contents + HEADER, "EFI PART", 8);
	put(HEADER + 8, odd(0x10000), 4);
	put(HEADER + 12, odd(92), 4);
	put(HEADER + 24, odd(1), 8);
	put(HEADER + 40, odd(many ? 90 : 34), 8);
	put(HEADER + 48, odd(capacity - 34), 8);
	put(HEADER + 72, odd(2), 8);
	put(HEADER + 80, odd(many ? 256 : 128), 4);
	put(HEADER + 84, odd(128), 4);
	for (unsigned int i = 0; i < count; i++) {
		size_t at = ENTRIES + (i + 1 < count ? i : last % (many ? 256 : 128)) * 128;
		uint64_t first = odd((many ? 90 : 34) + input_byte(current));

		put(at, 1 + i, 1);
		put(at + 32, first, 8);
		put(at + 40, odd(first + input_choice(current, 40)), 8);
	}
	put(HEADER + 88, odd(sum_of(contents + ENTRIES, 128 * 128)), 4);
	put(HEADER + 16, odd(sum_of(contents + HEADER, 92)), 4);
}

static void check(const struct partition_table *table)
{
	for (unsigned int i = 0; i < PARTITIONS; i++) {
		const struct partition *one = &table->partition[i];

		if (!one->sectors)
			continue;
		MUST(one->first && one->first < capacity && one->sectors <= capacity - one->first);
		MUST(!table->gpt || one->first > 2);
		for (unsigned int j = 0; j < i; j++) {
			const struct partition *other = &table->partition[j];

			MUST(!other->sectors || one->first + one->sectors <= other->first ||
			     other->first + other->sectors <= one->first);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct partition_table table;

	current = &input;
	reads = 0;
	memset(contents, 0, sizeof(contents));
	capacity = 100 + input_bytes(&input, 2);
	changing = input_choice(&input, 4) == 1;
	switch (input_choice(&input, 4)) {
	case 0:
		input_fill(&input, contents, sizeof(contents));
		capacity = input_choice(&input, 2) ? input_number(&input) : capacity;
		break;
	case 1:
		mbr_put(0);
		break;
	default:
		gpt_put();
	}
	if (!partitions_read(&table, capacity, sector_read, &capacity))
		check(&table);
	return 0;
}
