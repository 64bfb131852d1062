/* SPDX-License-Identifier: MIT */
/* Mapping in two passes: the tables first, which may fail, then the entries, which cannot. */
#include "dma_tables.h"

#define ENTRIES 512u
#define ENTRY_ADDRESS 0x000ffffffffff000ull

static unsigned int index_of(uint64_t address, unsigned int level)
{
	return (unsigned int)(address >> (12 + 9 * (level - 1))) % ENTRIES;
}

static struct table_memory *add_table(struct dma_tables *tables)
{
	struct table_memory *table = tables->pages < tables->most ? table_memory_new(1) : NULL;

	if (!table)
		return NULL;
	for (unsigned int i = 0; i < ENTRIES; i++)
		table->words[i] = tables->format->absent;
	if (tables->incoherent)
		table_memory_flush(table->words, TABLE_PAGE);
	table->next = tables->memory;
	tables->memory = table;
	tables->pages++;
	return table;
}

/* Each entry changes at once: the IOMMU may read it at any moment. */
static void write_entries(struct dma_tables *tables, uint64_t *entry, uint64_t count,
			  uint64_t value, uint64_t step)
{
	for (uint64_t i = 0; i < count; i++)
		*(volatile uint64_t *)&entry[i] = value + i * step;
	if (tables->incoherent)
		table_memory_flush(entry, count * sizeof(*entry));
}

static struct table_memory *table_at(struct dma_tables *tables, uint64_t physical)
{
	struct table_memory *table = tables->memory;

	/*
	 * A search, since core does not place tables by their physical addresses. A domain has few.
	 */
	while (table->physical != physical)
		table = table->next;
	return table;
}

/* The entry of that level, on the way there new tables if wanted. NULL: no memory, or no table. */
static uint64_t *descend(struct dma_tables *tables, uint64_t address, unsigned int level,
			 bool create)
{
	struct table_memory *table = tables->root;

	for (unsigned int at = tables->levels; at > level; at--) {
		uint64_t *entry = &table->words[index_of(address, at)];

		if (*entry == tables->format->absent) {
			table = create ? add_table(tables) : NULL;
			if (!table)
				return NULL;
			write_entries(tables, entry, 1,
				      table->physical | tables->format->table |
					      tables->format->level * (at - 1),
				      0);
		} else {
			table = table_at(tables, *entry & ENTRY_ADDRESS);
		}
	}
	return &table->words[index_of(address, level)];
}

/* A piece of a mapping that one table holds: entries of level 1, or one of level 2. */
struct piece {
	uint64_t *entry; /* NULL: no memory */
	unsigned int level;
	uint64_t pages;
};

/* A table that earlier mappings left is used again, rather than taken away from under the IOMMU. */
static bool fits_large(struct dma_tables *tables, uint64_t address, uint64_t physical,
		       uint64_t pages)
{
	uint64_t *entry;

	if (!tables->large || tables->levels < 2 || pages < ENTRIES ||
	    (address | physical) % ((uint64_t)ENTRIES * TABLE_PAGE))
		return false;
	entry = descend(tables, address, 2, true);
	return entry && *entry == tables->format->absent;
}

static struct piece next_piece(struct dma_tables *tables, uint64_t address, uint64_t physical,
			       uint64_t pages)
{
	struct piece piece = { .level = 1 };
	uint64_t room = ENTRIES - index_of(address, 1);

	if (fits_large(tables, address, physical, pages)) {
		piece.level = 2;
		piece.pages = ENTRIES;
	} else {
		piece.pages = pages < room ? pages : room;
	}
	piece.entry = descend(tables, address, piece.level, true);
	return piece;
}

static void fill(struct dma_tables *tables, const struct piece *piece, uint64_t physical,
		 uint64_t bits)
{
	if (piece->level == 2)
		write_entries(tables, piece->entry, 1, physical | bits | tables->format->large, 0);
	else
		write_entries(tables, piece->entry, piece->pages, physical | bits, TABLE_PAGE);
}

purlin_s64 dma_tables_map(struct dma_tables *tables, uint64_t address, uint64_t physical,
			  uint64_t pages, bool writable)
{
	uint64_t bits =
		tables->format->read | (writable ? tables->format->write : 0) | tables->leaf_bits;
	struct piece piece;

	/*
	 * Tables first: if there is no memory for one, no entry was made that a device could have
	 * used, and none has to be flushed.
	 */
	for (uint64_t done = 0; done < pages; done += piece.pages) {
		piece = next_piece(tables, address + done * TABLE_PAGE,
				   physical + done * TABLE_PAGE, pages - done);
		if (!piece.entry)
			return PURLIN_NO_MEMORY;
	}
	for (uint64_t done = 0; done < pages; done += piece.pages) {
		piece = next_piece(tables, address + done * TABLE_PAGE,
				   physical + done * TABLE_PAGE, pages - done);
		fill(tables, &piece, physical + done * TABLE_PAGE, bits);
	}
	return PURLIN_OK;
}

/* An entry of level 2 that leads to memory. */
static bool is_large(const struct dma_tables *tables, const uint64_t *entry)
{
	return (*entry & tables->format->kind) == tables->format->large;
}

void dma_tables_unmap(struct dma_tables *tables, uint64_t address, uint64_t pages)
{
	unsigned int level = tables->levels > 1 ? 2 : 1;

	while (pages) {
		/* There is always an entry: only what was mapped is unmapped (dma_range.c). */
		uint64_t *entry = descend(tables, address, level, false);
		uint64_t room = ENTRIES - index_of(address, 1), count = pages < room ? pages : room;
		bool large = level == 2 && is_large(tables, entry);

		if (!large)
			entry = descend(tables, address, 1, false);
		/* The tables stay, empty: the unit may be walking through them at this moment. */
		write_entries(tables, entry, large ? 1 : count, tables->format->absent, 0);
		address += count * TABLE_PAGE;
		pages -= count;
	}
}

purlin_s64 dma_tables_start(struct dma_tables *tables)
{
	tables->root = add_table(tables);
	return tables->root ? PURLIN_OK : PURLIN_NO_MEMORY;
}

void dma_tables_end(struct dma_tables *tables)
{
	while (tables->memory) {
		struct table_memory *table = tables->memory;

		tables->memory = table->next;
		table_memory_free(table);
	}
	tables->root = NULL;
	tables->pages = 0;
}
