/* SPDX-License-Identifier: MIT */
/* Pinned pages of the platform's own. */
#include "table_memory.h"

#include <stdlib.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/arch/cache.h"
#include "runtime/memory.h"
#include "runtime/slots.h"

static void unmap(struct table_memory *memory)
{
	memory_unmap(memory->words);
	(void)purlin_object_destroy(memory->slot);
	slot_delete(memory->slot);
}

static purlin_s64 pin(struct table_memory *memory)
{
	purlin_u64 copy;
	purlin_s64 status = slot_copy(memory->slot, PURLIN_RIGHT_ALL, 0, &copy);

	if (!status)
		status = pin_take(&memory->pin, copy);
	memory->physical = memory->pin.physical;
	return status;
}

struct table_memory *table_memory_new(unsigned int pages)
{
	struct table_memory *memory = calloc(1, sizeof(*memory));
	void *address;

	if (!memory)
		return NULL;
	if (memory_new_mapped(pages, PURLIN_MEMORY_CONTIGUOUS, &memory->slot, &address)) {
		free(memory);
		return NULL;
	}
	/* Pinned in core: when this component dies, units go on reading its tables. */
	memory->words = address;
	if (pin(memory)) {
		table_memory_free(memory);
		return NULL;
	}
	return memory;
}

void table_memory_free(struct table_memory *memory)
{
	/* The pin last: until then the pages cannot become anybody else's. */
	unmap(memory);
	if (memory->pin.id)
		pin_release(&memory->pin);
	free(memory);
}

void table_memory_flush(const volatile void *from, size_t bytes)
{
	/* For units that read memory past the cache. It ends before they are told to look. */
	cache_flush((const void *)(uintptr_t)from, bytes);
}
