/* SPDX-License-Identifier: MIT */
/* Memory objects in the component's own address space. */
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/addresses.h"
#include "runtime/slots.h"

#define LARGE_PAGE 0x200000

purlin_s64 memory_map(purlin_u64 memory, purlin_u64 offset_pages, purlin_u64 pages,
		      purlin_u64 rights, void **address)
{
	/*
	 * So that the kernel can use large pages: memory of that size is aligned where it can be.
	 */
	purlin_u64 align = pages * PURLIN_PAGE_SIZE < LARGE_PAGE ? PURLIN_PAGE_SIZE : LARGE_PAGE;
	purlin_u64 start = addresses_reserve(pages, align);
	purlin_s64 status;

	if (!start)
		return PURLIN_NO_MEMORY;
	status = purlin_memory_map(memory, PURLIN_SLOT_PD, start, offset_pages, pages, rights);
	if (status)
		addresses_release(start);
	else
		*address = (void *)start;
	return status;
}

void memory_unmap(void *address)
{
	if (!address)
		return;
	purlin_memory_unmap(PURLIN_SLOT_PD, (purlin_u64)address);
	addresses_release((purlin_u64)address);
}
