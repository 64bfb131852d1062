/* SPDX-License-Identifier: MIT */
/* Memory objects in the component's own address space. */
#ifndef RUNTIME_MEMORY_H
#define RUNTIME_MEMORY_H

#include "purlin/types.h"

#define PAGES_OF(bytes) (((bytes) + PURLIN_PAGE_SIZE - 1) / PURLIN_PAGE_SIZE)

/* Map pages of a memory object wherever there is room. rights: PURLIN_MAP_*. */
purlin_s64 memory_map(purlin_u64 memory, purlin_u64 offset_pages, purlin_u64 pages,
		      purlin_u64 rights, void **address);
/* Undo memory_map. */
void memory_unmap(void *address);

/* Create a memory object paid by `account` in a fresh slot. */
purlin_s64 memory_new(purlin_u64 account, purlin_u64 pages, purlin_u64 flags, purlin_u64 *memory);
/* The same, paid by the component and mapped for reading and writing. */
purlin_s64 memory_new_mapped(purlin_u64 pages, purlin_u64 flags, purlin_u64 *memory,
			     void **address);

#endif
