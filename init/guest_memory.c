/* SPDX-License-Identifier: MIT */
/*
 * What lies in a guest's RAM: the image at its physical addresses, initrd and device tree at the
 * top of the first piece.
 */
#include <string.h>

#include "boot_data.h"
#include "guest.h"
#include "lib/formats/elf.h"
#include "purlin/calls.h"
#include "report.h"
#include "runtime/memory.h"
#include "runtime/slots.h"

#define READ_WRITE (PURLIN_MAP_READ | PURLIN_MAP_WRITE)

static purlin_u64 page_down(purlin_u64 address)
{
	return address & ~(purlin_u64)(PURLIN_PAGE_SIZE - 1);
}

purlin_s64 guest_ram_map(struct new_guest *guest, purlin_u64 address, purlin_u64 bytes,
			 void **mapped)
{
	purlin_u64 first = address / PURLIN_PAGE_SIZE;
	purlin_u64 pages = PAGES_OF(address + bytes) - first;
	void *start;
	purlin_s64 status =
		memory_map(guest->component->memory[0], first, pages, READ_WRITE, &start);

	if (!status)
		*mapped = (char *)start + address % PURLIN_PAGE_SIZE;
	return status;
}

static void guest_ram_unmap(void *mapped)
{
	memory_unmap((void *)page_down((purlin_u64)mapped));
}

/* Mapped for the copy only: init's own address space need not hold all guests. */
static purlin_s64 copy_to_guest(struct new_guest *guest, purlin_u64 address, const void *data,
				purlin_u64 bytes)
{
	void *mapped;
	purlin_s64 status;

	if (!bytes)
		return PURLIN_OK;
	status = guest_ram_map(guest, address, bytes, &mapped);
	if (status)
		return status;
	memcpy(mapped, data, bytes);
	guest_ram_unmap(mapped);
	return PURLIN_OK;
}

/* Fresh memory is zero: what a segment has beyond its file needs no clearing. */
static purlin_s64 load_image(struct new_guest *guest)
{
	struct elf_segment segment;
	unsigned int index = 0;
	const void *image;
	size_t bytes;
	purlin_s64 status = PURLIN_OK;

	if (!boot_module(guest->wanted->kernel, &image, &bytes))
		return PURLIN_NO_DEVICE;
	/* The image is data of the bundle, which nobody can change after the check. */
	if (!elf_check(image, bytes, &guest->entry)) {
		report(guest->component, "%s is not an ELF program for this machine",
		       guest->wanted->kernel);
		return PURLIN_BAD_ARGUMENT;
	}
	/*
	 * Segments go where the image says, not where there is room: a vanilla kernel is linked for
	 * one place.
	 */
	while (!status && elf_segment(image, &index, &segment)) {
		purlin_u64 end = segment.physical_address + segment.memory_bytes;

		if (end > guest->parts[0].bytes)
			return PURLIN_NO_MEMORY;
		/* Segments need not be in order. */
		if (end > guest->image_end)
			guest->image_end = end;
		status = copy_to_guest(guest, segment.physical_address, segment.data,
				       segment.file_bytes);
	}
	return status;
}

/*
 * The initrd goes below the device tree, which takes the top of RAM: so both have to keep clear of
 * the image only, whatever their sizes. Without an initrd the tree alone must fit.
 */
static purlin_s64 load_initrd(struct new_guest *guest)
{
	const void *data = NULL;
	size_t bytes = 0;
	purlin_u64 start;

	guest->tree = guest->parts[0].bytes - GUEST_TREE_BYTES;
	if (guest->wanted->initrd && !boot_module(guest->wanted->initrd, &data, &bytes))
		return PURLIN_NO_DEVICE;
	start = bytes <= guest->tree ? page_down(guest->tree - bytes) : 0;
	/* Compared as rounded down: its first page must not be the image's last. */
	if (start < guest->image_end) {
		report(guest->component, "%lu MiB are too little for kernel and initrd",
		       guest->parts[0].bytes / MIB);
		return PURLIN_NO_MEMORY;
	}
	if (!guest->wanted->initrd)
		return PURLIN_OK;
	guest->initrd.start = start;
	guest->initrd.end = start + bytes;
	return copy_to_guest(guest, start, data, bytes);
}

purlin_s64 guest_memory(struct new_guest *guest)
{
	purlin_s64 status = guest_ram(guest);

	guest->memory_end = guest->parts[0].bytes;
	if (!status)
		status = load_image(guest);
	return status ? status : load_initrd(guest);
}
