/* SPDX-License-Identifier: MIT */
/* Loading a program into a PD. */
#include <string.h>

#include "lib/formats/elf.h"
#include "purlin/calls.h"
#include "runtime/elf_load.h"
#include "runtime/memory.h"
#include "runtime/slots.h"

static purlin_u64 first_page(const struct elf_segment *segment)
{
	return segment->virtual_address / PURLIN_PAGE_SIZE;
}

static purlin_u64 page_count(const struct elf_segment *segment)
{
	return PAGES_OF(segment->virtual_address + segment->memory_bytes) - first_page(segment);
}

/*
 * 0: more than can be counted, as thousands of segments of half the address space have. A sum
 * that wrapped would make room for less than is copied.
 */
static purlin_u64 pages_of_all(const void *image)
{
	struct elf_segment segment;
	unsigned int index = 0;
	purlin_u64 pages = 0;

	while (elf_segment(image, &index, &segment))
		if (__builtin_add_overflow(pages, page_count(&segment), &pages))
			return 0;
	return pages;
}

/*
 * Copy the segment into its pages and map them into the PD. The memory is new, so what the file
 * does not fill is zero already.
 */
static purlin_s64 load_segment(const struct elf_segment *segment, purlin_u64 pd, purlin_u64 memory,
			       char *window, purlin_u64 page)
{
	purlin_u64 rights = segment->rights;

	memcpy(window + page * PURLIN_PAGE_SIZE + segment->virtual_address % PURLIN_PAGE_SIZE,
	       segment->data, segment->file_bytes);
	return purlin_memory_map(memory, pd, first_page(segment) * PURLIN_PAGE_SIZE, page,
				 page_count(segment), rights);
}

purlin_s64 elf_load(const void *image, size_t bytes, purlin_u64 account, purlin_u64 pd,
		    purlin_u64 *memory, purlin_u64 *entry)
{
	struct elf_segment segment;
	unsigned int index = 0;
	purlin_u64 pages, page = 0;
	void *window;
	purlin_s64 status;

	if (!elf_check(image, bytes, entry))
		return PURLIN_BAD_ARGUMENT;
	pages = pages_of_all(image);
	if (!pages)
		return PURLIN_BAD_ARGUMENT;
	status = memory_new(account, pages, 0, memory);
	if (status)
		return status;
	/*
	 * A window for the copy: the program itself gets each segment with its own rights only.
	 */
	status = memory_map(*memory, 0, pages, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &window);
	if (status)
		goto delete_memory;
	/* Segments follow each other in the memory object, each on pages of its own. */
	while (!status && elf_segment(image, &index, &segment)) {
		status = load_segment(&segment, pd, *memory, window, page);
		page += page_count(&segment);
	}
	memory_unmap(window);
	if (!status)
		return PURLIN_OK;
	/* This also unmaps what was mapped into the PD so far. */
delete_memory:
	purlin_object_destroy(*memory);
	slot_delete(*memory);
	return status;
}
