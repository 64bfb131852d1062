// SPDX-License-Identifier: MIT
/*
 * ELF images for components and guests: lib/formats/elf.c and lib/purlin/elf_load.c. What the
 * reader hands out lies in the image; the loader stays within the memory it allocated, and leaves
 * nothing on failure.
 */
#include "elf_image.h"

#include "lib/formats/elf.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/elf_load.h"
#include "runtime/memory.h"
#include "runtime/slots.h"

#define MOST_PAGES 0x4000 /* more than this the account does not have */
#define MEMORY_SLOT 20

static uint8_t *window;
static uint64_t memory_pages, mapped;
static bool attached, held;

purlin_s64 memory_new(purlin_u64 account, purlin_u64 pages, purlin_u64 flags, purlin_u64 *memory)
{
	(void)account;
	(void)flags;
	if (!pages)
		return PURLIN_BAD_ARGUMENT;
	if (pages > MOST_PAGES)
		return PURLIN_NO_MEMORY;
	memory_pages = pages;
	held = true;
	*memory = MEMORY_SLOT;
	return PURLIN_OK;
}

purlin_s64 memory_map(purlin_u64 memory, purlin_u64 offset_pages, purlin_u64 pages,
		      purlin_u64 rights, void **address)
{
	(void)rights;
	MUST(memory == MEMORY_SLOT && !offset_pages && pages == memory_pages && !attached);
	window = calloc(pages, PURLIN_PAGE_SIZE);
	attached = true;
	*address = window;
	return PURLIN_OK;
}

void memory_unmap(void *address)
{
	MUST(attached && address == window);
	free(window);
	attached = false;
}

purlin_s64 purlin_memory_map(purlin_u64 memory, purlin_u64 pd, purlin_u64 virtual_address,
			     purlin_u64 offset_pages, purlin_u64 pages, purlin_u64 rights)
{
	(void)pd;
	(void)rights;
	MUST(memory == MEMORY_SLOT && held && virtual_address % PURLIN_PAGE_SIZE == 0);
	if (!pages || offset_pages > memory_pages || pages > memory_pages - offset_pages)
		return PURLIN_BAD_ARGUMENT;
	/* What was copied is mapped: no page of the memory serves two segments. */
	MUST(offset_pages == mapped);
	mapped += pages;
	return virtual_address >> 47 ? PURLIN_BAD_ARGUMENT : PURLIN_OK;
}

purlin_s64 purlin_object_destroy(purlin_u64 object)
{
	MUST(object == MEMORY_SLOT && held);
	held = false;
	return PURLIN_OK;
}

void slot_delete(purlin_u64 slot)
{
	MUST(slot == MEMORY_SLOT && !held);
}

static void check_segments(const uint8_t *image, size_t bytes)
{
	struct elf_segment segment;
	unsigned int index = 0, last = 0;

	while (elf_segment(image, &index, &segment)) {
		const uint8_t *data = segment.data;

		MUST(index > last);
		last = index;
		MUST(data >= image && segment.file_bytes <= bytes &&
		     data + segment.file_bytes <= image + bytes);
		MUST(segment.file_bytes <= segment.memory_bytes && segment.memory_bytes);
		MUST(segment.virtual_address + segment.memory_bytes > segment.virtual_address);
		MUST(segment.physical_address + segment.memory_bytes > segment.physical_address);
	}
}

static void check_load(const uint8_t *image, size_t bytes)
{
	purlin_u64 memory = 0, entry = 0;
	purlin_s64 status;

	mapped = 0;
	status = elf_load(image, bytes, PURLIN_SLOT_ACCOUNT, PURLIN_SLOT_PD, &memory, &entry);
	MUST(!attached && held == !status);
	MUST(status || (memory == MEMORY_SLOT && mapped == memory_pages));
	held = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	uint8_t *image;
	purlin_u64 entry;
	size_t bytes;

	if (input_bit(&input)) {
		image = input_rest(&input, &bytes);
	} else {
		image = elf_image(&input, &bytes);
	}
	if (elf_check(image, bytes, &entry))
		check_segments(image, bytes);
	check_load(image, bytes);
	free(image);
	return 0;
}
