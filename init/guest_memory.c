/* SPDX-License-Identifier: MIT */
/* A guest's RAM: the image at its physical addresses, initrd and device tree at the top. */
#include <string.h>

#include "arch.h"
#include "boot_data.h"
#include "guest.h"
#include "lib/formats/elf.h"
#include "purlin/calls.h"
#include "report.h"
#include "runtime/memory.h"
#include "runtime/slots.h"

#define LARGE_PAGE (2 * MIB)
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
	purlin_s64 status = memory_map(guest->ram, first, pages, READ_WRITE, &start);

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
	/* Where the image says, not where there is room: a vanilla link has one place. */
	while (!status && elf_segment(image, &index, &segment)) {
		purlin_u64 end = segment.physical_address + segment.memory_bytes;

		if (end > guest->ram_end)
			return PURLIN_NO_MEMORY;
		if (end > guest->image_end)
			guest->image_end = end;
		status = copy_to_guest(guest, segment.physical_address, segment.data,
				       segment.file_bytes);
	}
	return status;
}

/*
 * Below the device tree, which takes the top of RAM: then only the image has to be kept clear of,
 * whatever the size of each. Without an initrd the tree alone must fit.
 */
static purlin_s64 load_initrd(struct new_guest *guest)
{
	const void *data = NULL;
	size_t bytes = 0;
	purlin_u64 start;

	guest->tree = guest->ram_end - GUEST_TREE_BYTES;
	if (guest->wanted->initrd && !boot_module(guest->wanted->initrd, &data, &bytes))
		return PURLIN_NO_DEVICE;
	start = bytes <= guest->tree ? page_down(guest->tree - bytes) : 0;
	/* Compared as rounded down: its first page must not be the image's last. */
	if (start < guest->image_end) {
		report(guest->component, "%lu MiB are too little for kernel and initrd",
		       guest->ram_end / MIB);
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
	struct component *component = guest->component;
	/* In one piece, so that one bus address tells devices where all of it is; below 4 GiB,
	 * because some devices can address no more. */
	const purlin_u64 flags = PURLIN_MEMORY_CONTIGUOUS | PURLIN_MEMORY_BELOW_4G;
	purlin_u64 pages = guest->wanted->memory / PURLIN_PAGE_SIZE;
	purlin_s64 status = memory_new(component->account, pages, flags, &component->memory);

	if (status)
		return status;
	guest->ram = component->memory;
	guest->ram_end = guest->wanted->memory;
	guest->memory_end = guest->ram_end;
	/* Executable, too: the guest decides which pages are, in its own tables. */
	status = purlin_guest_attach(component->pd, 0, guest->ram, 0, pages,
				     READ_WRITE | PURLIN_MAP_EXECUTE);
	if (!status)
		status = load_image(guest);
	if (!status)
		status = load_initrd(guest);
	return status;
}

/*
 * Both windows show the same memory. Linux expects them from its first instruction on, before it
 * can map anything itself. The second ends with the image: what follows there is for Linux to map.
 */
purlin_s64 guest_map_kernel(struct new_guest *guest)
{
	purlin_u64 image_bytes = (guest->image_end + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1);
	purlin_s64 status = purlin_guest_map(guest->component->pd, arch_guest_linear_map, 0,
					     guest->ram_end / PURLIN_PAGE_SIZE, READ_WRITE);

	if (image_bytes > guest->ram_end)
		image_bytes = guest->ram_end;
	if (!status)
		status = purlin_guest_map(guest->component->pd, arch_guest_image_map, 0,
					  image_bytes / PURLIN_PAGE_SIZE,
					  READ_WRITE | PURLIN_MAP_EXECUTE);
	return status;
}
