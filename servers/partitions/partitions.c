/* SPDX-License-Identifier: MIT */
/* Partition tables. Whoever wrote the disk may have made them up. */
#include "partitions.h"

#include <string.h>

#define MBR_ENTRIES 446 /* byte offset */
#define MBR_PARTITIONS 4
#define MBR_SIGNATURE 510
#define MBR_PROTECTIVE 0xee
#define GPT_HEADER_BYTES 92
#define GPT_ENTRY_BYTES 128

struct mbr_entry {
	uint8_t active, first_chs[3], type, last_chs[3];
	uint8_t first[4], sectors[4];
};

struct gpt_header {
	char signature[8];
	uint32_t revision, bytes, checksum, reserved;
	uint64_t own, alternate, first_usable, last_usable;
	uint8_t disk[16];
	uint64_t entries;
	uint32_t entry_count, entry_bytes, entries_checksum;
	uint32_t unused;
};

struct gpt_entry {
	uint8_t type[16], identity[16];
	uint64_t first, last, attributes;
	uint8_t name[72];
};
_Static_assert(sizeof(struct gpt_entry) == GPT_ENTRY_BYTES, "UEFI 2.10, 5.3.3");

struct disk {
	struct partition_table *table;
	uint64_t capacity;
	partition_reader *read;
	void *context;
};

static uint32_t number_at(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* CRC-32 of ISO 3309, bit by bit: a table is read once. `sum` is that of what came before. */
static uint32_t checksum(uint32_t sum, const void *data, size_t bytes)
{
	const uint8_t *at = data;

	sum = ~sum;
	for (size_t i = 0; i < bytes; i++) {
		sum ^= at[i];
		for (unsigned int bit = 0; bit < 8; bit++)
			sum = sum >> 1 ^ (sum & 1 ? 0xedb88320u : 0);
	}
	return ~sum;
}

/* Two partitions in one place would let their clients write over each other's data. */
static const char *partition_add(struct disk *disk, unsigned int index, uint64_t first,
				 uint64_t sectors)
{
	struct partition *partition = disk->table->partition;

	if (!sectors || first >= disk->capacity || sectors > disk->capacity - first)
		return "a partition does not lie on the disk";
	for (unsigned int i = 0; i < PARTITIONS; i++)
		if (partition[i].sectors && first < partition[i].first + partition[i].sectors &&
		    partition[i].first < first + sectors)
			return "two partitions overlap";
	partition[index] = (struct partition){ first, sectors };
	return NULL;
}

static const char *mbr_add(struct disk *disk, unsigned int index, const struct mbr_entry *entry)
{
	if (entry->active & 0x7f)
		return "an MBR entry is neither active nor inactive";
	switch (entry->type) {
	case 0:
		return NULL;
	case 0x05:
	case 0x0f:
	case 0x85:
		return "extended partitions are not supported";
	default:
		if (!number_at(entry->first))
			return "a partition begins at the table";
		return partition_add(disk, index, number_at(entry->first),
				     number_at(entry->sectors));
	}
}

/* How the header says it is laid out. All of it lies before what partitions may use. */
static const char *gpt_layout(const struct disk *disk, const struct gpt_header *header)
{
	uint64_t bytes = (uint64_t)header->entry_count * GPT_ENTRY_BYTES;
	uint64_t sectors = (bytes + PARTITION_SECTOR - 1) / PARTITION_SECTOR;

	if (header->revision != 0x10000)
		return "a GPT of a revision that is not known";
	if (header->own != 1)
		return "the GPT header says that it lies elsewhere";
	if (header->entry_bytes != GPT_ENTRY_BYTES || header->entry_count > PARTITIONS)
		return "more or larger GPT entries than are supported";
	if (header->last_usable >= disk->capacity || header->first_usable > header->last_usable)
		return "the GPT is that of a larger disk";
	if (header->entries < 2 || header->entries >= header->first_usable ||
	    sectors > header->first_usable - header->entries)
		return "the GPT entries lie among the partitions";
	return NULL;
}

static const char *gpt_header_read(const struct disk *disk, struct gpt_header *header)
{
	uint8_t sector[PARTITION_SECTOR];
	static const uint8_t zeroes[4];

	if (disk->capacity < 2 || !disk->read(disk->context, 1, sector))
		return "the GPT header cannot be read";
	memcpy(header, sector, sizeof(*header));
	if (memcmp(header->signature, "EFI PART", sizeof(header->signature)))
		return "a protective MBR, and no GPT";
	if (header->bytes < GPT_HEADER_BYTES || header->bytes > PARTITION_SECTOR)
		return "a GPT header of a size that cannot be";
	/* Its own place counts as zero. */
	memcpy(sector + offsetof(struct gpt_header, checksum), zeroes, sizeof(zeroes));
	if (checksum(0, sector, header->bytes) != header->checksum)
		return "the checksum of the GPT header is wrong";
	return gpt_layout(disk, header);
}

static const char *gpt_entry_add(struct disk *disk, const struct gpt_header *header,
				 unsigned int index, const struct gpt_entry *entry)
{
	static const uint8_t unused[16];

	if (!memcmp(entry->type, unused, sizeof(unused)))
		return NULL;
	if (entry->first < header->first_usable || entry->last > header->last_usable ||
	    entry->first > entry->last)
		return "a GPT partition lies outside what the header says can be used";
	return partition_add(disk, index, entry->first, entry->last - entry->first + 1);
}

/* The checksum comes last: until it fits, what was added is not used. */
static const char *gpt_read(struct disk *disk)
{
	struct gpt_entry entries[PARTITION_SECTOR / GPT_ENTRY_BYTES];
	const unsigned int in_sector = PARTITION_SECTOR / GPT_ENTRY_BYTES;
	struct gpt_header header;
	const char *problem = gpt_header_read(disk, &header);
	uint32_t sum = 0;

	for (unsigned int i = 0; !problem && i < header.entry_count; i++) {
		if (i % in_sector == 0 &&
		    !disk->read(disk->context, header.entries + i / in_sector, entries))
			return "the GPT entries cannot be read";
		sum = checksum(sum, &entries[i % in_sector], GPT_ENTRY_BYTES);
		problem = gpt_entry_add(disk, &header, i, &entries[i % in_sector]);
	}
	if (!problem && sum != header.entries_checksum)
		problem = "the checksum of the GPT entries is wrong";
	disk->table->gpt = true;
	return problem;
}

const char *partitions_read(struct partition_table *table, uint64_t capacity,
			    partition_reader *read, void *context)
{
	struct disk disk = { table, capacity, read, context };
	struct mbr_entry entries[MBR_PARTITIONS];
	uint8_t sector[PARTITION_SECTOR];
	unsigned int used = 0, protective = 0;
	const char *problem = NULL;

	memset(table, 0, sizeof(*table));
	if (!capacity || !read(context, 0, sector))
		return "the partition table cannot be read";
	if (sector[MBR_SIGNATURE] != 0x55 || sector[MBR_SIGNATURE + 1] != 0xaa)
		return "there is no partition table";
	memcpy(entries, sector + MBR_ENTRIES, sizeof(entries));
	for (unsigned int i = 0; i < MBR_PARTITIONS; i++) {
		used += entries[i].type != 0;
		protective += entries[i].type == MBR_PROTECTIVE;
	}
	/* Space that one table calls free may be in use by the other. */
	if (protective && used != 1)
		return "a GPT, and an MBR with partitions";
	if (protective)
		return gpt_read(&disk);
	for (unsigned int i = 0; !problem && i < MBR_PARTITIONS; i++)
		problem = mbr_add(&disk, i, &entries[i]);
	return problem;
}
