/* SPDX-License-Identifier: MIT */
/* Memory of tables, from the heap; a clock that runs when it is looked at. */
#include "fake_tables.h"

#include <stdlib.h>
#include <string.h>

#include "drivers/platform/acpi.h"
#include "drivers/platform/hardware.h"
#include "drivers/platform/table_memory.h"

unsigned int fake_table_pages, fake_table_most, fake_ioapics;

struct fake_table {
	struct table_memory memory;
	struct fake_table *next;
};

static struct fake_table *in_use;

struct table_memory *table_memory_new(unsigned int pages)
{
	struct fake_table *table;
	struct table_memory *memory;

	if (fake_table_most < pages)
		return NULL;
	table = calloc(1, sizeof(*table));
	table->next = in_use;
	in_use = table;
	memory = &table->memory;
	memory->words = aligned_alloc(TABLE_PAGE, pages * TABLE_PAGE);
	memset(memory->words, 0, pages * TABLE_PAGE);
	memory->physical = (uintptr_t)memory->words;
	memory->slot = pages;
	fake_table_pages += pages;
	fake_table_most -= pages;
	return memory;
}

void table_memory_free(struct table_memory *memory)
{
	struct fake_table **place = &in_use, *table;

	fake_table_pages -= (unsigned int)memory->slot;
	fake_table_most += (unsigned int)memory->slot;
	free(memory->words);
	while (&(*place)->memory != memory)
		place = &(*place)->next;
	table = *place;
	*place = table->next;
	free(table);
}

void fake_tables_clear(void)
{
	while (in_use)
		table_memory_free(&in_use->memory);
	fake_table_pages = 0;
	fake_ioapics = 2;
	fake_table_most = 100000;
}

void table_memory_flush(const volatile void *from, size_t bytes)
{
	(void)from;
	(void)bytes;
}

bool acpi_ioapics(struct acpi_ioapics *ioapics)
{
	ioapics->count = fake_ioapics;
	for (unsigned int i = 0; i < fake_ioapics; i++) {
		ioapics->ioapic[i].id = (uint8_t)(i + 1);
		ioapics->ioapic[i].gsi = 24 * i;
	}
	return fake_ioapics != 0;
}

uint64_t hardware_time_ns(void)
{
	static uint64_t time;

	return time += 10000000;
}
